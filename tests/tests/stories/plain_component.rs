//! A component that was not made for toolcell, served without packing.

use serde_json::{Value, json};
use toolcell_tests::{Revision, Server, fixture};

fn shop() -> Server {
    Server::start(&fixture::plugin("shop", &fixture::component("plain")))
}

fn tools(server: &Server) -> Vec<Value> {
    let mut list = server.client(Revision::Modern).ask("tools/list", json!({}));
    let Value::Array(tools) = list["tools"].take() else { panic!("{list}") };
    tools
}

#[test]
fn its_functions_are_tools_under_the_names_of_the_wit() {
    let server = shop();
    let tools = tools(&server);
    let names: Vec<_> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["lookup", "take_out", "total_articles"], "the world's own function is one as well");
    for revision in Revision::ALL {
        let called = server.client(revision).call("total_articles", &json!({}));
        assert_eq!((called.is_error, called.text.as_deref()), (false, Some(r#"{"result":3}"#)));
    }
}

#[test]
fn its_types_are_schemas() {
    let server = shop();
    let tools = tools(&server);
    let take_out = &tools[1];
    assert_eq!(take_out["inputSchema"]["required"], json!(["sku", "amount"]));
    assert_eq!(take_out["inputSchema"]["properties"]["sku"]["type"], "string");
    assert!(take_out["inputSchema"]["properties"]["amount"].is_object());
    let article = &take_out["outputSchema"];
    assert_eq!(article["type"], "object", "{article}");
    let fields: Vec<_> = article["properties"].as_object().unwrap().keys().collect();
    assert_eq!(fields, ["sku", "amount", "unit", "expires_on"]);
    assert_eq!(article["properties"]["unit"]["enum"], json!(["piece", "kilogram", "litre"]), "{article}");
    assert_eq!(
        article["required"],
        json!(["sku", "amount", "unit", "expires_on"]),
        "results leave nothing out"
    );
}

#[test]
fn it_answers_on_every_revision() {
    let server = shop();
    for revision in Revision::ALL {
        let client = server.client(revision);
        let called = client.call("take_out", &json!({"sku": "milk", "amount": 2.5}));
        let article: Value = serde_json::from_str(called.text.as_deref().unwrap()).unwrap();
        assert_eq!((called.is_error, &article["amount"]), (false, &json!(5.5)), "{article}");
        assert_eq!((&article["unit"], &article["expires_on"]), (&json!("litre"), &json!("2026-12-01")));
        let whisk = client.call("lookup", &json!({"sku": "whisk"}));
        assert_eq!(
            whisk.text.as_deref(),
            Some(r#"{"result":{"sku":"whisk","amount":3.0,"unit":"piece","expires_on":null}}"#)
        );
        let called = client.call("take_out", &json!({"sku": "gold", "amount": 1}));
        assert_eq!(called.failure(), r#"{"unknown_article":"gold"}"#);
    }
}

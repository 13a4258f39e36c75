//! Results with content: blocks, structured content with them, and blocks that cannot be sent.

use serde_json::{Value, json};
use toolcell_tests::dynamic::{DynamicPlugin, dynamic_plugins};
use toolcell_tests::{Called, Revision, Server};

fn server() -> Server {
    let directory = tempfile::tempdir().unwrap();
    Server::start(&dynamic_plugins(directory.path(), &[DynamicPlugin::new("left")]))
}

fn link(server: &Server, revision: Revision, fault: &str) -> Value {
    let params = json!({"name": "left_link", "arguments": {"fault": fault}});
    server.client(revision).ask("tools/call", params)
}

#[test]
fn a_link_is_sent_to_clients_that_know_links_and_as_text_to_others() {
    let server = server();
    for revision in Revision::ALL {
        let result = link(&server, revision, "none");
        let block = &result["content"][0];
        if revision <= Revision::March2025 {
            assert_ne!(block["type"], "resource_link", "{block}");
            assert!(block.get("icons").is_none() && block.get("title").is_none(), "{block}");
            continue;
        }
        assert_eq!((&block["type"], &block["uri"]), (&json!("resource_link"), &json!("left:///item-0")));
        assert_eq!(block["_meta"]["ui"]["resourceUri"], "ui://dynamic/view", "{revision:?}");
        assert_eq!(block.get("icons").is_some(), revision != Revision::June2025, "{revision:?}");
        assert!(result.get("structuredContent").is_none(), "{result}");
    }
}

#[test]
fn structured_content_stands_beside_blocks() {
    let server = server();
    let client = server.client(Revision::Modern);
    let result = client.ask("tools/call", json!({"name": "left_explain", "arguments": {"value": 7}}));
    assert_eq!(result["structuredContent"], json!({"value": 7}));
    assert_eq!(result["content"][1]["text"], "the figure.");
    assert_eq!(client.call("left_explain", &json!({"value": 0})).failure(), "nothing to explain");
    let old = server.client(Revision::March2025);
    let result = old.ask("tools/call", json!({"name": "left_explain", "arguments": {"value": 7}}));
    assert!(result.get("structuredContent").is_none(), "{result}");
}

#[test]
fn content_that_cannot_be_sent_is_a_failure_without_internals() {
    let server = server();
    for revision in Revision::ERAS {
        for fault in ["bad_uri", "bad_meta", "bad_mime", "megabytes"] {
            let params = json!({"name": "left_link", "arguments": {"fault": fault}});
            let answer = server.client(revision).send("tools/call", params);
            let body = String::from_utf8(answer.body.clone()).unwrap();
            assert!(body.len() < 1000, "{fault}");
            for internal in ["a secret", "wasmtime", ".rs:", "content.rs"] {
                assert!(!body.contains(internal), "{fault}: {body}");
            }
            let json = answer.json();
            assert!(json.get("error").is_some() || Called::read(&json["result"]).is_error, "{fault}: {body}");
        }
        let block = &link(&server, revision, "none")["content"][0];
        assert_eq!(block["type"], "resource_link", "the server lives");
    }
}

#[test]
fn icons_that_no_client_may_load_are_left_out() {
    let server = server();
    let icons = |fault| link(&server, Revision::Modern, fault)["content"][0]["icons"].clone();
    let unsafe_ones = icons("unsafe_icon");
    assert_eq!(unsafe_ones.as_array().map(Vec::len), Some(1), "{unsafe_ones}");
    assert_eq!(unsafe_ones[0]["src"], "https://example.com/icon.png");
    assert_eq!(icons("many_icons").as_array().map(Vec::len), Some(1000));
}

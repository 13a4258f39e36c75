//! Tools that are known only at run time, and schemas written by hand.

use std::time::{Duration, Instant};

use serde_json::json;
use toolcell_tests::dynamic::{DynamicPlugin, SCHEMA, all, dynamic_plugins};
use toolcell_tests::{Client, Edge, Revision, Server, log};

/// Arguments with a spelling that no serializer produces.
const ARGUMENTS: &str = r#"{ "z":1.50,"a" : 1e2, "z2":"\u00e4\/", "big":12345678901234567890 }"#;

fn serve(plugins: &[DynamicPlugin]) -> Server {
    let directory = tempfile::tempdir().unwrap();
    Server::start(&dynamic_plugins(directory.path(), plugins))
}

fn both() -> Server {
    serve(&[DynamicPlugin::new("left"), DynamicPlugin::new("right")])
}

fn names(client: &Client) -> Vec<String> {
    all(client, "tools/list", "tools", "name")
}

/// Calls a tool with exactly these bytes as arguments.
fn call_raw(client: &Client, tool: &str) -> serde_json::Value {
    let mut request = client.call_request(tool, &json!({"here": 1}));
    let body = String::from_utf8(request.body).unwrap();
    request.body = body.replace(r#"{"here":1}"#, ARGUMENTS).into_bytes();
    request.send(client.address()).json()["result"].take()
}

#[test]
fn tools_of_plugins_follow_those_of_the_catalog_under_their_prefix() {
    let server = both();
    for revision in Revision::ALL {
        let names = names(&server.client(revision));
        let dynamic: Vec<_> =
            names.iter().filter(|name| name.contains("tool-")).map(String::as_str).collect();
        let expected =
            ["left_tool-0", "left_tool-1", "left_tool-2", "right_tool-0", "right_tool-1", "right_tool-2"];
        assert_eq!(dynamic, expected, "{revision:?}");
        assert!(names[..6].iter().all(|name| !name.contains("tool-")), "{names:?}");
        assert!(names.contains(&"right_echo_arguments".to_owned()), "{names:?}");
    }
}

#[test]
fn schemas_written_by_hand_reach_clients_byte_for_byte() {
    let server = both();
    for revision in Revision::ALL {
        let client = server.client(revision);
        let mut seen = 0;
        let mut params = json!({});
        loop {
            let answer = client.send("tools/list", params);
            let body = String::from_utf8(answer.body.clone()).unwrap();
            seen += body.matches(&format!(r#""inputSchema":{SCHEMA}"#)).count();
            match answer.json()["result"].get("nextCursor") {
                Some(cursor) => params = json!({ "cursor": cursor }),
                None => break,
            }
        }
        assert_eq!(seen, 2 + 6, "{revision:?}: echo_arguments and the dynamic tools of both");
    }
}

#[test]
fn arguments_reach_the_plugin_byte_for_byte() {
    let server = both();
    for revision in Revision::ALL {
        let client = server.client(revision);
        let echoed = call_raw(&client, "left_echo_arguments");
        assert_eq!(echoed["content"][0]["text"], ARGUMENTS, "{revision:?}");
        let dynamic = call_raw(&client, "right_tool-0");
        assert_eq!(dynamic["content"][0]["text"], "tool-0", "the prefix is taken off");
        assert_eq!(dynamic["content"][1]["text"], ARGUMENTS, "{revision:?}");
    }
}

#[test]
fn results_carry_what_the_plugin_says() {
    let server = both();
    let client = server.client(Revision::Modern);
    let call = |tool: &str| client.send("tools/call", json!({"name": tool, "arguments": {}}));
    let answer = call("left_tool-0");
    let body = String::from_utf8(answer.body.clone()).unwrap();
    assert!(body.contains(r#""structuredContent":{"length":1.50}"#), "{body}");
    assert!(body.contains(r#""took":1.50"#), "{body}");
    assert_eq!(call("left_tool-1").json()["result"]["isError"], true);
    let (_, code, message) = call("left_tool-9").refusal();
    assert_eq!((code, &*message), (-32602, "unknown tool 'left_tool-9'"));
    for hostile in ["left_tool-2", "left_tool-trap"] {
        let body = String::from_utf8(call(hostile).body).unwrap();
        assert!(!body.contains("a secret") && !body.contains(".rs:"), "{hostile}: {body}");
        assert!(body.contains("error") || body.contains(r#""isError":true"#), "{hostile}: {body}");
    }
    assert_eq!(call("left_tool-0").status, 200, "the server lives");
}

#[test]
fn meta_of_tools_passes_through() {
    let server = both();
    let page = server.client(Revision::Modern).ask("tools/list", json!({}));
    let meta = |name: &str| {
        let tool = page["tools"].as_array().unwrap().iter().find(|tool| tool["name"] == name);
        tool.unwrap_or_else(|| panic!("no {name}: {page}"))["_meta"].clone()
    };
    let ui = json!({"resourceUri": "ui://dynamic/view"});
    assert_eq!(meta("left_echo_arguments")["ui"], ui);
    assert_eq!(meta("left_tool-0"), json!({"ui": ui}), "a tool of run time has no digest of its definition");
}

#[test]
fn a_tool_that_breaks_a_rule_is_left_out_alone_and_the_log_says_why() {
    log::capture();
    for (fault, expected) in [
        ("bad_text", "text without control, bidirectional or invisible characters"),
        ("long_text", "at most 8192 characters"),
        ("shadow", "a name that nothing else on the server has"),
        ("twice", "a name that the plugin lists once"),
    ] {
        let server = serve(&[DynamicPlugin { fault, ..DynamicPlugin::new("bad") }]);
        for revision in Revision::ERAS {
            let client = server.client(revision);
            let names = names(&client);
            let dynamic: Vec<_> = names.iter().filter(|name| name.contains("tool-")).collect();
            assert_eq!(dynamic, ["bad_tool-0", "bad_tool-2"], "{fault} {revision:?}");
            assert_eq!(names.iter().filter(|name| *name == "bad_link").count(), 1, "{fault}: {names:?}");
        }
        // Lambda's log is that of another process.
        if Edge::chosen() == Edge::Serve {
            let lines = log::lines("items that cannot be sent are left out");
            let mut lines = lines.iter().filter(|line| line["expected"] == expected);
            let line = lines.next().unwrap_or_else(|| panic!("{fault}"));
            assert_eq!((&line["plugin"], &line["list"]), (&json!("bad"), &json!("tools")), "{line}");
            assert!(!line.to_string().contains("a secret"), "{line}");
        }
    }
}

#[test]
fn a_tool_of_the_catalog_is_called_by_its_name_whatever_a_plugin_lists() {
    let server = serve(&[DynamicPlugin { fault: "shadow", ..DynamicPlugin::new("bad") }]);
    let called = server
        .client(Revision::Modern)
        .ask("tools/call", json!({"name": "bad_link", "arguments": {"fault": "none"}}));
    assert_eq!(called["content"][0]["type"], "resource_link", "{called}");
}

#[test]
fn a_slow_plugin_does_not_keep_the_list_from_everybody() {
    let deadline = Duration::from_secs(12);
    let slow = |name| DynamicPlugin {
        fault: "slow",
        more: "limits.deadline = \"12 s\"",
        ..DynamicPlugin::new(name)
    };
    let server = serve(&[slow("a"), slow("b"), DynamicPlugin::new("good")]);
    let client = server.client(Revision::Modern);
    for (method, member, key, good) in [
        ("tools/list", "tools", "name", ["good_tool-0", "good_tool-1", "good_tool-2"]),
        ("resources/list", "resources", "uri", ["good:///item-0", "good:///item-1", "good:///item-2"]),
    ] {
        let start = Instant::now();
        let items = all(&client, method, member, key);
        assert!(start.elapsed() < deadline, "two slow plugins took {:?}", start.elapsed());
        assert!(good.iter().all(|name| items.contains(&(*name).to_owned())), "{method}: {items:?}");
    }
}

#[test]
fn a_list_whose_cursor_always_changes_ends() {
    let server =
        serve(&[DynamicPlugin { fault: "endless", ..DynamicPlugin::new("bad") }, DynamicPlugin::new("good")]);
    let client = server.client(Revision::Modern);
    let (mut count, mut last, mut params) = (0, String::new(), json!({}));
    loop {
        let page = client.ask("prompts/list", params);
        let prompts = page["prompts"].as_array().unwrap();
        count += prompts.len();
        last = prompts.last().map_or(last, |prompt| prompt["name"].as_str().unwrap().to_owned());
        let Some(cursor) = page.get("nextCursor") else { break };
        assert!(count < 1000, "it does not end");
        params = json!({ "cursor": cursor });
    }
    assert_eq!((count, last.as_str()), (200 + 3, "good_prompt-2"));
}

#[test]
fn a_plugin_that_fails_does_not_take_the_others_tools_down() {
    for fault in ["trap", "error", "bad_name", "bad_schema"] {
        let server =
            serve(&[DynamicPlugin { fault, ..DynamicPlugin::new("bad") }, DynamicPlugin::new("good")]);
        let names = names(&server.client(Revision::Modern));
        let dynamic: Vec<_> = names.iter().filter(|name| name.contains("tool-")).collect();
        assert_eq!(dynamic, ["good_tool-0", "good_tool-1", "good_tool-2"], "{fault}");
        assert!(names.contains(&"bad_link".to_owned()), "what the catalog holds stays: {names:?}");
    }
}

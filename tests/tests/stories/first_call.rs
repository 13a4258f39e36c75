//! The sample plugins, listed and called in every revision.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use toolcell_tests::{Called, Client, DONE, Revision, Server, fixture};

fn samples() -> Server {
    let plugins = ["text", "gallery", "primes", "files"];
    let tables = plugins.map(|name| fixture::plugin(name, &fixture::sample(name)));
    let data = fixture::root().join("plugins/files/sample-data").display().to_string();
    let grant = format!("[[plugins.files.grants.directories]]\nhost = {data:?}\nguest = \"/data\"\n");
    Server::start(&(tables.concat() + &grant))
}

fn tools(client: &Client) -> BTreeMap<String, Value> {
    let list = client.ask("tools/list", json!({}));
    let tools = list["tools"].as_array().unwrap_or_else(|| panic!("{list}"));
    tools.iter().map(|tool| (tool["name"].as_str().unwrap().to_owned(), tool.clone())).collect()
}

#[test]
fn every_revision_lists_the_same_tools_with_the_schemas_that_it_knows() {
    let server = samples();
    let names = |revision| tools(&server.client(revision)).into_keys().collect::<Vec<_>>();
    let modern = names(Revision::Modern);
    for name in ["count_text", "make_slug", "copy_integers", "count_primes", "list_directory"] {
        assert!(modern.iter().any(|other| other == name), "{name} is not among {modern:?}");
    }
    for revision in Revision::ALL {
        assert_eq!(names(revision), modern, "{revision:?}");
        let tool = tools(&server.client(revision)).remove("count_text").unwrap();
        assert_eq!(tool["inputSchema"]["type"], "object", "{tool}");
        assert_eq!(tool["inputSchema"]["properties"]["text"]["type"], "string", "{tool}");
        assert!(tool["description"].as_str().unwrap().starts_with("Counts the characters"), "{tool}");
        let has_output = tool.get("outputSchema").is_some();
        assert_eq!(has_output, revision >= Revision::June2025, "{revision:?}: {tool}");
    }
}

#[test]
fn only_the_modern_list_says_how_long_it_may_be_kept() {
    let server = samples();
    for revision in Revision::ALL {
        let list = server.client(revision).ask("tools/list", json!({}));
        let is_modern = revision == Revision::Modern;
        for (key, value) in [("ttlMs", json!(300_000)), ("cacheScope", json!("public"))] {
            assert_eq!(list.get(key), Some(&value).filter(|_| is_modern), "{revision:?}: {key}");
        }
        assert_eq!(list["resultType"] == "complete", is_modern, "{revision:?}");
    }
}

#[test]
fn a_record_comes_as_text_and_as_structured_content() {
    let server = samples();
    for revision in Revision::ALL {
        let called = server.client(revision).call("count_text", &json!({"text": "Grüße aus Köln"}));
        assert!(!called.is_error);
        let text: Value = serde_json::from_str(called.text.as_deref().unwrap()).unwrap();
        assert_eq!(
            (&text["words"], &text["characters"], &text["utf8_bytes"]),
            (&json!(3), &json!(14), &json!(17))
        );
        let expected = Some(text).filter(|_| revision >= Revision::June2025);
        assert_eq!(called.structured, expected, "{revision:?}");
    }
}

#[test]
fn a_string_comes_as_plain_text_alone() {
    let server = samples();
    for revision in Revision::ALL {
        let called = server.client(revision).call("greet", &json!({"name": "Ada"}));
        let text = called.text.as_deref().unwrap();
        assert!(text.contains("Ada") && !text.starts_with('"'), "{text}");
        assert_eq!((called.is_error, &called.structured), (false, &None), "{revision:?}");
    }
}

#[test]
fn a_tool_without_a_result_says_that_it_is_done() {
    let server = samples();
    let done = Called { is_error: false, text: Some(DONE.to_owned()), structured: None };
    for revision in Revision::ALL {
        let called = server.client(revision).call("do_nothing", &json!({}));
        assert_eq!(called, done, "{revision:?}");
    }
}

#[test]
fn arguments_may_be_absent_where_there_are_no_parameters() {
    let server = samples();
    for revision in Revision::ALL {
        let result = server.client(revision).ask("tools/call", json!({"name": "do_nothing"}));
        assert!(!Called::read(&result).is_error, "{revision:?}");
    }
}

#[test]
fn what_a_tool_calls_an_error_is_an_error_of_the_result() {
    let server = samples();
    for revision in Revision::ALL {
        let client = server.client(revision);
        for (tool, arguments, part) in [
            ("fail_with_text", json!({"fail": true}), ""),
            ("fail_with_record", json!({"fail": true}), "\"rule\":"),
            ("fail_with_variant", json!({"grams": 2_100}), "100"),
            ("fail_with_enum", json!({"fail": true}), "high"),
            ("fail_without_reason", json!({"fail": true}), "the tool reported an error"),
            ("fail_by_mistake", json!({"index": 3}), "the tool crashed: an unexpected error ended it"),
        ] {
            let called = client.call(tool, &arguments);
            assert!(called.failure().contains(part), "{revision:?} {tool}: {called:?}");
        }
    }
}

#[test]
fn a_wrong_argument_is_explained_so_that_a_model_can_correct_it() {
    let server = samples();
    for revision in Revision::ALL {
        let client = server.client(revision);
        let called = client.call("make_slug", &json!({"text": 5, "max_length": 10}));
        assert_eq!(called.failure(), "arguments.text: expected a string, found 5", "{revision:?}");
        let called = client.call("make_slug", &json!({"max_length": 10}));
        assert!(called.failure().contains("text"), "{called:?}");
    }
}

#[test]
fn an_unknown_tool_is_an_error_of_the_protocol() {
    let server = samples();
    for revision in Revision::ALL {
        let answer = server.client(revision).call_request("no_such_tool", &json!({})).send(server.address());
        assert_eq!(answer.refusal(), (200, -32602, "unknown tool 'no_such_tool'".to_owned()), "{revision:?}");
        assert_eq!(answer.json()["id"], 1);
    }
}

#[test]
fn every_revision_is_told_who_the_server_is() {
    let server = samples();
    let discovered = server.client(Revision::Modern).ask("server/discover", json!({}));
    assert_eq!(discovered["supportedVersions"], json!(["2026-07-28"]));
    assert!(discovered["capabilities"]["tools"].is_object(), "{discovered}");
    for revision in Revision::ALL.into_iter().filter(|revision| *revision != Revision::Modern) {
        let hello = json!({
            "protocolVersion": revision.name(), "capabilities": {}, "clientInfo": {"name": "story", "version": "1"}
        });
        let answer = server.client(revision).send("initialize", hello);
        assert!(!answer.headers.contains_key("mcp-session-id"), "sessionless");
        let result = &answer.json()["result"];
        assert_eq!(result["protocolVersion"], revision.name());
        assert_eq!(
            result["serverInfo"]["name"],
            discovered["_meta"]["io.modelcontextprotocol/serverInfo"]["name"]
        );
    }
}

#[test]
fn an_answer_is_json_on_one_line() {
    let server = samples();
    for revision in Revision::ALL {
        let arguments = json!({"text": "one\ntwo\r\nthree\u{2028}four"});
        let answer = server.client(revision).call_request("count_text", &arguments).send(server.address());
        assert_eq!(answer.headers["content-type"], "application/json");
        assert!(!answer.body.contains(&b'\n'), "{revision:?}");
    }
}

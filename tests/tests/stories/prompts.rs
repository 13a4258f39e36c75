//! Prompts that are known only at run time, and completion of their arguments.

use serde_json::{Value, json};
use toolcell_tests::dynamic::{DynamicPlugin, all, dynamic_plugins};
use toolcell_tests::{Client, Revision, Server};

fn server() -> Server {
    let directory = tempfile::tempdir().unwrap();
    Server::start(&dynamic_plugins(
        directory.path(),
        &[DynamicPlugin::new("left"), DynamicPlugin::new("right")],
    ))
}

fn get(name: &str, arguments: Value) -> Value {
    json!({"name": name, "arguments": arguments})
}

fn complete(client: &Client, reference: Value, value: &str) -> toolcell_tests::http::Response {
    let argument = json!({"name": "word", "value": value});
    let context = json!({"arguments": {"a": "b"}});
    client.send("completion/complete", json!({"ref": reference, "argument": argument, "context": context}))
}

#[test]
fn the_prefix_is_put_before_names_in_lists_and_taken_off_again() {
    let server = server();
    for revision in Revision::ALL {
        let client = server.client(revision);
        let names: Vec<_> = ["left", "right"]
            .iter()
            .flat_map(|plugin| (0..3).map(move |number| format!("{plugin}_prompt-{number}")))
            .collect();
        assert_eq!(all(&client, "prompts/list", "prompts", "name"), names, "{revision:?}");
        let prompt = client.ask("prompts/get", get("right_prompt-1", json!({"word": "w"})));
        assert_eq!(prompt["messages"][0]["content"]["text"], r#"prompt-1 [("word", "w")]"#);
    }
}

#[test]
fn a_prompt_that_cannot_be_made_says_why() {
    let server = server();
    for revision in Revision::ERAS {
        let client = server.client(revision);
        let word = json!({"word": "w"});
        for (name, arguments, code, text) in [
            ("left_prompt-9", word.clone(), -32602, "unknown prompt 'left_prompt-9'"),
            ("prompt-0", word.clone(), -32602, "unknown prompt 'prompt-0'"),
            ("left_prompt-0", json!({}), -32602, "word is missing"),
            ("left_prompt-2", word, -32603, "the plugin broke"),
        ] {
            let (status, found, message) = client.send("prompts/get", get(name, arguments)).refusal();
            assert_eq!((status, found, &*message), (200, code, text), "{revision:?} {name}");
        }
    }
}

#[test]
fn proposals_come_from_the_plugin_of_the_prompt_or_the_template() {
    let server = server();
    for revision in Revision::ALL {
        let client = server.client(revision);
        let prompt = json!({"type": "ref/prompt", "name": "right_prompt-0"});
        let template = json!({"type": "ref/resource", "uri": "left:///0/{name}"});
        let proposed = |reference: &Value, value: &str| {
            complete(&client, reference.clone(), value).json()["result"]["completion"].take()
        };
        let value = proposed(&prompt, "w")["values"][0].as_str().unwrap().to_owned();
        assert_eq!(value, r#"Reference::Prompt("prompt-0") word w [("a", "b")]"#);
        let value = proposed(&template, "w")["values"][0].as_str().unwrap().to_owned();
        assert!(value.starts_with(r#"Reference::Template("left:///0/{name}")"#), "{value}");
        let many = proposed(&prompt, "many");
        assert_eq!(many["values"].as_array().map(Vec::len), Some(100), "at most 100 are sent");
        assert_eq!((&many["total"], &many["hasMore"]), (&json!(150), &json!(true)));
    }
}

#[test]
fn proposals_that_fail_tell_no_internals() {
    let server = server();
    for revision in Revision::ERAS {
        let client = server.client(revision);
        let prompt = json!({"type": "ref/prompt", "name": "left_prompt-0"});
        let failed = complete(&client, prompt.clone(), "fail").refusal();
        assert_eq!((failed.1, &*failed.2), (-32603, "nothing comes to mind"));
        let (_, code, message) = complete(&client, prompt, "trap").refusal();
        assert_eq!(code, -32603);
        assert!(!message.contains("a secret") && !message.contains(".rs"), "{message}");
        let unknown = json!({"type": "ref/prompt", "name": "unknown"});
        assert_eq!(complete(&client, unknown, "w").refusal().1, -32602);
    }
}

//! Arguments as clients and models write them: plain schemas, and values that come as strings.

use std::fs;

use serde_json::{Value, json};
use toolcell_tests::{Revision, Server, fixture};

fn gallery() -> Server {
    Server::start(&fixture::plugin("gallery", &fixture::sample("gallery")))
}

/// Visits a schema and all schemas in it.
fn visit(schema: &Value, path: &str, check: &mut dyn FnMut(&Value, &str)) {
    check(schema, path);
    for keyword in ["properties", "anyOf", "prefixItems"] {
        let inner: Vec<(String, &Value)> = match &schema[keyword] {
            Value::Object(members) => members.iter().map(|(name, one)| (name.clone(), one)).collect(),
            Value::Array(items) => items.iter().enumerate().map(|(at, one)| (at.to_string(), one)).collect(),
            _ => Vec::new(),
        };
        for (name, one) in inner {
            visit(one, &format!("{path}.{keyword}.{name}"), check);
        }
    }
    if schema["items"].is_object() {
        visit(&schema["items"], &format!("{path}.items"), check);
    }
}

#[test]
fn input_schemas_of_all_types_have_forms_that_every_client_takes() {
    let server = gallery();
    for revision in Revision::ALL {
        let list = server.client(revision).ask("tools/list", json!({}));
        for tool in list["tools"].as_array().unwrap() {
            let name = tool["name"].as_str().unwrap();
            visit(&tool["inputSchema"], name, &mut |schema, path| {
                assert!(schema["type"].is_string() || schema["anyOf"].is_array(), "{path}: {schema}");
                assert!(schema["type"] != "array" || schema["items"].is_object(), "{path}: {schema}");
                for keyword in ["uniqueItems", "contentEncoding", "oneOf", "allOf", "$ref", "not", "const"] {
                    assert_eq!(schema.get(keyword), None, "{path}: {schema}");
                }
                assert!(!schema["pattern"].as_str().unwrap_or_default().contains("(?"), "{path}: {schema}");
                assert!(schema["type"] != "object" || schema["additionalProperties"] == false, "{path}");
            });
        }
    }
}

#[test]
fn an_option_a_float_and_a_wide_integer_keep_their_type() {
    let list = gallery().client(Revision::Modern).ask("tools/list", json!({}));
    let property = |tool: &str, name: &str| {
        let tool = list["tools"].as_array().unwrap().iter().find(|one| one["name"] == tool).unwrap();
        (tool["inputSchema"]["properties"][name].clone(), tool["inputSchema"]["required"].clone())
    };
    let (text, required) = property("first_word", "text");
    assert_eq!((&text["type"], &required), (&json!("string"), &Value::Null));
    let (double, _) = property("halve_numbers", "double");
    assert_eq!(double["type"], "number");
    assert!(double["description"].as_str().unwrap().contains("\"NaN\""), "{double}");
    let (wide, _) = property("add_large_numbers", "a");
    assert_eq!((&wide["type"], &wide["maximum"]), (&json!("integer"), &json!(9_007_199_254_740_991_u64)));
    assert!(wide["description"].as_str().unwrap().contains("\"18446744073709551615\""), "{wide}");
    let (bytes, _) = property("reverse_bytes", "data");
    assert!(bytes["description"].as_str().unwrap().contains("base64"), "{bytes}");
    let (letter, _) = property("next_character", "letter");
    assert!(letter["description"].as_str().unwrap().contains("exactly one character"), "{letter}");
    let (pair, _) = property("swap_pair", "pair");
    let words = "An array of 2 items: a string; an integer from 0 to 4294967295.";
    assert!(pair["description"].as_str().unwrap().ends_with(words), "{pair}");
}

#[test]
fn numbers_and_booleans_that_come_as_strings_are_what_they_say() {
    let server = gallery();
    for revision in Revision::ALL {
        let client = server.client(revision);
        for (tool, plain, texts) in [
            ("toggle_switch", json!({"on": true}), json!({"on": "true"})),
            ("add_large_numbers", json!({"a": 1, "b": 2}), json!({"a": "1", "b": "2"})),
            ("halve_numbers", json!({"single": 1.5, "double": -3}), json!({"single": "1.5", "double": "-3"})),
            ("swap_pair", json!({"pair": ["a", 7]}), json!({"pair": ["a", "7"]})),
            ("fail_with_variant", json!({"grams": 2001}), json!({"grams": "2001"})),
        ] {
            let [plain, texts] = [plain, texts].map(|arguments| client.call(tool, &arguments));
            assert_eq!((&plain.text, plain.is_error), (&texts.text, texts.is_error), "{tool}");
            assert!(plain.text.is_some(), "{tool}");
        }
        for (arguments, found) in [
            (json!({"grams": "02001"}), "\"02001\""),
            (json!({"grams": "-1"}), "\"-1\""),
            (json!({"grams": "2001.0"}), "\"2001.0\""),
            (json!({"grams": "2001 g"}), "\"2001 g\""),
        ] {
            let refused = client.call("fail_with_variant", &arguments);
            let expected = "arguments.grams: expected an integer from 0 to 4294967295, found ";
            assert_eq!(refused.failure(), format!("{expected}{found}"));
        }
        for on in ["TRUE", "1", " true", "yes"] {
            let refused = client.call("toggle_switch", &json!({ "on": on }));
            assert_eq!(refused.failure(), format!("arguments.on: expected true or false, found {on:?}"));
        }
    }
}

#[test]
fn null_and_absence_of_an_option_are_the_same() {
    let server = gallery();
    for revision in Revision::ALL {
        let client = server.client(revision);
        let [absent, null] = [json!({}), json!({"text": null})].map(|it| client.call("first_word", &it));
        assert_eq!((absent.text, absent.is_error), (null.text, null.is_error), "{revision:?}");
    }
}

#[test]
fn json_inside_a_string_is_refused_with_the_form_to_send() {
    let server = gallery();
    let client = server.client(Revision::Modern);
    let list = client.call("reverse_list", &json!({"items": "[\"a\",\"b\"]"}));
    let expected = "arguments.items: expected an array of at most 100 items, \
                    found JSON inside a string: send [\"a\",\"b\"], not \"[\\\"a\\\",\\\"b\\\"]\"";
    assert_eq!(list.failure(), expected);
    let record = client.call("move_point", &json!({"start": "{\"x\":1,\"y\":2}", "by": {"x": 0, "y": 0}}));
    assert!(record.failure().contains("send {\"x\":1,\"y\":2}, not "), "{record:?}");
}

/// Serves the gallery with a header that mirrors a number, and one that mirrors a text.
fn mirroring() -> Server {
    let directory = tempfile::tempdir().unwrap();
    fixture::sample("gallery");
    let plugins = fixture::root().join("plugins");
    let manifest = format!(
        "name = \"gallery\"\nversion = \"0.1.0\"\ncomponent = {:?}\nwit = {:?}\n\
         [tools.fail-with-variant]\nparameters.grams.header = \"Grams\"\n\
         [tools.greet]\nparameters.name.header = \"Name\"\n",
        plugins.join("target/wasm32-wasip2/release/gallery.wasm").display().to_string(),
        plugins.join("gallery/wit").display().to_string()
    );
    fs::write(directory.path().join("plugin.toml"), manifest).unwrap();
    Server::start(&fixture::plugin("gallery", directory.path()))
}

#[test]
fn a_mirrored_header_is_compared_with_what_the_tool_gets() {
    let server = mirroring();
    let client = server.client(Revision::Modern);
    let status = |tool: &str, arguments: Value, header: &str, value: &str| {
        let request = client.call_request(tool, &arguments).header(header, value);
        request.send(server.address()).status
    };
    for grams in [json!(2001), json!("2001"), json!(2001.0)] {
        for value in ["2001", "2001.0", "2.001e3"] {
            let sent = status("fail_with_variant", json!({"grams": grams}), "mcp-param-grams", value);
            assert_eq!(sent, 200, "{grams} {value}");
        }
        for value in ["2002", "02001", "\"2001\""] {
            let sent = status("fail_with_variant", json!({"grams": grams}), "mcp-param-grams", value);
            assert_eq!(sent, 400, "{grams} {value}");
        }
    }
    for (value, expected) in [("2001", 200), ("2001.0", 400)] {
        let sent = status("greet", json!({"name": "2001"}), "mcp-param-name", value);
        assert_eq!(sent, expected, "a text is no number: {value}");
    }
}

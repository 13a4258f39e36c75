//! Items that are left out of a page, each alone, because a text of theirs misleads its reader or is too large.

use serde_json::{Value, json};

use super::*;
use crate::text::{DESCRIPTION_CHARS, RESOURCE_NAME_CHARS, TITLE_CHARS, schema};

const OBJECT: &str = r#"{"type":"object"}"#;

fn tool(name: &str) -> Value {
    json!({"name": name, "title": "T", "description": "d", "input_schema": OBJECT, "output_schema": OBJECT, "icons": []})
}

fn prompt(name: &str) -> Value {
    let argument = json!({"name": "a", "title": "A", "description": "d", "required": true});
    json!({"name": name, "title": "P", "description": "d", "arguments": [argument], "icons": []})
}

fn resource(name: &str) -> Value {
    json!({"uri": "docs:///a", "name": name, "title": "R", "description": "d", "icons": []})
}

fn template(name: &str) -> Value {
    json!({"uri_template": "docs:///{a}", "name": name, "title": "R", "description": "d", "icons": []})
}

/// Lists an item of `list` between two good ones.
fn listed(list: &str, item: &Value) -> Page {
    let good = |name: &str| match list {
        "tools" => tool(name),
        "prompts" => prompt(name),
        "resources" => resource(name),
        _ => template(name),
    };
    let json = json!({list: [good("first"), item, good("last")], "next": "n"}).to_string();
    let (json, features) = (json.as_bytes(), RevisionFeatures::LEAST);
    let page = match list {
        "tools" => tool_page(json, features, "", |name| name == "taken"),
        "prompts" => prompt_page(json, features, "", |name| name == "taken"),
        "resources" => resource_page(json, features, |_| true),
        _ => template_page(json, features, |_| true),
    };
    page.unwrap()
}

#[track_caller]
fn is_left_out(list: &str, item: &Value, path: &str, expected: &str) {
    let page = listed(list, item);
    let error = page.first_error.as_ref().unwrap_or_else(|| panic!("{list} {path}"));
    assert_eq!((error.path.as_str(), error.expected), (format!("{list}[1]{path}").as_str(), expected));
    assert_eq!((page.count, page.malformed, page.next.as_deref()), (2, 1, Some("n")), "{list} {path}");
    let others = items(page);
    assert!(others.contains("first") && others.contains("last"), "{others}");
}

/// Returns an item that has a `meta`.
fn with_meta(mut item: Value) -> Value {
    item["meta"] = Value::Null;
    item
}

/// Returns an item with another value at a pointer.
fn with(mut item: Value, pointer: &str, value: impl Into<Value>) -> Value {
    *item.pointer_mut(pointer).unwrap() = value.into();
    item
}

/// A list, how to make an item of it, where its text stands, and the cap of the text.
type TextCase = (&'static str, fn(&str) -> Value, &'static str, usize);

const TEXTS: [TextCase; 13] = [
    ("tools", tool, "/title", TITLE_CHARS),
    ("tools", tool, "/description", DESCRIPTION_CHARS),
    ("prompts", prompt, "/title", TITLE_CHARS),
    ("prompts", prompt, "/description", DESCRIPTION_CHARS),
    ("prompts", prompt, "/arguments/0/name", RESOURCE_NAME_CHARS),
    ("prompts", prompt, "/arguments/0/title", TITLE_CHARS),
    ("prompts", prompt, "/arguments/0/description", DESCRIPTION_CHARS),
    ("resources", resource, "/name", RESOURCE_NAME_CHARS),
    ("resources", resource, "/title", TITLE_CHARS),
    ("resources", resource, "/description", DESCRIPTION_CHARS),
    ("templates", template, "/name", RESOURCE_NAME_CHARS),
    ("templates", template, "/title", TITLE_CHARS),
    ("templates", template, "/description", DESCRIPTION_CHARS),
];

#[test]
fn an_item_whose_text_hides_something_is_left_out_alone() {
    let expected = "text without control, bidirectional or invisible characters";
    for (list, item, pointer, _) in TEXTS {
        let path = pointer.replace("/0", "[0]").replace('/', ".");
        for hidden in ["a\u{202e}b", "a\u{200b}b", "a\u{200d}b", "a\u{e0041}b", "\u{1b}[2J", "a\u{fe00}"] {
            is_left_out(list, &with(item("second"), pointer, hidden), &path, expected);
        }
        assert_eq!(listed(list, &with(item("second"), pointer, "می\u{200c}خواهم 👩\u{200d}💻")).count, 3);
    }
}

#[test]
fn an_item_whose_text_is_too_long_is_left_out_alone() {
    for (list, item, pointer, cap) in TEXTS {
        let path = pointer.replace("/0", "[0]").replace('/', ".");
        assert_eq!(
            listed(list, &with(item("second"), pointer, "ä".repeat(cap))).count,
            3,
            "{list} {pointer}"
        );
        let expected = match cap {
            TITLE_CHARS => "at most 128 characters",
            RESOURCE_NAME_CHARS => "at most 255 characters",
            _ => "at most 8192 characters",
        };
        is_left_out(list, &with(item("second"), pointer, "ä".repeat(cap + 1)), &path, expected);
    }
}

#[test]
fn an_item_with_the_name_of_another_is_left_out_alone() {
    for (list, item) in [("tools", tool as fn(&str) -> Value), ("prompts", prompt)] {
        is_left_out(list, &item("taken"), ".name", "a name that nothing else on the server has");
        is_left_out(list, &item("first"), ".name", "a name that the plugin lists once");
    }
    let json = json!({"tools": [tool("aken")], "next": null}).to_string();
    let page = tool_page(json.as_bytes(), RevisionFeatures::FULL, "t", |name| name == "taken").unwrap();
    assert_eq!((page.count, page.malformed), (0, 1), "with its prefix");
}

#[test]
fn a_tool_that_claims_the_digest_of_a_definition_is_left_out_alone() {
    for meta in [r#"{"toolcell/definition":"sha256:00"}"#, r#"{"toolcell/\u0064efinition":1,"a":1}"#] {
        let item = with(with_meta(tool("second")), "/meta", meta);
        is_left_out("tools", &item, ".meta", "no member `toolcell/definition`");
    }
}

#[test]
fn a_schema_is_held_to_what_an_author_may_write_by_hand() {
    let filled = |bytes: usize| {
        let around = r#"{"type":"object","$id":""}"#.len();
        format!(r#"{{"type":"object","$id":"{}"}}"#, "x".repeat(bytes - around))
    };
    let nested = |depth: usize| {
        format!(r#"{{"type":"object","allOf":{}{}}}"#, "[".repeat(depth - 1), "]".repeat(depth - 1))
    };
    let within = |entry: &str| format!(r#"{{"type":"object","properties":{{"a":{{{entry}}}}}}}"#);
    let hidden = "text without control, bidirectional or invisible characters";
    for pointer in ["/input_schema", "/output_schema"] {
        let path = pointer.replace('/', ".");
        for good in [filled(schema::BYTES), nested(schema::DEPTH), within(r##""$ref":"#/a""##)] {
            assert_eq!(listed("tools", &with(tool("second"), pointer, good)).count, 3);
        }
        for (bad, expected) in [
            (filled(schema::BYTES + 1), "a schema of at most 64 KiB"),
            (nested(schema::DEPTH + 1), "a schema that nests at most 64 deep"),
            (within(r#""$ref":"https://example.com/a""#), "a schema that refers to no other machine"),
            (within(r#""x-mcp-header":"A""#), "a schema without x-mcp-header"),
            (within(r#""description":"a\u202eb""#), hidden),
            (within(r#""title":"a\u200bb""#), hidden),
            (within(r#""a\u200bb":1"#), hidden),
        ] {
            is_left_out("tools", &with(tool("second"), pointer, bad), &path, expected);
        }
    }
}

#[test]
fn an_item_of_more_than_a_quarter_of_a_mebibyte_is_left_out_alone() {
    let icons = |count: usize| {
        let icon =
            json!({"src": format!("data:image/png,{}", "x".repeat(1000)), "mime_type": null, "sizes": []});
        Value::from(vec![icon; count])
    };
    let pictured = |count| with(resource("second"), "/icons", icons(count));
    let full = RevisionFeatures::FULL;
    let page = |count| {
        let json = json!({"resources": [pictured(count), resource("last")], "next": null}).to_string();
        resource_page(json.as_bytes(), full, |_| true).unwrap()
    };
    assert_eq!((page(200).count, page(200).malformed), (2, 0));
    let error = page(300).first_error.unwrap();
    assert_eq!((error.path.as_str(), error.expected), ("resources[0]", "an item of at most 256 KiB"));
    assert_eq!(page(300).count, 1);
}

#[test]
fn a_description_of_messages_and_proposals_hide_nothing() {
    let prompt = json!({"description": "a\u{202e}b", "messages": []}).to_string();
    let error = prompt_messages(prompt.as_bytes(), RevisionFeatures::FULL).unwrap_err();
    assert_eq!(error.path, "description");
    let proposed = json!({"values": ["a", "b\u{200b}", "c"], "total": 3, "has_more": false}).to_string();
    let proposals = proposals(proposed.as_bytes()).unwrap();
    assert_eq!((proposals.values, proposals.left_out), (br#"["a","c"]"#.to_vec(), 1));
}

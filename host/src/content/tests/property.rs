//! Tests properties that hold for any content of a plugin.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::content::line::one_line;

/// Hands `json` to every function here; each answer must be JSON on one line.
fn turn_into_everything(json: &[u8]) {
    for features in [RevisionFeatures::FULL, RevisionFeatures::LEAST] {
        let forms = [Form::Block, Form::Blocks, Form::ContentAndStructured];
        for said in forms.into_iter().flat_map(|form| blocks(json, form, features)) {
            is_line(said.blocks);
            said.structured.into_iter().for_each(is_line);
        }
        if let Ok(result) = tool_result(json, features) {
            is_line(result.blocks);
            result.structured.into_iter().chain(result.meta).for_each(is_line);
        }
        let accepts = |text: &str| text.len().is_multiple_of(2);
        let pages = [
            resource_page(json, features, accepts),
            template_page(json, features, accepts),
            prompt_page(json, features, "p_", free),
            tool_page(json, features, "p_", free),
        ];
        pages.into_iter().flatten().for_each(|page| drop(items(page)));
        prompt_messages(json, features).into_iter().for_each(|made| is_line(made.messages));
    }
    reading(json).into_iter().for_each(|read| is_line(read.contents));
    proposals(json).into_iter().for_each(|made| is_line(made.values));
    let _ = (read_error(json), get_error(json));
}

fn is_line(json: Vec<u8>) {
    let json = text(json);
    serde_json::from_str::<Value>(&json).unwrap_or_else(|error| panic!("{error}: {json}"));
}

/// Texts with which something may be wrong, whatever they are for.
fn field() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        Just(json!("docs:///{a}")),
        Just(json!("text/plain")),
        Just(json!("{ \"type\": \"object\",\n \"a\": [1.0, \"\\ud83d\\ude00\"] }")),
        "[ {}\"\\\\a:\n0-9,udE\\[\\]]{0,12}".prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
    ]
}

/// Mostly one of what fits, so that whole records come through.
fn mostly<const N: usize>(fits: [Value; N]) -> impl Strategy<Value = Value> {
    prop_oneof![15 => prop::sample::select(fits.to_vec()), 1 => field()]
}

prop_compose! {
    /// A record that has every field of every record.
    fn record()(
        text in "\\PC{0,9}",
        name in mostly([json!("a"), json!("B.c-d_9")]),
        uri in mostly([json!("docs:///a?b=c#d"), json!("a:"), json!("x://[::1]:80/%20")]),
        mime_type in mostly([json!("text/plain"), json!("a/b; c=\"d\"")]),
        meta in mostly([json!(null), json!("{}"), json!("{ \"a\" :\n[1e5, \"\\n\"] }")]),
        size in mostly([json!(null), json!(0), json!((1_u64 << 53) - 1)]),
        priority in mostly([json!(null), json!(0.0), json!(1.0), json!(0.1)]),
        last_modified in mostly([json!(null), json!("2026-01-12T15:00:58Z")]),
        schema in mostly([json!("{ \"type\": \"object\",\n \"a\": [1.0, \"\\ud83d\\ude00\"] }")]),
        src in "(https|data|file):[a-z ]{0,4}",
    ) -> Value {
        let icons = json!([{"src": src, "mime_type": null, "sizes": ["any"], "theme": null}]);
        json!({"text": text, "data": "AAEC", "name": name, "uri": uri, "uri_template": uri, "mime_type": mime_type,
            "meta": meta, "size": size, "title": text, "description": text, "icons": icons, "arguments": [],
            "annotations": {"audience": ["user"], "priority": priority, "last_modified": last_modified},
            "input_schema": schema, "output_schema": schema, "structured": schema, "is_error": true,
            "contents": {"uri": uri, "mime_type": mime_type, "body": {"text": text}, "meta": meta}})
    }
}

prop_compose! {
    fn block()(
        kind in prop::sample::select(vec!["text", "image", "audio", "resource_link", "embedded_resource"]),
        record in record(),
    ) -> Value {
        json!({ kind: record })
    }
}

proptest! {
    #[test]
    fn no_bytes_do_harm(json in prop::collection::vec(any::<u8>(), 0..64)) {
        turn_into_everything(&json);
    }

    #[test]
    fn nothing_else_than_one_line_of_json_comes_out(
        said in prop::collection::vec(block(), 0..3), items in prop::collection::vec(record(), 0..3),
        next in mostly([json!(null), json!("n")]), record in record(), form in 0..3,
    ) {
        let mut value = record;
        value["result"] = match (form, said.first()) {
            (0, Some(block)) => json!(block),
            (1, _) => json!([said, items.first()]),
            _ => json!(said),
        };
        value["content"] = json!(said);
        value["contents"] = json!(items.iter().map(|item| item["contents"].clone()).collect::<Vec<_>>());
        for key in ["resources", "templates", "prompts", "tools"] {
            value[key] = json!(items);
        }
        value["messages"] = said.iter().map(|block| json!({"role": "user", "content": block})).collect();
        value["next"] = next;
        turn_into_everything(value.to_string().as_bytes());
    }

    #[test]
    fn a_line_is_the_same_json(value in json_value()) {
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        let line = one_line(&pretty).unwrap();
        prop_assert_eq!(&line, &serde_json::to_string(&value).unwrap());
        prop_assert_eq!(one_line(&line).unwrap(), line);
    }
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[ {}\\[\\],:\"\\\\\n\t\\PC]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[ \"a\\PC]{0,4}", inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

//! Tests properties that hold for every request.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::mcp::CacheScope;
use crate::protocol::render::{CallToolResult, Content, Description, Outcome, Renderer};

/// Writes a header value as a careful client does.
pub(super) fn encoded(text: &str) -> String {
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        && text.trim_matches([' ', '\t']) == text
        && !(text.starts_with("=?base64?") && text.ends_with("?="));
    if is_plain { text.to_owned() } else { format!("=?base64?{}?=", STANDARD.encode(text)) }
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z0-9_.-]{1,64}",
        "\\PC{0,20}",
        "[ \t\n=?a-z]{0,9}",
        "[a-zA-Z0-9+/=]{0,12}".prop_map(|inner| format!("=?base64?{inner}?=")),
    ]
}

/// The JSON of an argument, and the header that repeats it.
fn argument() -> impl Strategy<Value = (Value, Option<String>)> {
    prop_oneof![
        name().prop_map(|text| (text.clone().into(), Some(encoded(&text)))),
        any::<i64>().prop_map(|number| (number.into(), Some(number.to_string()))),
        any::<i32>().prop_map(|number| (number.into(), Some(format!("{number}.0")))),
        any::<bool>().prop_map(|truth| (truth.into(), Some(truth.to_string()))),
        Just((Value::Null, None)),
    ]
}

/// Changes a header value to another one that stands for something else.
fn edited(value: &str, place: Index, byte: u8) -> String {
    let mut bytes = value.as_bytes().to_vec();
    match bytes.is_empty() {
        true => bytes.push(byte),
        false => {
            let place = place.index(bytes.len());
            bytes[place] = match bytes[place] == byte {
                true if byte == b'a' => b'b',
                true => b'a',
                false => byte,
            };
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn call(name: &str, arguments: Value) -> Post {
    modern("tools/call", json!({"name": name, "arguments": arguments})).header("Mcp-Name", &encoded(name))
}

proptest! {
    #[test]
    fn headers_made_from_the_body_are_accepted(name in name()) {
        let Method::CallTool(read) = call(&name, json!({})).request().method else { panic!() };
        prop_assert_eq!(read.name, name);
    }

    #[test]
    fn any_edit_of_a_routing_header_is_refused(
        name in name(), which in 0..3_usize, place: Index, byte in b'!'..=b'~',
    ) {
        let post = call(&name, json!({}));
        let header = ["MCP-Protocol-Version", "Mcp-Method", "Mcp-Name"][which];
        let (_, value) = post.headers.iter().find(|(name, _)| name == header).unwrap();
        let edit = edited(value, place, byte);
        let (status, code, message) = post.clone().header(header, &edit).refusal();
        prop_assert_eq!((status, code), (400, -32020), "{}", message);
        prop_assert_eq!(post.clone().without(header).refusal().1, -32020);
        prop_assert_eq!(post.also(header, &edit).refusal().1, -32020);
    }

    #[test]
    fn headers_made_from_the_arguments_are_accepted_and_edits_refused(
        (argument, header) in argument(), place: Index, byte in b'!'..=b'~',
    ) {
        let expected = [ParamHeader::new("X", "x", ParamKind::Text).unwrap()];
        let arguments = json!({"y": "x", "x": argument}).to_string();
        let check = |header: Option<&str>| {
            let post = header.map_or(post(""), |header| post("").header("mcp-param-x", header));
            check_param_headers(&post.parts().headers, &expected, arguments.as_bytes()).map_err(|fault| fault.code(Era::Modern))
        };
        prop_assert_eq!(check(header.as_deref()), Ok(()));
        let edit = edited(header.as_deref().unwrap_or_default(), place, byte);
        let is_same_number = argument.is_number()
            && number::equal(&edit, header.as_deref().unwrap());
        if !is_same_number {
            prop_assert_eq!(check(Some(&edit)), Err(-32020), "{}", edit);
        }
        if header.is_some() {
            prop_assert_eq!(check(None), Err(-32020));
        }
    }

    #[test]
    fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        check_answer(send(post("").parts(), body.into()));
    }

    #[test]
    fn no_damage_to_a_request_makes_it_panic(
        at: Index, to: Index, insert in proptest::collection::vec(any::<u8>(), 0..4),
        batch: bool, header in "\\PC{0,12}", which in 0..4_usize,
    ) {
        let post = [
            call("n", json!({"a": [1, {"b": "\u{e9}\\"}], "c": null})),
            modern("prompts/get", json!({"name": "n", "arguments": {"a": "1", "b\u{e9}": "\\"}})),
            modern("resources/read", json!({"uri": "a:b", "requestState": "s", "inputResponses": {"k": {"a": [1]}}})),
            modern("completion/complete", completion::params()),
        ][which].clone();
        let mut body = if batch { format!("[{0},{0}]", post.body) } else { post.body.clone() }.into_bytes();
        let (at, to) = (at.index(body.len()), to.index(body.len()));
        body.splice(at.min(to)..at.max(to), insert);
        check_answer(send(post.parts(), body.clone().into()));
        check_answer(send(post.header("MCP-Protocol-Version", &header).parts(), body.into()));
    }

    #[test]
    fn no_header_makes_it_panic(
        header in prop::sample::select(vec!["host", "origin", "accept", "content-type", "mcp-name", "content-length"]),
        value in "\\PC{0,40}",
    ) {
        check_answer(call("n", json!({})).header(header, &value).send());
    }

    #[test]
    fn whatever_a_tool_says_is_one_line_of_json(text in "\\PC*|[\r\n\t\u{0}-\u{1f}\"\\\\]{0,40}", json_text in any::<bool>(), id in "\\PC{0,9}") {
        let description = Description { name: &text, version: &text, title: Some(&text), website_url: None, instructions: Some(&text) };
        let renderer = Renderer::new(&description, ALL, 1);
        let document = serde_json::to_vec_pretty(&json!({"a": [text], "b": {}})).unwrap();
        let content = if json_text { Content::Json(&document) } else { Content::Text(&text) };
        let head = post(json!({"jsonrpc": "2.0", "id": id, "method": "ping"})).request().head;
        let modern = Head { revision: Revision::MODERN, ..head.clone() };
        for head in [head, modern] {
            let result = CallToolResult { outcome: Outcome::Success, content, meta: None, challenge: None };
            for body in [renderer.call_tool(&head, &result), renderer.discover(&head, CacheScope::Public), renderer.initialize(&head), renderer.empty(&head)] {
                prop_assert_eq!(&line(&body)["id"], &id);
            }
            for fault in [Fault::unknown_tool(&text), Fault::Method { method: text.clone() }, Fault::Version { requested: text.clone() }] {
                prop_assert_eq!(&line(&Rejection::new(fault, &head).body())["id"], &id);
            }
        }
    }
}

/// Every refusal is a short line of JSON.
fn check_answer(parsed: Parsed) {
    let rejections = match parsed {
        Parsed::Rejected(rejection) => vec![rejection],
        Parsed::Batch(items) => items.into_iter().filter_map(Result::err).collect(),
        Parsed::Request(_) | Parsed::Accepted => Vec::new(),
    };
    for rejection in rejections {
        let message = line(&rejection.body())["error"]["message"].as_str().unwrap().len();
        assert!(message < 800, "a message of {message} bytes");
        assert!(rejection.status().as_u16() >= 200);
    }
}

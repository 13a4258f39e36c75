//! Events: one line of data each, whatever a reader takes for the end of a line.

use proptest::prelude::*;

use super::*;
use crate::protocol::notification::{Progress, message, progress};
use crate::protocol::render::{CallToolResult, Content, Outcome};

/// The line ends of Unicode, and what some readers take for one.
const LINE_ENDS: [char; 10] =
    ['\n', '\r', '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2028}', '\u{2029}'];

/// Reads the message of an event, whose data stands on one line for every reader.
fn data(event: &[u8]) -> Value {
    let text = std::str::from_utf8(event).unwrap();
    let data =
        text.strip_prefix("event: message\ndata: ").and_then(|text| text.strip_suffix("\n\n")).unwrap();
    assert!(!data.contains(LINE_ENDS), "more than one line: {data:?}");
    serde_json::from_str(data).unwrap()
}

/// Text with many line ends, and with characters whose bytes resemble theirs.
fn text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        proptest::sample::select(LINE_ENDS.to_vec()),
        proptest::sample::select(vec!['\u{84}', '\u{86}', '\u{2027}', '\u{202a}', '\u{e9}', '\\', '"', 'u']),
        any::<char>(),
    ];
    proptest::collection::vec(character, 0..24).prop_map(String::from_iter)
}

/// JSON as a plugin or client may write it: line ends unescaped where JSON allows that.
fn raw(text: &str) -> String {
    serde_json::to_string_pretty(&json!({ text: [text] })).unwrap()
}

proptest! {
    #[test]
    fn no_message_has_a_line_end_in_its_data(text in text(), id in text(), token in text()) {
        let body = json!({"jsonrpc": "2.0", "id": id, "method": "tools/list", "params": {"_meta": {"progressToken": token}}});
        let request = post(body).header("MCP-Protocol-Version", "2025-11-25").request();
        let (head, json) = (request.head, raw(&text));
        let block = json!([{"type": "text", "text": text}]).to_string();
        let blocks = Content::Blocks { blocks: block.as_bytes(), structured: Some(json.as_bytes()) };
        for content in [Content::Text(&text), Content::Json(json.as_bytes()), blocks] {
            let result = CallToolResult { outcome: Outcome::Success, content, meta: Some(json.as_bytes()), challenge: None };
            let written = answer::renderer().call_tool(&head, &result);
            let event = sse::event(&written);
            prop_assert_eq!(data(&event), serde_json::from_slice::<Value>(&written).unwrap());
            prop_assert_eq!(event.len(), sse::event(b"").len() + written.len() + sse::escape_bytes(&written));
        }
        let report = Progress { progress: 1.0, total: None, message: Some(&text) };
        let progress = data(&sse::event(&progress(&request.meta.progress_token.unwrap(), &report).unwrap()));
        prop_assert_eq!(&progress["params"]["progressToken"], &token);
        prop_assert_eq!(&progress["params"]["message"], &text);
        let message = data(&sse::event(&message(Level::Info, Some(&text), json.as_bytes())));
        prop_assert_eq!(&message["params"]["data"][&text][0], &text);
        let refusal = data(&sse::event(&Rejection::new(Fault::ResourceNotFound { uri: text.clone() }, &head).body()));
        prop_assert_eq!((&refusal["id"], &refusal["error"]["data"]["uri"]), (&json!(id), &json!(text)));
    }
}

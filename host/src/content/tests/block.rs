//! Content blocks, whole and as older revisions know them.

use super::*;

const ANNOTATIONS: &str =
    r#"{"audience":["user","assistant"],"priority":0.5,"last_modified":"2026-01-12T15:00:58Z"}"#;

const LINK: &str = r#"{"uri":"docs:///a","name":"a","title":"A","description":"The a","mime_type":"text/plain",
    "size":9007199254740991,"annotations":null,"icons":[{"src":"https://x.example/i.png","mime_type":"image/png",
    "sizes":["48x48","any"],"theme":"dark"}],"meta":"{\"k\":1}"}"#;

#[test]
fn every_block_is_written_as_mcp_writes_it() {
    for (block, expected) in [
        (
            r#"{"text":{"text":"hello\nworld","annotations":null,"meta":null}}"#.to_owned(),
            r#"{"type":"text","text":"hello\nworld"}"#.to_owned(),
        ),
        (
            format!(r#"{{"text":{{"text":"","annotations":{ANNOTATIONS},"meta":"{{ \"a\" : 1 }}"}}}}"#),
            r#"{"type":"text","text":"","annotations":{"audience":["user","assistant"],"priority":0.5,"lastModified":"2026-01-12T15:00:58Z"},"_meta":{"a":1}}"#.to_owned(),
        ),
        (
            r#"{"image":{"data":"AAEC","mime_type":"image/png","annotations":null,"meta":null}}"#.to_owned(),
            r#"{"type":"image","data":"AAEC","mimeType":"image/png"}"#.to_owned(),
        ),
        (
            format!(r#"{{"audio":{{"data":"","mime_type":"audio/wav","annotations":{ANNOTATIONS},"meta":"{{}}"}}}}"#),
            r#"{"type":"audio","data":"","mimeType":"audio/wav","annotations":{"audience":["user","assistant"],"priority":0.5,"lastModified":"2026-01-12T15:00:58Z"},"_meta":{}}"#.to_owned(),
        ),
        (
            format!(r#"{{"resource_link":{LINK}}}"#),
            r#"{"type":"resource_link","uri":"docs:///a","name":"a","title":"A","description":"The a","mimeType":"text/plain","size":9007199254740991,"icons":[{"src":"https://x.example/i.png","mimeType":"image/png","sizes":["48x48","any"],"theme":"dark"}],"_meta":{"k":1}}"#.to_owned(),
        ),
        (
            r#"{"embedded_resource":{"contents":{"uri":"docs:///a","mime_type":"text/plain","body":{"text":"t"},"meta":"{}"},"annotations":{"audience":[],"priority":1.0,"last_modified":null}}}"#.to_owned(),
            r#"{"type":"resource","resource":{"uri":"docs:///a","mimeType":"text/plain","text":"t","_meta":{}},"annotations":{"priority":1.0}}"#.to_owned(),
        ),
        (
            r#"{"embedded_resource":{"contents":{"uri":"docs:///a","mime_type":null,"body":{"blob":"AAEC"},"meta":null},"annotations":null}}"#.to_owned(),
            r#"{"type":"resource","resource":{"uri":"docs:///a","blob":"AAEC"}}"#.to_owned(),
        ),
    ] {
        assert_eq!(said(&format!("[{block}]"), RevisionFeatures::FULL), format!("[{expected}]"));
    }
}

#[test]
fn blocks_keep_their_order() {
    let json =
        r#"[{"text":{"text":"1"}},{"image":{"data":"AA==","mime_type":"image/png"}},{"text":{"text":"2"}}]"#;
    let expected = r#"[{"type":"text","text":"1"},{"type":"image","data":"AA==","mimeType":"image/png"},{"type":"text","text":"2"}]"#;
    assert_eq!(said(json, RevisionFeatures::FULL), expected);
    assert_eq!(said("[]", RevisionFeatures::FULL), "[]");
}

#[test]
fn a_client_that_knows_no_audio_is_told_its_type() {
    let json = r#"[{"audio":{"data":"AAEC","mime_type":"audio/wav","annotations":null,"meta":"{\"a\":1}"}}]"#;
    let features = RevisionFeatures { audio: false, ..RevisionFeatures::FULL };
    let text = "audio of type audio/wav, which this revision of MCP cannot carry";
    assert_eq!(said(json, features), format!(r#"[{{"type":"text","text":"{text}","_meta":{{"a":1}}}}]"#));
}

#[test]
fn a_client_that_knows_no_links_is_told_name_and_uri() {
    let link = LINK.replace(r#""annotations":null"#, &format!(r#""annotations":{ANNOTATIONS}"#));
    let features = RevisionFeatures { resource_links: false, ..RevisionFeatures::FULL };
    let expected = r#"[{"type":"text","text":"a: docs:///a","annotations":{"audience":["user","assistant"],"priority":0.5,"lastModified":"2026-01-12T15:00:58Z"},"_meta":{"k":1}}]"#;
    assert_eq!(said(&format!(r#"[{{"resource_link":{link}}}]"#), features), expected);
}

#[test]
fn each_revision_is_sent_what_it_knows() {
    let json = format!(r#"[{{"resource_link":{LINK}}}]"#);
    let features = RevisionFeatures { icons: false, ..RevisionFeatures::FULL };
    assert!(!said(&json, features).contains("icons"));
    let features = RevisionFeatures { titles: false, ..RevisionFeatures::FULL };
    assert!(!said(&json, features).contains("title"));
    let json = format!(r#"[{{"text":{{"text":"t","annotations":{ANNOTATIONS}}}}}]"#);
    let features = RevisionFeatures { last_modified: false, ..RevisionFeatures::FULL };
    let expected =
        r#"[{"type":"text","text":"t","annotations":{"audience":["user","assistant"],"priority":0.5}}]"#;
    assert_eq!(said(&json, features), expected);
}

#[test]
fn annotations_that_say_nothing_are_left_out() {
    let none = r#"{"audience":[],"priority":null,"last_modified":null}"#;
    let only_date = r#"{"audience":[],"priority":null,"last_modified":"2026-01-12T15:00:58Z"}"#;
    for annotations in [none, only_date] {
        let json = format!(r#"[{{"text":{{"text":"t","annotations":{annotations}}}}}]"#);
        assert_eq!(said(&json, RevisionFeatures::LEAST), r#"[{"type":"text","text":"t"}]"#);
    }
}

#[test]
fn only_harmless_icons_are_sent() {
    for (src, is_sent) in [
        ("https://x.example/i.png", true),
        ("HTTPS://x.example/i.png", true),
        ("data:image/png;base64,AAEC", true),
        ("http://x.example/i.png", false),
        ("javascript:alert(1)", false),
        ("file:///etc/passwd", false),
        ("https", false),
        ("httpsx://a", false),
        ("https://x.example/a b", false),
        (" https://x.example", false),
        ("//x.example/i.png", false),
        ("", false),
    ] {
        let icons = format!(r#"[{{"src":"{src}","mime_type":null,"sizes":[],"theme":null}}]"#);
        let json = format!(r#"[{{"resource_link":{{"uri":"a:b","name":"n","icons":{icons}}}}}]"#);
        let icons = if is_sent { format!(r#","icons":[{{"src":"{src}"}}]"#) } else { String::new() };
        let expected = format!(r#"[{{"type":"resource_link","uri":"a:b","name":"n"{icons}}}]"#);
        assert_eq!(said(&json, RevisionFeatures::FULL), expected);
    }
}

#[test]
fn a_tool_returns_one_block_or_many() {
    let one = blocks(br#"{"result":{"text":{"text":"t"}}}"#, Form::Block, RevisionFeatures::FULL).unwrap();
    let many =
        blocks(br#"{"result":[{"text":{"text":"t"}}]}"#, Form::Blocks, RevisionFeatures::FULL).unwrap();
    assert_eq!(one, Blocks { blocks: br#"[{"type":"text","text":"t"}]"#.into(), structured: None });
    assert_eq!(one, many);
}

#[test]
fn a_record_beside_blocks_is_passed_on_as_it_is() {
    let json = br#"{"result":[[{"text":{"text":"t"}}],{"n":1.0,"s":"\u0000\"","deep":[{}]}]}"#;
    let both = blocks(json, Form::ContentAndStructured, RevisionFeatures::FULL).unwrap();
    assert_eq!(text(both.blocks), r#"[{"type":"text","text":"t"}]"#);
    assert_eq!(text(both.structured.unwrap()), r#"{"n":1.0,"s":"\u0000\"","deep":[{}]}"#);
}

#[test]
fn a_record_beside_nothing_is_said_in_words() {
    let both =
        blocks(br#"{"result":[[],{"s":"\"q\""}]}"#, Form::ContentAndStructured, RevisionFeatures::LEAST)
            .unwrap();
    assert_eq!(text(both.blocks), r#"[{"type":"text","text":"{\"s\":\"\\\"q\\\"\"}"}]"#);
    assert_eq!(text(both.structured.unwrap()), r#"{"s":"\"q\""}"#);
}

//! Tests the results of resources, prompts and completions.

use super::*;
use crate::mcp::{CacheScope, Freshness};

#[test]
fn contents_are_written_with_how_long_they_stay_fresh() {
    let json = br#"{"contents":[{"uri":"docs:///a","mime_type":"text/plain","body":{"text":"t"},"meta":null},
        {"uri":"docs:///b","mime_type":null,"body":{"blob":"AAEC"},"meta":"{\"a\":1}"}],
        "freshness":{"ttl_ms":60000,"scope":"public"}}"#;
    let read = reading(json).unwrap();
    assert_eq!(read.freshness, Some(Freshness { ttl_ms: 60_000, scope: CacheScope::Public }));
    let expected = r#"[{"uri":"docs:///a","mimeType":"text/plain","text":"t"},{"uri":"docs:///b","blob":"AAEC","_meta":{"a":1}}]"#;
    assert_eq!(text(read.contents), expected);
}

#[test]
fn contents_without_freshness_have_none() {
    let json = br#"{"contents":[{"uri":"docs:///a","body":{"text":""}}],"freshness":null}"#;
    let read = reading(json).unwrap();
    assert_eq!(read, Reading { contents: br#"[{"uri":"docs:///a","text":""}]"#.into(), freshness: None });
    let json =
        br#"{"contents":[{"uri":"a:","body":{"text":""}}],"freshness":{"ttl_ms":0,"scope":"private"}}"#;
    assert_eq!(reading(json).unwrap().freshness, Some(Freshness { ttl_ms: 0, scope: CacheScope::Private }));
}

#[test]
fn errors_of_reading_and_getting_are_told_apart() {
    assert_eq!(read_error(br#""not_found""#), Ok(ReadError::NotFound));
    assert_eq!(read_error(br#"{"failed":"a\"b"}"#), Ok(ReadError::Failed("a\"b".into())));
    assert_eq!(get_error(br#""not_found""#), Ok(GetError::NotFound));
    assert_eq!(get_error(br#"{"invalid_arguments":"b"}"#), Ok(GetError::InvalidArguments("b".into())));
    assert_eq!(get_error(br#"{"failed":""}"#), Ok(GetError::Failed(String::new())));
    for other in ["\"failed\"", "{\"not_found\":\"\"}", "{\"other\":\"\"}", "null", "\"\"", ""] {
        assert!(read_error(other.as_bytes()).is_err() && get_error(other.as_bytes()).is_err(), "{other}");
    }
}

#[test]
fn a_prompt_comes_to_messages() {
    let json = br#"{"description":"For \"you\"","messages":[
        {"role":"user","content":{"text":{"text":"Hi","annotations":null,"meta":null}}},
        {"role":"assistant","content":{"resource_link":{"uri":"a:b","name":"n","icons":[]}}}]}"#;
    let made = prompt_messages(json, RevisionFeatures::FULL).unwrap();
    assert_eq!(made.description.as_deref(), Some("For \"you\""));
    let expected = r#"[{"role":"user","content":{"type":"text","text":"Hi"}},{"role":"assistant","content":{"type":"resource_link","uri":"a:b","name":"n"}}]"#;
    assert_eq!(text(made.messages), expected);
    let made = prompt_messages(json, RevisionFeatures::LEAST).unwrap();
    let expected = r#"[{"role":"user","content":{"type":"text","text":"Hi"}},{"role":"assistant","content":{"type":"text","text":"n: a:b"}}]"#;
    assert_eq!(text(made.messages), expected);
}

#[test]
fn proposals_are_passed_on() {
    let made = proposals(br#"{"values":["b","a\n"],"total":7,"has_more":true}"#).unwrap();
    assert_eq!(
        made,
        Proposals { values: br#"["b","a\n"]"#.into(), total: Some(7), has_more: true, left_out: 0 }
    );
    let made = proposals(br#"{"values":[],"total":null,"has_more":false}"#).unwrap();
    assert_eq!(made, Proposals { values: b"[]".into(), total: None, has_more: false, left_out: 0 });
}

#[test]
fn no_more_than_a_hundred_proposals_are_sent() {
    let of = |count: usize| {
        let values: Vec<_> = (0..count).map(|n| n.to_string()).collect();
        let json = serde_json::json!({"values": values, "total": null, "has_more": false}).to_string();
        let made = proposals(json.as_bytes()).unwrap();
        let sent: Vec<String> = serde_json::from_slice(&made.values).unwrap();
        assert_eq!(sent, values[..count.min(MAX_PROPOSALS)], "the first are sent, in their order");
        made.has_more
    };
    assert!(!of(MAX_PROPOSALS), "all were sent");
    assert!(of(MAX_PROPOSALS + 1), "one was not");
}

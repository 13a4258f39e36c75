//! Tests content that is never sent, and its message for the operator.

use super::*;

fn refusal(json: &str) -> ContentError {
    blocks(format!(r#"{{"result":{json}}}"#).as_bytes(), Form::Blocks, RevisionFeatures::LEAST).unwrap_err()
}

#[test]
fn an_error_names_the_field_and_what_was_expected() {
    let fine = r#"{"text":{"text":"t"}}"#;
    for (block, message) in [
        (
            r#"{"text":{"text":"","annotations":{"audience":[],"priority":1.5,"last_modified":null}}}"#,
            "result[1].text.annotations.priority: expected a number from 0 to 1, found '1.5'",
        ),
        (
            r#"{"text":{"text":"","annotations":{"audience":[],"priority":"NaN","last_modified":null}}}"#,
            "result[1].text.annotations.priority: expected a number from 0 to 1, found '\"NaN\"'",
        ),
        (
            r#"{"text":{"text":"","annotations":{"audience":[],"priority":-0.1,"last_modified":null}}}"#,
            "result[1].text.annotations.priority: expected a number from 0 to 1, found '-0.1'",
        ),
        (
            r#"{"image":{"data":"","mime_type":"png","annotations":null,"meta":null}}"#,
            "result[1].image.mime_type: expected a media type of printable ASCII, such as text/plain, found 'png'",
        ),
        (
            r#"{"audio":{"data":"","mime_type":"a/b","annotations":null,"meta":"[1]"}}"#,
            "result[1].audio.meta: expected the text of a JSON object, found '[1]'",
        ),
        (
            r#"{"resource_link":{"uri":"a:\nb","name":"n","icons":[]}}"#,
            "result[1].resource_link.uri: expected a URI with a scheme, percent-encoded, found 'a:\\nb'",
        ),
        (
            r#"{"resource_link":{"uri":"a:b","name":"n","size":"9007199254740992","icons":[]}}"#,
            "result[1].resource_link.size: expected bytes, at most 2^53-1, found '\"9007199254740992\"'",
        ),
        (
            r#"{"resource_link":{"uri":"a:b","name":"n","icons":[{"src":"file:a","mime_type":"","sizes":[]}]}}"#,
            "result[1].resource_link.icons[0].mime_type: expected a media type of printable ASCII, such as text/plain, found ''",
        ),
        (
            r#"{"embedded_resource":{"contents":{"uri":"b","body":{"text":""}}}}"#,
            "result[1].embedded_resource.contents.uri: expected a URI with a scheme, percent-encoded, found 'b'",
        ),
    ] {
        assert_eq!(refusal(&format!("[{fine},{block}]")).to_string(), message);
    }
}

#[test]
fn an_error_is_one_short_line_whatever_the_plugin_says() {
    let hostile = "\u{1b}[31m\n\r\u{202e}".repeat(1000);
    let link = serde_json::json!([{"resource_link": {"uri": hostile, "name": "n", "icons": []}}]);
    let message = refusal(&link.to_string()).to_string();
    assert!(message.ends_with("...'") && message.len() < 700, "{message}");
    assert!(message.chars().all(|char| (' '..='~').contains(&char)), "{message}");
    let unknown = serde_json::json!([{ hostile: {} }]).to_string();
    let message = refusal(&unknown).to_string();
    assert!(message.starts_with("expected the JSON of a type of toolcell:plugin, found 'unknown variant"));
    assert!(message.len() < 700 && message.chars().all(|char| (' '..='~').contains(&char)), "{message}");
}

#[test]
fn dates_are_those_of_rfc_3339() {
    let judge = |date: &str| {
        let annotations = serde_json::json!({"audience": [], "last_modified": date});
        let json = serde_json::json!({"result": [{"text": {"text": "", "annotations": annotations}}]});
        blocks(json.to_string().as_bytes(), Form::Blocks, RevisionFeatures::FULL)
    };
    for date in [
        "2026-01-12T15:00:58Z",
        "2026-12-31T23:59:60Z",
        "2026-01-12T15:00:58.123456Z",
        "2026-01-12T15:00:58+02:00",
        "2026-01-12T15:00:58.1-23:59",
    ] {
        assert!(judge(date).is_ok(), "{date}");
    }
    for other in [
        "",
        "2026-01-12",
        "2026-01-12T15:00:58",
        "2026-13-12T15:00:58Z",
        "2026-00-12T15:00:58Z",
        "2026-01-32T15:00:58Z",
        "2026-01-12T24:00:58Z",
        "2026-01-12T15:60:58Z",
        "2026-01-12T15:00:61Z",
        "2026-01-12 15:00:58Z",
        "2026-01-12T15:00:58.Z",
        "2026-01-12T15:00:58+0200",
        "2026-01-12T15:00:58+24:00",
        "2026-01-12T15:00:58Zx",
        "2026-01-12T15:00:58+02:60",
        "yesterday",
        "2026-01-12T15:00:5\u{e9}",
    ] {
        let error = judge(other).expect_err(other);
        assert_eq!(error.path, "result[0].text.annotations.last_modified");
    }
}

#[test]
fn a_resource_holds_something() {
    let error = reading(br#"{"contents":[],"freshness":null}"#).unwrap_err();
    assert_eq!(error.to_string(), "contents: expected contents, or the error not-found, found '[]'");
    let meta = br#"{"contents":[{"uri":"a:b","body":{"text":""},"meta":"x"}],"freshness":null}"#;
    assert_eq!(reading(meta).unwrap_err().path, "contents[0].meta");
}

#[test]
fn parts_of_lists_and_results_are_checked_where_they_stand() {
    let features = RevisionFeatures::LEAST;
    let template = br#"{"templates":[{"uri_template":"{a}","name":"","icons":[]}]}"#;
    assert_eq!(first_error(template_page(template, features, |_| false)), "templates[0].uri_template");
    let resource = br#"{"resources":[{"uri":"a:b","name":"","mime_type":"x","icons":[]}]}"#;
    assert_eq!(first_error(resource_page(resource, features, |_| false)), "resources[0].mime_type");
    let prompt = br#"{"prompts":[{"name":"","arguments":[],"icons":[],"meta":"1"}]}"#;
    assert_eq!(first_error(prompt_page(prompt, features, "", free)), "prompts[0].meta");
    let message = br#"{"messages":[{"role":"user","content":{"text":{"text":"","meta":""}}}]}"#;
    assert_eq!(prompt_messages(message, features).unwrap_err().path, "messages[0].content.text.meta");
    let structured = br#"{"content":[],"structured":"[]","is_error":false}"#;
    assert_eq!(tool_result(structured, features).unwrap_err().path, "structured");
    let content = br#"{"content":[{"text":{"text":"","meta":"{"}}],"is_error":false}"#;
    assert_eq!(tool_result(content, features).unwrap_err().path, "content[0].text.meta");
    let beside = blocks(br#"{"result":[[],1]}"#, Form::ContentAndStructured, features).unwrap_err();
    assert_eq!(beside.to_string(), "result: expected a record beside the blocks, found '1'");
}

#[test]
fn an_item_that_cannot_be_sent_is_left_out_alone() {
    let json = br#"{"resources":[{"uri":"a:1","name":"one","icons":[]},{"uri":"a:2","name":"two","mime_type":"x","icons":[]},
        {"uri":"a:3","name":"three","icons":[]},{"uri":"no scheme","name":"four","icons":[]}],"next":"more"}"#;
    let page = resource_page(json, RevisionFeatures::FULL, |_| true).unwrap();
    assert_eq!((page.count, page.malformed, page.left_out), (2, 2, 0));
    assert_eq!(page.next.as_deref(), Some("more"), "the list goes on");
    assert_eq!(page.first_error.unwrap().path, "resources[1].mime_type");
    let sent = String::from_utf8(page.items).unwrap();
    assert!(sent.contains("a:1") && sent.contains("a:3") && !sent.contains("a:2"), "{sent}");
}

#[test]
fn values_of_other_types_are_refused() {
    let features = RevisionFeatures::FULL;
    for json in ["", "null", "[]", "{}", "{\"result\":1}", "\"not_found\"", "{\"result\":[[]]}", "\u{0}"] {
        let json = json.as_bytes();
        assert!(blocks(json, Form::Block, features).is_err());
        assert!(blocks(json, Form::ContentAndStructured, features).is_err());
        assert!(tool_result(json, features).is_err() && tool_page(json, features, "", free).is_err());
        assert!(
            resource_page(json, features, |_| true).is_err()
                && template_page(json, features, |_| true).is_err()
        );
        assert!(reading(json).is_err() && proposals(json).is_err());
        assert!(prompt_messages(json, features).is_err() && prompt_page(json, features, "", free).is_err());
    }
}

//! Tests which questions a client can answer in each revision.

use super::*;
use crate::mcp::QuestionKinds;

fn capabilities(declared: &str) -> ClientCapabilities {
    let post = modern("tools/list", json!({}));
    let name = r#""io.modelcontextprotocol/clientCapabilities":"#;
    let body = post.body.replace(&format!("{name}{{}}"), &format!("{name}{declared}"));
    Post { body, ..post }.request().meta.capabilities
}

#[test]
fn a_client_can_be_asked_what_it_declares() {
    let (form, url, sample, roots) = ("form", "url", "sample", "roots");
    let table: [(&str, &[&str]); 17] = [
        ("{}", &[]),
        (r#"{"elicitation":{}}"#, &[form]),
        (r#"{"elicitation":{"form":{}}}"#, &[form]),
        (r#"{"elicitation":{"url":{}}}"#, &[url]),
        (r#"{"elicitation":{"form":{},"url":{}}}"#, &[form, url]),
        (r#"{"elicitation":{"form":{"x":[1]},"later":1}}"#, &[form]),
        (r#"{"elicitation":{"later":{}}}"#, &[form]),
        (r#"{"elicitation":{"form":true}}"#, &[]),
        (r#"{"elicitation":true}"#, &[]),
        (r#"{"elicitation":null,"roots":[],"sampling":"yes"}"#, &[]),
        (r#"{"sampling":{}}"#, &[sample]),
        (r#"{"sampling":{"tools":{}}}"#, &[sample]),
        (r#"{"roots":{}}"#, &[roots]),
        (r#"{"roots":{"listChanged":true}}"#, &[roots]),
        (r#"{"extensions":{"a/b":{"elicitation":{}}},"experimental":{"roots":{}}}"#, &[]),
        (r#"{"r\u006fots":{}, "sampling" : { } ,"elicitation":{"url":{}}}"#, &[url, sample, roots]),
        (r#"{"roots":{},"roots":{}}"#, &[]),
    ];
    for (declared, kinds) in table {
        let has = |kind: &str| kinds.contains(&kind);
        let expected =
            QuestionKinds { form: has(form), url: has(url), sample: has(sample), roots: has(roots) };
        assert_eq!(capabilities(declared).questions(), expected, "{declared}");
    }
    assert_eq!(ClientCapabilities::default().questions(), QuestionKinds::default());
}

#[test]
fn capabilities_are_kept_as_the_client_wrote_them() {
    let declared = r#"{ "sampling" : {"x":1e400} }"#;
    assert_eq!(capabilities(declared).json(), declared.as_bytes());
    assert_eq!(ClientCapabilities::default().json(), b"{}");
    let claimed = json!({"_meta": {"io.modelcontextprotocol/clientCapabilities": {"roots": {}}}});
    let older = legacy("2025-11-25", "tools/list", claimed).request().meta.capabilities;
    assert_eq!((older.json(), older.questions()), (&b"{}"[..], QuestionKinds::default()));
}

#[test]
fn revisions_know_what_came_with_them_and_before() {
    for (version, audio, links, icons, can_ask) in [
        ("2024-11-05", false, false, false, false),
        ("2025-03-26", true, false, false, false),
        ("2025-06-18", true, true, false, false),
        ("2025-11-25", true, true, true, false),
        ("2026-07-28", true, true, true, true),
    ] {
        let revision = answer::head(version).revision;
        assert_eq!(revision.has_audio(), audio, "{version}");
        assert_eq!(revision.has_resource_links(), links, "{version}");
        assert_eq!(revision.has_icons(), icons, "{version}");
        assert_eq!(revision.can_ask(), can_ask, "{version}");
    }
}

//! Pages of resources, templates and prompts.

use super::*;

fn any(_: &str) -> bool {
    true
}

#[test]
fn resources_are_listed_whole() {
    let json = br#"{"resources":[{"uri":"docs:///a","name":"a","title":"A","description":"d","mime_type":"text/plain",
        "size":3,"annotations":{"audience":["user"],"priority":0.0,"last_modified":null},
        "icons":[{"src":"https://x.example/i.png","mime_type":null,"sizes":[],"theme":"light"}],"meta":"{}"},
        {"uri":"docs:///b","name":"b","title":null,"description":null,"mime_type":null,"size":null,
        "annotations":null,"icons":[],"meta":null}],"next":"n"}"#;
    let page = resource_page(json, RevisionFeatures::FULL, any).unwrap();
    assert_eq!((page.count, page.left_out, page.next.as_deref()), (2, 0, Some("n")));
    let expected = r#"[{"uri":"docs:///a","name":"a","title":"A","description":"d","mimeType":"text/plain","size":3,"annotations":{"audience":["user"],"priority":0.0},"icons":[{"src":"https://x.example/i.png","theme":"light"}],"_meta":{}},{"uri":"docs:///b","name":"b"}]"#;
    assert_eq!(items(page), expected);
    let old = items(resource_page(json, RevisionFeatures::LEAST, any).unwrap());
    assert!(!old.contains("title") && !old.contains("icons"), "{old}");
}

#[test]
fn resources_of_others_are_left_out_and_counted() {
    let json = br#"{"resources":[{"uri":"docs:///a","name":"a","icons":[]},{"uri":"file:///b","name":"b","icons":[]},
        {"uri":"docs:///c","name":"c","icons":[]}],"next":null}"#;
    let page = resource_page(json, RevisionFeatures::FULL, |uri| uri.starts_with("docs:///")).unwrap();
    assert_eq!((page.count, page.left_out, page.next.clone()), (2, 1, None));
    assert_eq!(items(page), r#"[{"uri":"docs:///a","name":"a"},{"uri":"docs:///c","name":"c"}]"#);
    let page = resource_page(json, RevisionFeatures::FULL, |_| false).unwrap();
    assert_eq!(
        page,
        Page { items: Vec::new(), count: 0, next: None, left_out: 3, malformed: 0, first_error: None }
    );
}

#[test]
fn templates_are_listed_whole() {
    let json = br#"{"templates":[{"uri_template":"docs:///{path}","name":"a","title":"A","description":"d",
        "mime_type":"text/plain","annotations":{"audience":["assistant"],"priority":null,"last_modified":null},
        "icons":[{"src":"data:image/png,x","mime_type":null,"sizes":["any"],"theme":null}],"meta":"{\"a\":\"b\"}"},
        {"uri_template":"file:///{path}","name":"b","icons":[]}],"next":null}"#;
    let page = template_page(json, RevisionFeatures::FULL, |template| template.starts_with("docs:")).unwrap();
    assert_eq!(page.left_out, 1);
    let expected = r#"[{"uriTemplate":"docs:///{path}","name":"a","title":"A","description":"d","mimeType":"text/plain","annotations":{"audience":["assistant"]},"icons":[{"src":"data:image/png,x","sizes":["any"]}],"_meta":{"a":"b"}}]"#;
    assert_eq!(items(page), expected);
    let old = items(template_page(json, RevisionFeatures::LEAST, any).unwrap());
    assert!(!old.contains("title") && !old.contains("icons"), "{old}");
}

#[test]
fn prompts_are_listed_under_their_prefix() {
    let json = br#"{"prompts":[{"name":"ask","title":"Ask","description":"d","arguments":[
        {"name":"who","title":"Who","description":"w","required":true},
        {"name":"how","title":null,"description":null,"required":false}],
        "icons":[{"src":"https://x.example","mime_type":null,"sizes":[],"theme":null}],"meta":"{}"},
        {"name":"plain","title":null,"description":null,"arguments":[],"icons":[],"meta":null}],"next":"n"}"#;
    let page = prompt_page(json, RevisionFeatures::FULL, "p_", free).unwrap();
    assert_eq!(page.next.as_deref(), Some("n"));
    let expected = r#"[{"name":"p_ask","title":"Ask","description":"d","arguments":[{"name":"who","title":"Who","description":"w","required":true},{"name":"how","required":false}],"icons":[{"src":"https://x.example"}],"_meta":{}},{"name":"p_plain"}]"#;
    assert_eq!(items(page), expected);
    let old = items(prompt_page(json, RevisionFeatures::LEAST, "", free).unwrap());
    let expected = r#"[{"name":"ask","description":"d","arguments":[{"name":"who","description":"w","required":true},{"name":"how","required":false}],"_meta":{}},{"name":"plain"}]"#;
    assert_eq!(old, expected);
}

#[test]
fn names_that_no_client_takes_are_left_out_and_counted() {
    let longest = "n".repeat(MAX_NAME_CHARS - 2);
    for (name, is_sent) in [
        ("a", true),
        ("A.b-c_9", true),
        (longest.as_str(), true),
        (&format!("{longest}n"), false),
        ("", false),
        ("a b", false),
        ("a/b", false),
        ("\u{e9}", false),
    ] {
        let prompts =
            serde_json::json!({"prompts": [{"name": name, "arguments": [], "icons": []}]}).to_string();
        let page = prompt_page(prompts.as_bytes(), RevisionFeatures::FULL, "p_", free).unwrap();
        assert_eq!((page.count, page.left_out), if is_sent { (1, 0) } else { (0, 1) }, "{name}");
        let tools = serde_json::json!({"tools": [{"name": name, "description": "",
            "input_schema": "{\"type\":\"object\"}", "icons": []}]});
        let page = tool_page(tools.to_string().as_bytes(), RevisionFeatures::FULL, "p_", free).unwrap();
        assert_eq!((page.count, page.left_out), if is_sent { (1, 0) } else { (0, 1) }, "{name}");
    }
}

#[test]
fn what_follows_a_page_is_at_most_a_kibibyte() {
    let of = |bytes: usize| {
        let json = serde_json::json!({"resources": [], "next": "n".repeat(bytes)}).to_string();
        resource_page(json.as_bytes(), RevisionFeatures::FULL, any)
    };
    assert_eq!(of(MAX_NEXT_BYTES).unwrap().next.unwrap().len(), MAX_NEXT_BYTES);
    assert_eq!(of(MAX_NEXT_BYTES + 1).unwrap_err().path, "next");
}

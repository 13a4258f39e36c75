//! `resources/read`, and the two methods about resources that only older revisions have.

use super::*;

/// Texts that can be URIs.
const URIS: [&str; 8] = [
    "file:///a",
    "a:",
    "docs:///r\u{e9}sum\u{e9} 2",
    "ui://widget/1",
    "urn:isbn:0451450523",
    "x-y.z+1:b",
    "HTTP://EXAMPLE.com/?q=%00#f",
    "test://template/{id}/data",
];

fn read(uri: Value) -> Post {
    let header = uri.as_str().map_or_else(|| "x".to_owned(), property::encoded);
    modern("resources/read", json!({"uri": uri})).header("Mcp-Name", &header)
}

#[test]
fn a_uri_is_handed_on_as_it_came() {
    for uri in URIS {
        let expected = ReadResource { uri: uri.to_owned(), input: Input::default() };
        assert_eq!(read(json!(uri)).request().method, Method::ReadResource(expected.clone()));
        for version in LEGACY {
            let post = |method: &str| legacy(version, method, json!({"uri": uri})).request().method;
            assert_eq!(post("resources/read"), Method::ReadResource(expected.clone()));
            assert_eq!(post("resources/subscribe"), Method::Subscribe { uri: uri.to_owned() });
            assert_eq!(post("resources/unsubscribe"), Method::Unsubscribe { uri: uri.to_owned() });
        }
    }
}

#[test]
fn what_can_be_no_uri_is_refused() {
    let table = [
        (json!(1), "params.uri: expected Unicode text, found a number"),
        (json!(null), "params.uri is missing: expected a string"),
        (json!(["a:b"]), "params.uri: expected Unicode text, found an array"),
        (json!(""), "params.uri: expected a URI, found an empty string"),
        (json!("a"), "params.uri: expected a URI that starts with its scheme, found 'a'"),
        (json!("/etc/passwd"), "its scheme, found '/etc/passwd'"),
        (json!("//host/a:b"), "its scheme"),
        (json!(":a"), "its scheme"),
        (json!("1a:b"), "its scheme"),
        (json!("-a:b"), "its scheme"),
        (json!("a_b:c"), "its scheme"),
        (json!("{scheme}:c"), "its scheme"),
        (json!("\u{e9}:c"), "its scheme"),
        (json!(" a:b"), "its scheme"),
        (json!("a:\n"), r"params.uri: expected a URI without control characters, found 'a:\n'"),
        (json!("a:\u{0}"), "without control characters"),
        (json!("a:\u{7f}"), "without control characters"),
        (json!("a:\u{85}"), "without control characters"),
    ];
    for (uri, names) in table {
        let legacy = ["resources/read", "resources/subscribe", "resources/unsubscribe"]
            .map(|method| legacy("2025-11-25", method, json!({"uri": uri})));
        let posts = [read(uri.clone())].into_iter().chain(legacy);
        all_refused(StatusCode::OK, -32602, posts.map(|post| (post, names)));
    }
    let missing = "params.uri is missing: expected a string";
    all_refused(
        StatusCode::OK,
        -32602,
        [
            (modern("resources/read", json!({})), missing),
            (legacy("2025-06-18", "resources/read", json!({"name": "a:b"})), missing),
            (legacy("2025-06-18", "resources/subscribe", json!({})), missing),
            (legacy("2025-06-18", "resources/unsubscribe", json!({})), missing),
        ],
    );
}

#[test]
fn a_uri_may_be_as_long_as_the_limit_and_no_longer() {
    let uri = |bytes: usize| json!(format!("a:{}", "b".repeat(bytes - 2)));
    let longest = read(uri(MAX_URI_BYTES));
    assert!(matches!(longest.send_to(ALL), Parsed::Request(_)));
    for post in [
        read(uri(MAX_URI_BYTES + 1)),
        legacy("2025-11-25", "resources/subscribe", json!({"uri": uri(MAX_URI_BYTES + 1)})),
    ] {
        let (status, code, message) = post.refusal_by(ALL);
        assert_eq!((status, code), (200, -32602));
        assert_eq!(message, "params.uri: expected at most 8192 bytes, found 8193");
    }
}

#[test]
fn nobody_subscribes_under_a_modern_revision() {
    for method in ["resources/subscribe", "resources/unsubscribe"] {
        let (status, code, _) = modern(method, json!({"uri": "a:b"})).refusal();
        assert_eq!((status, code), (404, -32601));
    }
}

//! URIs and their templates, judged as MCP's schema judges them: `format: uri`, `format: uri-template`.

use proptest::prelude::*;
use serde_json::json;

use crate::content::uri::{check, check_template};

/// Validates a text of that format with a JSON Schema validator.
fn is_valid(format: &str, text: &str) -> bool {
    let schema = json!({"type": "string", "format": format});
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    validator.is_valid(&json!(text))
}

#[test]
fn uris_are_told_from_other_text() {
    for uri in [
        "a:",
        "docs:///a",
        "file:///a/b.txt",
        "http://x.example:80/a?b=c&d#e",
        "urn:isbn:0451450523",
        "x+y-z.1:a@b",
        "http://u:p@[::1]:8080/",
        "data:image/png;base64,AA==",
        "a:%20%C3%A9",
        "a:/?x=?/#?/",
        "mailto:a@b.example",
        "test://static-text",
        "a:(1)*!$&'+,;=~",
        "x://[::ffff:1.2.3.4]",
    ] {
        assert!(check(uri).is_ok(), "{uri}");
        assert!(is_valid("uri", uri), "{uri}: the schema's validator disagrees");
    }
    for other in [
        "",
        "a",
        "/a",
        "//a/b",
        "a b:c",
        "1a:b",
        ":a",
        "a:b c",
        "a:b\n",
        "a:\u{e9}",
        "a:%",
        "a:%2",
        "a:%zz",
        "a:b#c#d",
        "a:[b]",
        "a:<b>",
        "a:\"",
        "a:b\\c",
        "a:^",
        "a:`",
        "a:{b}",
        "a:|",
        "http://[::1",
        "http://[x]/",
        "http://a:b/",
        "http://a@b@c/",
        "http://[::1]x/",
        "a:\0",
        "a:\u{202e}",
        "\u{e9}:a",
        "http://a[b]/",
        "a:?[x]",
    ] {
        assert!(check(other).is_err(), "{other:?}");
    }
}

#[test]
fn templates_are_told_from_other_text() {
    for template in [
        "docs:///{path}",
        "a:b",
        "a:{+b}",
        "a:{#b}",
        "a:{.b,c}",
        "a:/{/b*}{?c:3,d}{&e}{;f}",
        "a:{b.c_1}",
        "a:{%20}",
        "test://template/{id}/data",
    ] {
        assert!(check_template(template).is_ok(), "{template}");
        assert!(is_valid("uri-template", template), "{template}: the schema's validator disagrees");
    }
    for other in [
        "",
        "a",
        "{a}",
        "{a}:b",
        "a:{",
        "a:}",
        "a:{}",
        "a:{a b}",
        "a:{{b}}",
        "a:{b}}",
        "a:{b,}",
        "a:{!b}",
        "a:{b:0}",
        "a:{b:12345}",
        "a:{b:}",
        "a:{b..c}",
        "a:{b-c}",
        "a:{b**}",
        "a:{+}",
        "a:{%2}",
        "a:{\u{e9}}",
        "a: {b}",
        "a:'",
        "a:\u{e9}{b}",
        "a:{b:2*}",
    ] {
        assert!(check_template(other).is_err(), "{other:?}");
    }
}

proptest! {
    #[test]
    fn no_uri_is_sent_that_the_schema_refuses(uri in "[a-z]{1,3}:(//)?[a-z0-9:/?#@%\\[\\]{}.' A-F]{0,12}") {
        prop_assert!(check(&uri).is_err() || is_valid("uri", &uri), "{}", uri);
    }

    #[test]
    fn no_template_is_sent_that_the_schema_refuses(template in "[a-z]{1,2}:[a-f0-9/{}{}{},:*+?%.' \\[#]{0,12}") {
        prop_assert!(check_template(&template).is_err() || is_valid("uri-template", &template), "{}", template);
    }
}

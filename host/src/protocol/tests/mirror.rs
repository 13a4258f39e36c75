//! Step 14: headers that repeat arguments.

use http::HeaderMap;

use super::*;

fn expected() -> Vec<ParamHeader> {
    vec![
        ParamHeader::new("Region", "region", ParamKind::Text).unwrap(),
        ParamHeader::new("Limit", "limit", ParamKind::Integer).unwrap(),
    ]
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let mut post = post("");
    post.headers = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    post.parts().headers
}

#[test]
fn headers_that_repeat_the_arguments_are_accepted() {
    let table: [(&str, &[(&str, &str)]); 21] = [
        ("{}", &[]),
        (r#"{"region":null}"#, &[]),
        (r#"{"other":"x"}"#, &[("Mcp-Param-Other", "y")]),
        (r#"{"region":"eu"}"#, &[("Mcp-Param-Region", "eu")]),
        (r#"{"region":"eu"}"#, &[("mcp-param-REGION", " eu ")]),
        (r#"{"region":"eu"}"#, &[("Mcp-Param-Region", "=?base64?ZXU=?=")]),
        (r#"{"region":"\u0065u"}"#, &[("Mcp-Param-Region", "eu")]),
        (r#"{"region":"Hello"}"#, &[("Mcp-Param-Region", "=?base64?SGVsbG8=?=")]),
        (r#"{"region":"SGVsbG8=?="}"#, &[("Mcp-Param-Region", "SGVsbG8=?=")]),
        (r#"{"region":"=?base64?SGVsbG8="}"#, &[("Mcp-Param-Region", "=?base64?SGVsbG8=")]),
        (r#"{"region":""}"#, &[("Mcp-Param-Region", "")]),
        (r#"{"region":"日本"}"#, &[("Mcp-Param-Region", "=?base64?5pel5pys?=")]),
        (r#"{"region":true}"#, &[("Mcp-Param-Region", "true")]),
        (r#"{"region":"true"}"#, &[("Mcp-Param-Region", "true")]),
        (r#"{"limit":"42"}"#, &[("Mcp-Param-Limit", "42")]),
        (r#"{"limit":"42"}"#, &[("Mcp-Param-Limit", "42.0")]),
        (r#"{"limit":42}"#, &[("Mcp-Param-Limit", "42.0")]),
        (r#"{"limit":42.0}"#, &[("Mcp-Param-Limit", "42")]),
        (r#"{"limit":18446744073709551616}"#, &[("Mcp-Param-Limit", "18446744073709551616")]),
        (r#"{"limit":1e3,"region":"a"}"#, &[("Mcp-Param-Limit", "1000"), ("Mcp-Param-Region", "a")]),
        (r#"{"region":["left","to","the","decoder"]}"#, &[]),
    ];
    for (arguments, pairs) in table {
        let outcome = check_param_headers(&headers(pairs), &expected(), arguments.as_bytes());
        assert!(outcome.is_ok(), "{arguments} {pairs:?}: {outcome:?}");
    }
}

#[test]
fn headers_that_say_anything_else_are_refused() {
    let table: [(&str, &[(&str, &str)]); 22] = [
        (r#"{"region":"eu"}"#, &[]),
        (r#"{"limit":1}"#, &[]),
        (r#"{"region":true}"#, &[]),
        (r#"{"region":"eu"}"#, &[("Mcp-Param-Region", "us")]),
        (r#"{"region":"eu"}"#, &[("Mcp-Param-Region", "EU")]),
        (r#"{"region":"eu"}"#, &[("Mcp-Param-Region", "")]),
        (r#"{"region":"eu"}"#, &[("Mcp-Param-Region", "eu"), ("Mcp-Param-Region", "eu")]),
        (r#"{"region":" eu"}"#, &[("Mcp-Param-Region", " eu")]),
        (r#"{"region":"Hello"}"#, &[("Mcp-Param-Region", "=?base64?SGVsbG8?=")]),
        (r#"{"region":"Hello"}"#, &[("Mcp-Param-Region", "=?base64?SGVs!!!bG8=?=")]),
        (r#"{"region":"Hello"}"#, &[("Mcp-Param-Region", "=?BASE64?SGVsbG8=?=")]),
        (r#"{"region":true}"#, &[("Mcp-Param-Region", "True")]),
        (r#"{"region":"42"}"#, &[("Mcp-Param-Region", "42.0")]),
        (r#"{"limit":"42"}"#, &[("Mcp-Param-Limit", "43")]),
        (r#"{"limit":"42"}"#, &[]),
        (r#"{"limit":42}"#, &[("Mcp-Param-Limit", "43")]),
        (r#"{"limit":42}"#, &[("Mcp-Param-Limit", "042")]),
        (r#"{"limit":42}"#, &[("Mcp-Param-Limit", "forty-two")]),
        (r#"{"limit":9007199254740993}"#, &[("Mcp-Param-Limit", "9007199254740992")]),
        ("{}", &[("Mcp-Param-Region", "eu")]),
        (r#"{"region":null}"#, &[("Mcp-Param-Region", "null")]),
        (r#"{"region":null}"#, &[("Mcp-Param-Region", "")]),
    ];
    for (arguments, pairs) in table {
        let fault = check_param_headers(&headers(pairs), &expected(), arguments.as_bytes()).unwrap_err();
        assert_eq!(
            (fault.code(Era::Modern), fault.status(Era::Modern).as_u16()),
            (-32020, 400),
            "{arguments} {pairs:?}"
        );
        assert!(fault.to_string().contains("Mcp-Param-"), "{fault}");
    }
}

#[test]
fn an_argument_that_two_readers_would_read_differently_is_refused() {
    let mirrored = headers(&[("Mcp-Param-Region", "eu")]);
    for arguments in [
        r#"{"region":"eu","region":"us"}"#,
        r#"{"region":"us","region":"eu"}"#,
        r#"{"region":"eu","r\u0065gion":"eu"}"#,
        r#"{"region":"\ud800"}"#,
    ] {
        let fault = check_param_headers(&mirrored, &expected(), arguments.as_bytes()).unwrap_err();
        assert_eq!(
            (fault.code(Era::Modern), fault.status(Era::Modern).as_u16()),
            (-32600, 400),
            "{arguments}"
        );
    }
}

#[test]
fn a_header_needs_a_name_that_can_stand_in_one() {
    assert!(ParamHeader::new("Tenant-Id", "tenant", ParamKind::Text).is_some());
    for name in ["", "a b", "a:b", "ü", "a\n", "(x)"] {
        assert_eq!(ParamHeader::new(name, "x", ParamKind::Text), None, "{name:?}");
    }
}

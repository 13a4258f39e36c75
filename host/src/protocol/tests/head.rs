//! Steps 1 and 3 to 6: the head of a request.

use super::*;

const BODY: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;

#[test]
fn an_origin_is_compared_with_a_list_and_never_with_the_host() {
    let local = policy(Exposure::Loopback, &["https://app.example.com"], &["evil.example.com"]);
    let public = policy(Exposure::Public, &["https://app.example.com", "http://other.example.com:81"], &[]);
    let table = [
        (&local, "localhost", Some("http://localhost:6274"), true),
        (&local, "localhost", Some("http://127.0.0.1"), true),
        (&local, "localhost", Some("https://[::1]:1"), true),
        (&local, "localhost", Some("HTTP://LOCALHOST:1"), true),
        (&local, "localhost", Some("https://app.example.com"), true),
        (&local, "localhost", Some("https://app.example.com:443"), true),
        (&local, "localhost", None, true),
        (&local, "localhost", Some("http://app.example.com"), false),
        (&local, "localhost", Some("https://app.example.com:8443"), false),
        (&local, "localhost", Some("https://app.example.com.evil.org"), false),
        (&local, "localhost", Some("https://evil.org/https://app.example.com"), false),
        (&local, "localhost", Some("http://localhost.evil.org"), false),
        (&local, "localhost", Some("http://localhost@evil.org"), false),
        (&local, "localhost", Some("http://127.0.0.1.nip.io"), false),
        (&local, "localhost", Some("null"), false),
        (&local, "localhost", Some(""), false),
        (&local, "localhost", Some("file://"), false),
        (&local, "evil.example.com", Some("http://evil.example.com"), false),
        (&public, "mcp.example.com", None, true),
        (&public, "mcp.example.com", Some("https://app.example.com"), true),
        (&public, "mcp.example.com", Some("http://other.example.com:81"), true),
        (&public, "mcp.example.com", Some("http://other.example.com"), false),
        (&public, "mcp.example.com", Some("https://mcp.example.com"), false),
        (&public, "mcp.example.com", Some("http://localhost"), false),
    ];
    for (policy, host, origin, is_allowed) in table {
        let post = post(BODY).header("host", host);
        let post = origin.map_or(post.clone(), |origin| post.header("origin", origin));
        match pre_check(&post.parts(), policy) {
            Ok(_) => assert!(is_allowed, "{origin:?} was allowed"),
            Err(rejection) => {
                assert!(!is_allowed, "{origin:?} was refused");
                assert_eq!(refusal(rejection).0, 403);
            }
        }
    }
}

#[test]
fn a_host_must_be_one_that_the_server_answers_to() {
    let local = policy(Exposure::Loopback, &[], &["box.local", "only.local:81"]);
    let open = policy(Exposure::Public, &[], &[]);
    let closed = policy(Exposure::Public, &[], &["mcp.example.com"]);
    let table = [
        (&local, "localhost", true),
        (&local, "LocalHost:8080", true),
        (&local, "127.0.0.1:8080", true),
        (&local, "[::1]:8080", true),
        (&local, "box.local:9", true),
        (&local, "only.local:81", true),
        (&local, "only.local", false),
        (&local, "evil.example.com", false),
        (&local, "localhost.evil.example.com", false),
        (&local, "localhost:8080@evil", false),
        (&local, "localhost:x", false),
        (&local, "127.0.0.1.nip.io", false),
        (&local, "[::1", false),
        (&local, "", false),
        (&open, "whatever.on.aws", true),
        (&open, "", true),
        (&closed, "MCP.example.com", true),
        (&closed, "localhost", false),
    ];
    for (policy, host, is_served) in table {
        match pre_check(&post(BODY).header("host", host).parts(), policy) {
            Ok(_) => assert!(is_served, "{host:?} was served"),
            Err(rejection) => {
                assert!(!is_served, "{host:?} was refused");
                assert_eq!(refusal(rejection).0, 403);
            }
        }
    }
}

#[test]
fn every_host_that_a_request_names_counts() {
    let local = policy(Exposure::Loopback, &[], &[]);
    assert_eq!(refusal(pre_check(&post(BODY).without("host").parts(), &local).unwrap_err()).0, 403);
    assert_eq!(refusal(pre_check(&post(BODY).also("host", "evil.org").parts(), &local).unwrap_err()).0, 403);
    assert_eq!(
        refusal(
            pre_check(
                &post(BODY).also("origin", "http://[::1]").also("origin", "http://[::1]").parts(),
                &local
            )
            .unwrap_err()
        )
        .0,
        403
    );
    let mut absolute = post(BODY).parts();
    absolute.uri = "http://evil.org/mcp".parse().unwrap();
    assert_eq!(refusal(pre_check(&absolute, &local).unwrap_err()).0, 403);
}

#[test]
fn a_rule_that_cannot_be_understood_is_refused_at_start() {
    for origin in [
        "",
        "**",
        "NULL",
        "app.example.com",
        "https://*",
        "https://a.example.com/",
        "https://a b",
        "https://a:99999",
    ] {
        let lists = [origin.to_owned()];
        let error = Policy::new(Exposure::Public, Callers::Authenticated, &lists, &[], LIMIT);
        let error = error.unwrap_err().to_string();
        assert!(
            error.starts_with("allowed_origins: expected an origin such as") && error.contains(origin),
            "{error}"
        );
    }
    for host in ["*", "https://a.example.com", "a.example.com/mcp", "", "a:", "a:b"] {
        let error = Policy::new(Exposure::Public, Callers::Authenticated, &[], &[host.to_owned()], LIMIT);
        match error {
            Ok(_) => panic!("{host:?} was taken"),
            Err(error) => {
                assert!(error.to_string().starts_with("allowed_hosts: expected a host name"), "{error}")
            }
        }
    }
}

#[test]
fn pages_of_unknown_sites_may_call_only_where_callers_show_credentials() {
    for (rule, allowed, refused) in [
        ("*", &["https://evil.org", "null", "file://", "http://localhost"][..], &[][..]),
        ("null", &["null"], &["https://evil.org", "NULL", "null ", "file://", ""]),
    ] {
        let rules = [rule.to_owned()];
        for exposure in [Exposure::Loopback, Exposure::Public] {
            let open = Policy::new(exposure, Callers::Anonymous, &rules, &[], LIMIT).unwrap_err().to_string();
            assert!(open.contains(rule) && open.contains("[auth.bearer]"), "{open}");
            let policy = Policy::new(exposure, Callers::Authenticated, &rules, &[], LIMIT).unwrap();
            let check = |origin: &str| pre_check(&post(BODY).header("origin", origin).parts(), &policy);
            for origin in allowed {
                let Ok(PreCheck::Passed(page)) = check(origin) else { panic!("{origin} is refused") };
                let mut headers = http::HeaderMap::new();
                page.allow_origin(&mut headers);
                assert_eq!(headers["access-control-allow-origin"], origin, "never a wildcard");
            }
            for origin in refused {
                assert_eq!(refusal(check(origin).unwrap_err()).0, 403, "{origin:?} under {rule}");
            }
        }
    }
}

#[test]
fn only_post_is_served() {
    for method in ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "post", "BREW"] {
        let mut parts = post(BODY).parts();
        parts.method = method.parse().unwrap();
        let rejection = check_head(&parts, &policy(Exposure::Loopback, &[], &[])).unwrap_err();
        let response = rejection.clone().into_response();
        assert_eq!(response.headers()["allow"], "POST", "{method}");
        assert_eq!(refusal(rejection).0, 405, "{method}");
    }
}

#[test]
fn a_browser_is_told_what_it_may_send() {
    let mut parts = post("").header("origin", "http://localhost:6274").parts();
    parts.method = "OPTIONS".parse().unwrap();
    parts.headers.insert("access-control-request-headers", "mcp-param-region,mcp-method".parse().unwrap());
    let local = policy(Exposure::Loopback, &[], &[]);
    let Ok(PreCheck::Preflight(answer)) = pre_check(&parts, &local) else { panic!("expected a preflight") };
    assert_eq!(answer.status(), 204);
    assert_eq!(answer.headers()["access-control-allow-origin"], "http://localhost:6274");
    assert_eq!(answer.headers()["access-control-allow-headers"], "mcp-param-region,mcp-method");
    assert_eq!(answer.headers()["access-control-allow-methods"], "POST");
    parts.headers.insert("origin", "https://evil.org".parse().unwrap());
    assert_eq!(refusal(pre_check(&parts, &local).unwrap_err()).0, 403);
}

#[test]
fn a_page_of_an_allowed_origin_may_read_the_answer() {
    let local = policy(Exposure::Loopback, &[], &[]);
    let page = post(BODY).header("origin", "http://localhost:6274");
    let Ok(PreCheck::Passed(page)) = pre_check(&page.parts(), &local) else { panic!("expected a request") };
    let mut headers = http::HeaderMap::new();
    page.allow_origin(&mut headers);
    assert_eq!(headers["access-control-allow-origin"], "http://localhost:6274");
    assert_eq!(headers["access-control-expose-headers"], "www-authenticate");
    assert_eq!(headers["vary"], "origin");
}

#[test]
fn a_body_is_json_in_utf_8_and_not_compressed() {
    let kind = |value: &str| post(BODY).header("content-type", value);
    for taken in [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=\"UTF-8\"",
        " application/json ; profile=x",
    ] {
        assert!(matches!(kind(taken).send(), Parsed::Request(_)), "{taken}");
    }
    all_refused(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        -32600,
        [
            (post(BODY).without("content-type"), "Content-Type"),
            (post(BODY).also("content-type", "application/json"), "Content-Type"),
            (kind(""), "Content-Type"),
            (kind("text/plain"), "'text/plain'"),
            (kind("application/x-www-form-urlencoded"), "application/json"),
            (kind("multipart/form-data; boundary=a"), "application/json"),
            (kind("application/jsonrpc"), "application/json"),
            (kind("application/json-seq"), "application/json"),
            (kind("text/plain; application/json"), "application/json"),
            (kind("application/json; charset=utf-16"), "UTF-8"),
            (kind("application/json, text/plain"), "application/json"),
            (post(BODY).header("content-encoding", "gzip"), "Content-Encoding"),
        ],
    );
}

#[test]
fn a_client_gets_what_it_accepts() {
    let accept = |value: &str| post(BODY).header("accept", value);
    for (post, taken) in [
        (post(BODY), Accept::Either),
        (accept("application/json, text/event-stream"), Accept::Either),
        (accept("application/json").also("accept", "text/event-stream"), Accept::Either),
        (accept("*/*"), Accept::Either),
        (accept("application/*, text/*;q=0.1"), Accept::Either),
        (accept("TEXT/Event-Stream;q=0.9 , Application/JSON"), Accept::Either),
        (accept("application/json"), Accept::Json),
        (accept("application/*"), Accept::Json),
        (accept("application/json, text/event-stream;q=0"), Accept::Json),
        (accept("text/event-stream"), Accept::EventStream),
        (accept("text/html, text/*"), Accept::EventStream),
    ] {
        assert_eq!(post.request().accept, taken, "{:?}", post.headers);
    }
    all_refused(
        StatusCode::NOT_ACCEPTABLE,
        -32600,
        [
            (accept(""), "Accept"),
            (accept("text/html"), "application/json"),
            (accept("image/*"), "text/event-stream"),
            (accept("application/json;q=0"), "Accept"),
            (accept("*/*; q=0.0"), "Accept"),
            (accept("application/jsonp"), "Accept"),
            (accept("json"), "Accept"),
            (accept("*"), "Accept"),
            (accept("application"), "Accept"),
            (accept("text/plain, application/xml"), "Accept"),
        ],
    );
}

#[test]
fn a_body_up_to_the_limit_is_read() {
    let padded = format!("{BODY}{}", " ".repeat(LIMIT - BODY.len()));
    assert!(matches!(post(&padded).send(), Parsed::Request(_)));
    assert!(matches!(post(&padded).header("content-length", &LIMIT.to_string()).send(), Parsed::Request(_)));
}

#[test]
fn a_body_over_the_limit_is_refused_even_if_only_announced() {
    let limit = LIMIT.to_string();
    all_refused(
        StatusCode::PAYLOAD_TOO_LARGE,
        -32600,
        [
            (post(format!("{BODY}{}", " ".repeat(LIMIT - BODY.len() + 1))), limit.as_str()),
            (post(BODY).header("content-length", &(LIMIT + 1).to_string()), limit.as_str()),
            (post(BODY).header("content-length", "99999999999"), limit.as_str()),
        ],
    );
}

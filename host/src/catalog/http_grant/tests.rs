use proptest::prelude::*;

use super::*;

fn host(text: &str) -> Result<HostPattern, HostError> {
    text.parse()
}

#[test]
fn a_host_is_a_name_in_its_one_spelling_or_an_address() {
    for text in [
        "api.github.com",
        "localhost",
        "a-b.c1",
        "xn--bcher-kva.example",
        "*.example.com",
        "10.0.0.1",
        "[fd12:3456::1]",
        "1.example.com",
        "0x1.example",
    ] {
        assert_eq!(host(text).map(|host| host.to_string()), Ok(text.to_owned()));
    }
}

#[test]
fn every_other_spelling_of_a_host_is_refused() {
    let long = format!("{}.com", "a".repeat(64));
    let too_long = format!("{}a", "a.".repeat(127));
    let table: &[(HostError, &[&str])] = &[
        (HostError::Length, &["", ".", "a..b", ".a", &long, &too_long]),
        (HostError::FinalDot, &["example.com.", "127.0.0.1."]),
        (HostError::UpperCase, &["Example.com", "EXAMPLE.COM"]),
        (HostError::NotAscii, &["bücher.example", "１27.0.0.1", "example。com", "ⓔxample.com"]),
        (
            HostError::Character,
            &[
                "a_b.com",
                "-a.com",
                "a-.com",
                "a b",
                "a/b",
                "a@b",
                "a:80",
                "a#b",
                "a%2eb",
                "::1",
                "fe80::1%eth0",
                "a\0b",
            ],
        ),
        (
            HostError::Number,
            &[
                "127.1",
                "2130706433",
                "0",
                "0x7f.1",
                "0x7f000001",
                "0177.0.0.1",
                "127.0.0.01",
                "256.1.1.1",
                "1.2.3.4.5",
                "a.0x",
                "example.1",
            ],
        ),
        (
            HostError::Address,
            &[
                "[::1",
                "[]",
                "[0:0:0:0:0:0:0:1]",
                "[::ffff:127.0.0.1]",
                "[::127.0.0.1]",
                "[fe80::1%1]",
                "[::FFFF]",
            ],
        ),
        (HostError::Star, &["*", "*.com", "*.*.com", "a.*.com", "*a.example.com", "*.10.0.0.1"]),
    ];
    for (error, texts) in table {
        for text in *texts {
            assert_eq!(host(text), Err(*error), "{text:?}");
        }
    }
}

#[test]
fn a_star_stands_for_exactly_one_label() {
    let pattern = host("*.example.com").unwrap();
    for (text, matches) in [
        ("a.example.com", true),
        ("example.com", false),
        ("a.b.example.com", false),
        ("aexample.com", false),
        ("a.example.com.evil.net", false),
    ] {
        assert_eq!(pattern.matches(&text.parse().unwrap()), matches, "{text}");
    }
}

#[test]
fn a_path_that_is_not_in_its_one_form_is_refused() {
    let table: &[(PathError, &[&str])] = &[
        (PathError::Relative, &["", "a", "*", "?a", "http://host/"]),
        (PathError::EmptySegment, &["//", "/a//b", "//host/a", "/a//"]),
        (PathError::Dots, &["/.", "/..", "/a/../b", "/a/.", "/./a", "/a/.."]),
        (
            PathError::Character,
            &[
                "/a;b", "/..;/a", "/a\\b", "/a b", "/a\tb", "/a\0b", "/a\u{7f}", "/ä", "/a#b", "/a?b",
                "/{a}", "/a|b",
            ],
        ),
        (PathError::Percent, &["/%", "/%2", "/%zz", "/%u002e", "/a%"]),
        (
            PathError::Encoded,
            &[
                "/%2e%2e/a",
                "/%2E",
                "/a%2fb",
                "/a%2Fb",
                "/a%5cb",
                "/a%3bb",
                "/a%00b",
                "/a%0d%0ab",
                "/a%7f",
                "/%252e",
                "/%25252f",
                "/%c0%ae",
                "/%c1%9c",
                "/%e0%80%af",
                "/%f0%80%80%af",
            ],
        ),
    ];
    for (error, paths) in table {
        for path in *paths {
            assert_eq!(check_path(path), Err(*error), "{path:?}");
        }
    }
    for path in
        ["/", "/a", "/a/", "/a.b/..c/...", "/%20", "/a%C3%A4", "/%25", "/100%25zz", "/a:@!$&'()*+,=~_-"]
    {
        assert_eq!(check_path(path), Ok(()), "{path:?}");
    }
}

#[test]
fn an_escape_that_is_made_of_escapes_is_noticed() {
    for path in [
        "/repos/%25%32%65%25%32%65/admin",
        "/%25%32e",
        "/%252%65",
        "/%25%32%35%32%65",
        "/..%252%66admin",
        "/x%25%35%63y",
        "/x%25%33%62y",
        "/a%250%64%250%61b",
        "/%25e0%80",
        "/%e0%2580",
    ] {
        assert_eq!(check_path(path), Err(PathError::Encoded), "{path}");
    }
    for path in ["/%2%65", "/%%32e"] {
        assert_eq!(check_path(path), Err(PathError::Percent), "{path}");
    }
    for path in ["/%25%25%32%30", "/%25%34%31", "/%2525252525", "/%25%7a%32%65"] {
        assert_eq!(check_path(path), Ok(()), "{path}");
    }
    let deep = format!("/{}", "%25".repeat(4_000)) + &"25".repeat(4_000);
    assert_eq!(check_path(&deep), Ok(()), "takes no longer than one pass");
}

#[test]
fn a_prefix_ends_at_the_border_of_a_segment() {
    let table: &[(&str, &[&str], &[&str])] = &[
        ("/", &["/", "/a", "/a/b"], &[]),
        ("/repos", &["/repos", "/repos/", "/repos/a"], &["/reposx", "/repo", "/", "/Repos"]),
        ("/repos/", &["/repos/", "/repos/a"], &["/repos", "/reposx"]),
    ];
    for (prefix, covered, others) in table {
        let prefix: PathPrefix = prefix.parse().unwrap();
        assert!(covered.iter().all(|path| prefix.covers(path)), "{prefix}");
        assert!(!others.iter().any(|path| prefix.covers(path)), "{prefix}");
    }
}

#[test]
fn methods_are_upper_case_and_none_that_opens_more() {
    for text in ["GET", "PATCH", "PROPFIND", "M-SEARCH"] {
        assert_eq!(text.parse::<HttpMethod>().unwrap().as_str(), text);
    }
    for text in ["TRACE", "CONNECT", "TRACK"] {
        assert_eq!(text.parse::<HttpMethod>(), Err(MethodError::Refused));
    }
    for text in ["", "get", "GET ", "G\r\n", "A2", "ABCDEFGHIJKLMNOPQRSTU"] {
        assert_eq!(text.parse::<HttpMethod>(), Err(MethodError::Form), "{text:?}");
    }
}

#[test]
fn headers_that_change_what_a_request_means_take_a_grant_or_are_never_sent() {
    let never = [
        "host",
        "connection",
        "transfer-encoding",
        "transfer_encoding",
        "te",
        "upgrade",
        "proxy-authorization",
        "proxy-anything",
        "http2-settings",
    ];
    for name in never {
        assert_eq!(HeaderClass::of(name), HeaderClass::Never, "{name}");
        assert_eq!(HeaderClass::of_trailer(name), HeaderClass::Never, "{name}");
        assert_eq!(name.parse::<GrantedHeader>(), Err(HeaderError::Never), "{name}");
    }
    for name in [
        "x-forwarded-for",
        "x_forwarded_host",
        "x-forwarded",
        "forwarded",
        "cf-connecting-ip",
        "fastly-client-ip",
        "x-azure-clientip",
        "x-originating-ip",
        "x-remote-addr",
        "x_remote_ip",
        "x-http-method-override",
        "x-original-url",
        "x-envoy-original-path",
    ] {
        assert_eq!(HeaderClass::of(name), HeaderClass::ByGrant, "{name}");
        assert_eq!(HeaderClass::of_trailer(name), HeaderClass::ByGrant, "{name}");
        assert_eq!(name.parse::<GrantedHeader>().unwrap().as_str(), name);
    }
    for name in ["accept", "x-forwarder", "content-length", "authorization"] {
        assert_eq!(HeaderClass::of(name), HeaderClass::Free, "{name}");
        assert_eq!(name.parse::<GrantedHeader>(), Err(HeaderError::Free), "{name}");
    }
    for name in ["content-length", "authorization", "content-type", "content_type", "cookie", "if_match"] {
        assert_eq!(HeaderClass::of_trailer(name), HeaderClass::Never, "{name}");
    }
    assert_eq!(HeaderClass::of_trailer("x-checksum"), HeaderClass::Free);
    for name in ["", "X-Forwarded-For", "x forwarded", "via:"] {
        assert_eq!(name.parse::<GrantedHeader>(), Err(HeaderError::Form), "{name:?}");
    }
}

#[test]
fn no_range_contains_this_machine_or_its_link() {
    for text in
        ["10.0.0.0/8", "172.16.0.0/12", "192.168.1.7/32", "100.64.0.0/10", "fd12::/16", "203.0.113.0/24"]
            .into_iter()
            .chain(["100.100.100.0/24", "168.63.129.0/24", "fd00:c1::/32", "fd20::/16"])
    {
        assert_eq!(text.parse::<AddressRange>().unwrap().to_string(), text);
    }
    for text in [
        "0.0.0.0/0",
        "127.0.0.1/32",
        "96.0.0.0/3",
        "169.254.169.254/32",
        "168.0.0.0/7",
        "::/0",
        "::1/128",
        "fe80::/64",
        "::ffff:10.0.0.0/104",
        "::ffff:a00:0/104",
        "2002:7f00::/24",
        "64:ff9b::/96",
        "fd00::/8",
        "224.0.0.1/32",
        "100.100.100.200/32",
        "168.63.129.16/32",
        "fd00:c1::a9fe:a9fe/128",
        "fd20:ce::/32",
        "fd20:ce::254/128",
    ] {
        let refused = text.parse::<AddressRange>();
        assert!(matches!(refused, Err(RangeError::Refused(_) | RangeError::Form)), "{text}: {refused:?}");
    }
    for text in
        ["", "10.0.0.0", "10.0.0.1/8", "10.0.0.0/33", "10/8", "010.0.0.0/8", "FD12::/16", "example.com/8"]
    {
        assert_eq!(text.parse::<AddressRange>(), Err(RangeError::Form), "{text:?}");
    }
}

fn rule(change: impl FnOnce(&mut HttpGrant)) -> HttpGrant {
    let mut rule = HttpGrant::new("*.example.com".parse().unwrap());
    rule.paths = vec!["/a/".parse().unwrap(), "/b".parse().unwrap()];
    rule.headers = vec!["via".parse().unwrap()];
    rule.address = vec!["10.0.0.0/8".parse().unwrap()];
    change(&mut rule);
    rule
}

/// A change of a rule.
type Change = fn(&mut HttpGrant);

#[test]
fn a_rule_lies_within_another_only_if_every_part_does() {
    let most = rule(|_| {});
    let within: [Change; 9] = [
        |_| {},
        |rule| rule.host = "api.example.com".parse().unwrap(),
        |rule| rule.methods = vec![HttpMethod::get()],
        |rule| rule.paths = vec!["/a/b/".parse().unwrap(), "/b/".parse().unwrap()],
        |rule| rule.headers.clear(),
        |rule| rule.requests = 1,
        |rule| rule.response_bytes = 1,
        |rule| rule.address = vec!["10.1.0.0/16".parse().unwrap()],
        |rule| rule.address.clear(),
    ];
    for change in within {
        assert!(rule(change).is_within(&most), "{:?}", rule(change));
    }
    let beyond: [Change; 14] = [
        |rule| rule.host = "example.com".parse().unwrap(),
        |rule| rule.host = "*.b.example.com".parse().unwrap(),
        |rule| rule.scheme = Scheme::Http,
        |rule| rule.port = 8443,
        |rule| rule.methods.push("POST".parse().unwrap()),
        |rule| rule.paths = vec![PathPrefix::root()],
        |rule| rule.paths = vec!["/a".parse().unwrap()],
        |rule| rule.headers.push("forwarded".parse().unwrap()),
        |rule| rule.requests += 1,
        |rule| rule.at_once += 1,
        |rule| rule.request_bytes += 1,
        |rule| rule.response_bytes += 1,
        |rule| rule.time_ms += 1,
        |rule| rule.address = vec!["10.0.0.0/7".parse().unwrap()],
    ];
    for change in beyond {
        assert!(!rule(change).is_within(&most), "{:?}", rule(change));
    }
}

fn secret(from: &str) -> Option<Injection> {
    let place = InjectionPlace::Header {
        name: "authorization".parse().unwrap(),
        format: "Bearer {}".parse().unwrap(),
    };
    Some(Injection { place, from: from.to_owned() })
}

#[test]
fn a_rule_with_a_secret_lies_within_one_with_the_same_secret_alone() {
    let most = rule(|rule| rule.secret = secret("github"));
    assert!(rule(|rule| rule.secret = secret("github")).is_within(&most));
    assert!(rule(|_| {}).is_within(&most), "a request without it shows less");
    assert!(!rule(|rule| rule.secret = secret("aws")).is_within(&most));
    assert!(!rule(|rule| rule.secret = secret("github")).is_within(&rule(|_| {})));
    let other = rule(|rule| {
        let place = InjectionPlace::Query { name: "key".parse().unwrap() };
        rule.secret = Some(Injection { place, from: "github".to_owned() });
    });
    assert!(!other.is_within(&most), "another place");
}

#[test]
fn rules_overlap_if_one_request_matches_both() {
    let most = rule(|_| {});
    let overlapping: [Change; 8] = [
        |_| {},
        |rule| rule.paths = vec!["/a".parse().unwrap()],
        |rule| rule.host = "api.example.com".parse().unwrap(),
        |rule| rule.methods = vec!["POST".parse().unwrap(), HttpMethod::head()],
        |rule| rule.paths = vec!["/".parse().unwrap()],
        |rule| rule.paths = vec!["/b/c".parse().unwrap()],
        |rule| rule.paths = vec!["/x".parse().unwrap(), "/a/b/".parse().unwrap()],
        |rule| (rule.requests, rule.address) = (1, Vec::new()),
    ];
    for change in overlapping {
        assert!(rule(change).overlaps(&most) && most.overlaps(&rule(change)), "{:?}", rule(change));
    }
    let apart: [Change; 8] = [
        |rule| rule.host = "example.com".parse().unwrap(),
        |rule| rule.host = "a.b.example.com".parse().unwrap(),
        |rule| rule.host = "*.b.example.com".parse().unwrap(),
        |rule| rule.scheme = Scheme::Http,
        |rule| rule.port = 8443,
        |rule| rule.methods = vec!["POST".parse().unwrap()],
        |rule| rule.paths = vec!["/bc".parse().unwrap()],
        |rule| rule.paths = vec!["/c/b".parse().unwrap()],
    ];
    for change in apart {
        assert!(!rule(change).overlaps(&most) && !most.overlaps(&rule(change)), "{:?}", rule(change));
    }
}

proptest! {
    #[test]
    fn rules_of_which_both_match_a_path_overlap(one in "/[ab/]{0,4}", other in "/[ab/]{0,4}", path in "/[ab/]{0,6}") {
        let parsed = (one.parse::<PathPrefix>(), other.parse::<PathPrefix>());
        if let (Ok(one), Ok(other)) = parsed
            && one.covers(&path) && other.covers(&path)
        {
            let with = |path: PathPrefix| rule(|rule| rule.paths = vec![path]);
            prop_assert!(with(one).overlaps(&with(other)));
        }
    }
}

#[test]
fn a_secret_goes_to_one_host_with_tls_alone() {
    let exact = |rule: &mut HttpGrant| rule.host = "api.example.com".parse().unwrap();
    assert!(rule(exact).can_hold_secret());
    assert!(!rule(|_| {}).can_hold_secret());
    let plain = |rule: &mut HttpGrant| {
        exact(rule);
        rule.scheme = Scheme::Http;
    };
    assert!(!rule(plain).can_hold_secret());
}

#[test]
fn the_place_of_a_secret_has_one_spelling() {
    for name in ["authorization", "x-api-key", "private_token", "cookie"] {
        assert_eq!(name.parse::<InjectedHeader>().unwrap().to_string(), name);
    }
    for name in ["", "Authorization", "a b", "a:", "é"] {
        assert_eq!(name.parse::<InjectedHeader>(), Err(InjectionError::HeaderName), "{name}");
    }
    for name in
        ["host", "content-length", "connection", "te", "via", "x-forwarded-for", "proxy-authorization"]
    {
        assert_eq!(name.parse::<InjectedHeader>(), Err(InjectionError::Header), "{name}");
    }
    for (format, around) in [("{}", ("", "")), ("Bearer {}", ("Bearer ", "")), ("a {} b", ("a ", " b"))] {
        assert_eq!(format.parse::<HeaderFormat>().unwrap().around(), around);
    }
    for format in ["", "Bearer", "{} {}", "Bearer {} ", " {}", "{}\n", "é{}"] {
        assert_eq!(format.parse::<HeaderFormat>(), Err(InjectionError::Format), "{format:?}");
    }
    for name in ["key", "api.key", "a_b~c-1"] {
        assert_eq!(name.parse::<InjectedParameter>().unwrap().to_string(), name);
    }
    for name in ["", "a b", "a=b", "a&b", "a[]", "a%20", "é", &"a".repeat(129)] {
        assert_eq!(name.parse::<InjectedParameter>(), Err(InjectionError::Parameter), "{name}");
    }
}

#[test]
fn a_rule_is_read_with_the_same_checks_as_the_configuration() {
    let good = serde_json::to_value(rule(|_| {})).unwrap();
    assert_eq!(serde_json::from_value::<HttpGrant>(good.clone()).unwrap(), rule(|_| {}));
    for (key, value) in [
        ("host", serde_json::json!("EXAMPLE.com")),
        ("methods", serde_json::json!(["TRACE"])),
        ("paths", serde_json::json!(["/a/../b"])),
        ("headers", serde_json::json!(["host"])),
        ("address", serde_json::json!(["127.0.0.0/8"])),
        ("scheme", serde_json::json!("ftp")),
    ] {
        let mut bad = good.clone();
        bad[key] = value;
        assert!(serde_json::from_value::<HttpGrant>(bad).is_err(), "{key}");
    }
}

#[test]
fn an_origin_names_the_port_that_does_not_go_without_saying() {
    let shown = |change: Change| rule(change).origin().to_string();
    assert_eq!(shown(|_| {}), "https://*.example.com");
    assert_eq!(shown(|rule| rule.port = 8443), "https://*.example.com:8443");
    assert_eq!(shown(|rule| rule.host = "[fd12::1]".parse().unwrap()), "https://[fd12::1]");
}

/// Decodes a path as often as a careless server might.
fn decoded(path: &str) -> Vec<u8> {
    let mut bytes = path.as_bytes().to_vec();
    loop {
        let mut out = Vec::new();
        let mut rest = bytes.as_slice();
        while let [byte, after @ ..] = rest {
            let digits = after.first_chunk::<2>().and_then(|digits| std::str::from_utf8(digits).ok());
            let value = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
            match value.filter(|_| *byte == b'%' && digits.is_some_and(|digits| !digits.starts_with('+'))) {
                Some(value) => (out.push(value), rest = &after[2..]),
                None => (out.push(*byte), rest = after),
            };
        }
        if out == bytes {
            return out;
        }
        bytes = out;
    }
}

proptest! {
    #[test]
    fn a_path_that_is_accepted_keeps_its_segments_however_often_it_is_decoded(
        path in "/([a.%2eE5cCfF/;\\\\]|%2[ef5]|%5c|%25|%3[0-9]|%6[1-6]|%25(2|5|%32|%35)([cef]|%6[356])|\\.\\.){0,12}"
    ) {
        if check_path(&path).is_ok() {
            let decoded = decoded(&path);
            let segments = |bytes: &[u8]| bytes.split(|byte| *byte == b'/').count();
            prop_assert_eq!(segments(&decoded), segments(path.as_bytes()), "{}", path);
            prop_assert!(!decoded.split(|byte| *byte == b'/').any(|part| part == b".." || part == b"."));
            prop_assert!(!decoded.contains(&b'\\') && !decoded.contains(&b';'));
            prop_assert!(!decoded.iter().any(u8::is_ascii_control), "{}", path);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
        let _ = (check_path(&text), text.parse::<HostPattern>(), text.parse::<AddressRange>());
        let _ = (text.parse::<HttpMethod>(), text.parse::<GrantedHeader>());
    }

    #[test]
    fn a_host_that_is_accepted_is_written_as_it_was_read(text in "[a-z0-9.*\\[\\]:-]{1,12}") {
        if let Ok(host) = text.parse::<HostPattern>() {
            prop_assert_eq!(host.to_string(), text);
        }
    }

    #[test]
    fn a_prefix_within_another_covers_no_path_that_the_other_does_not(
        one in "(/[ab]){0,3}/?", other in "(/[ab]){0,3}/?", path in "(/[ab]){1,4}/?"
    ) {
        let (Ok(one), Ok(other)) = (one.parse::<PathPrefix>(), other.parse::<PathPrefix>()) else { return Ok(()) };
        if other.covers_prefix(&one) && one.covers(&path) {
            prop_assert!(other.covers(&path));
        }
    }
}

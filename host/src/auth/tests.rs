//! Every rule of admission, one table each.

use http::request::Parts;
use http::{Request, StatusCode};

use super::*;
use crate::catalog::{BearerPrincipal, IamPrincipal, PrincipalName, ScopeSet};
use crate::digest::Digest;

mod golden;

/// Alice's token; it must appear in nothing that this module makes.
const TOKEN: &str = "tct_canary-Zm9yIHRlc3RzIG9ubHk0123456789abcdefgh";

/// The second token of Bob, who is changing his.
const OTHER: &str = "tct_another-bm90IGEgc2VjcmV0IGF0IGFsbAo9876543210";

fn name(text: &str) -> PrincipalName {
    text.parse().unwrap()
}

fn scopes(text: &str) -> ScopeSet {
    text.split_whitespace().map(|scope| scope.parse().unwrap()).collect()
}

fn holder(tokens: &[&str], granted: &str) -> BearerPrincipal {
    let tokens = tokens.iter().map(|token| Digest::of(token.as_bytes())).collect();
    BearerPrincipal { tokens, scopes: scopes(granted) }
}

fn bearer() -> Bearer {
    let principals =
        [(name("alice"), holder(&[TOKEN], "files mail")), (name("bob"), holder(&["bobs", OTHER], ""))];
    Bearer::new(principals).unwrap()
}

fn iam() -> Iam {
    let agent =
        IamPrincipal { arn: "arn:aws:iam::123456789012:role/team/Agent".to_owned(), scopes: scopes("files") };
    Iam::new([(&name("agent"), &agent)]).unwrap()
}

/// The head of a request with these `Authorization` headers.
fn parts(uri: &str, headers: &[&[u8]]) -> Parts {
    let mut request = Request::post(uri);
    for value in headers {
        request = request.header("authorization", *value);
    }
    request.body(()).unwrap().into_parts().0
}

fn sent(header: &str) -> Parts {
    parts("/mcp", &[header.as_bytes()])
}

fn refused(refusal: &Refusal) -> (StatusCode, String) {
    (refusal.status(), refusal.challenge(None).to_str().unwrap().to_owned())
}

#[test]
fn every_token_admits_its_own_holder_and_none_other() {
    let access = Access::new(Some(bearer()), Iam::default(), Anonymous::Refused);
    for (token, expected, granted) in
        [(TOKEN, "alice", "files mail"), ("bobs", "bob", ""), (OTHER, "bob", "")]
    {
        for header in [format!("Bearer {token}"), format!("bearer   {token}"), format!("BEARER {token} ")] {
            let principal = access.admit(&sent(&header), None).unwrap();
            assert_eq!(
                (principal.kind(), principal.name()),
                (PrincipalKind::Bearer, Some(expected)),
                "{header}"
            );
            assert_eq!(principal.scopes(), &scopes(granted));
        }
    }
}

#[test]
fn a_token_that_is_not_known_to_the_letter_is_invalid() {
    let access = Access::new(Some(bearer()), Iam::default(), Anonymous::Allowed);
    let cut = &TOKEN[..TOKEN.len() - 1];
    let digest = format!("sha256:{}", Digest::of(TOKEN.as_bytes())).replace(':', "");
    for token in
        [cut, &format!("{TOKEN}a"), &TOKEN.to_uppercase(), &format!("{TOKEN}="), "x", &digest, "alice"]
    {
        let refusal = access.admit(&sent(&format!("Bearer {token}")), None).unwrap_err();
        let expected = "Bearer realm=\"toolcell\", error=\"invalid_token\", error_description=\"the token is not valid\"";
        assert_eq!(refused(&refusal), (StatusCode::UNAUTHORIZED, expected.to_owned()), "{token}");
    }
}

#[test]
fn a_caller_without_a_token_is_told_to_send_one_and_of_no_error() {
    let access = Access::new(Some(bearer()), Iam::default(), Anonymous::Allowed);
    let basic = sent("Basic dXNlcjpwYXNz");
    let signed = sent("AWS4-HMAC-SHA256 Credential=A/B, SignedHeaders=host, Signature=00");
    let closed = Access::open(Anonymous::Refused);
    for (access, parts) in [
        (&access, &parts("/mcp", &[])),
        (&access, &basic),
        (&access, &signed),
        (&closed, &parts("/mcp", &[])),
    ] {
        let refusal = access.admit(parts, None).unwrap_err();
        let expected = (StatusCode::UNAUTHORIZED, "Bearer realm=\"toolcell\"".to_owned());
        assert_eq!(refused(&refusal), expected, "{:?}", parts.headers);
    }
}

#[test]
fn a_token_sent_in_another_way_is_a_bad_request() {
    let access = Access::new(Some(bearer()), Iam::default(), Anonymous::Allowed);
    let good = format!("Bearer {TOKEN}");
    let tabbed = format!("Bearer\t{TOKEN}");
    let query = |query: &str| parts(&format!("/mcp?{query}={TOKEN}"), &[]);
    for (parts, part) in [
        (sent("Bearer"), "not `Bearer TOKEN`"),
        (sent("Bearer "), "not `Bearer TOKEN`"),
        (sent("Bearer a b"), "not `Bearer TOKEN`"),
        (sent("Bearer a,b"), "not `Bearer TOKEN`"),
        (sent("Bearer ="), "not `Bearer TOKEN`"),
        (sent("Bearer a=b"), "not `Bearer TOKEN`"),
        (sent("Bearer \"a\""), "not `Bearer TOKEN`"),
        (parts("/mcp", &[b"Bearer \xff"]), "not `Bearer TOKEN`"),
        (parts("/mcp", &[good.as_bytes(), good.as_bytes()]), "more than once"),
        (parts("/mcp", &[b"Basic a", good.as_bytes()]), "more than once"),
        (query("access_token"), "must not be in the URL"),
        (query("a=b&access_token"), "must not be in the URL"),
    ] {
        let refusal = access.admit(&parts, None).unwrap_err();
        let (status, challenge) = refused(&refusal);
        assert_eq!(status, StatusCode::BAD_REQUEST, "{parts:?}");
        assert!(
            challenge.starts_with("Bearer realm=\"toolcell\", error=\"invalid_request\", "),
            "{challenge}"
        );
        assert!(challenge.contains(part), "{challenge}");
    }
    assert_eq!(access.admit(&sent(&tabbed), None).unwrap_err().status(), StatusCode::UNAUTHORIZED);
    let beside = parts("/mcp?my_access_token=1", &[good.as_bytes()]);
    assert!(access.admit(&beside, None).is_ok(), "another parameter is nobody's business");
}

#[test]
fn nobody_is_anonymous_where_there_are_tokens() {
    for anonymous in [Anonymous::Allowed, Anonymous::Refused] {
        let access = Access::new(Some(bearer()), iam(), anonymous);
        assert_eq!(access.admit(&parts("/mcp", &[]), None), Err(Refusal::Missing));
    }
    let principal = Access::open(Anonymous::Allowed).admit(&parts("/mcp", &[]), None).unwrap();
    assert_eq!(principal, Principal::anonymous());
    assert_eq!((principal.name(), principal.scopes().is_empty()), (None, true));
}

#[test]
fn whom_aws_vouches_for_is_itself_whatever_it_sends() {
    let access = Access::new(Some(bearer()), iam(), Anonymous::Refused);
    for (arn, expected, granted) in [
        (
            "arn:aws:sts::123456789012:assumed-role/Agent/i-0abc",
            "arn:aws:iam::123456789012:role/Agent",
            "files",
        ),
        (
            "arn:aws:sts::123456789012:assumed-role/Agent/a@b.c",
            "arn:aws:iam::123456789012:role/Agent",
            "files",
        ),
        ("arn:aws:iam::123456789012:role/Agent", "arn:aws:iam::123456789012:role/Agent", "files"),
        ("arn:aws:sts::123456789012:assumed-role/agent/x", "arn:aws:iam::123456789012:role/agent", ""),
        ("arn:aws:sts::210987654321:assumed-role/Agent/x", "arn:aws:iam::210987654321:role/Agent", ""),
        ("arn:aws-cn:sts::123456789012:assumed-role/Agent/x", "arn:aws-cn:iam::123456789012:role/Agent", ""),
        ("arn:aws:iam::123456789012:user/team/Agent", "arn:aws:iam::123456789012:user/team/Agent", ""),
    ] {
        let identity: Identity = arn.parse().unwrap();
        for parts in [parts("/mcp", &[]), sent(&format!("Bearer {TOKEN}")), sent("Bearer wrong")] {
            let principal = access.admit(&parts, Some(&identity)).unwrap();
            assert_eq!((principal.kind(), principal.name()), (PrincipalKind::Iam, Some(expected)));
            assert_eq!(principal.scopes(), &scopes(granted), "{arn}");
        }
    }
}

#[test]
fn headers_that_look_like_the_platforms_make_nobody_an_iam_caller() {
    let access = Access::new(None, iam(), Anonymous::Refused);
    let mut parts = parts("/mcp", &[]);
    for header in ["x-amzn-iam-user-arn", "x-amzn-request-context", "x-amz-security-token"] {
        parts.headers.insert(header, "arn:aws:iam::123456789012:role/Agent".parse().unwrap());
    }
    assert_eq!(access.admit(&parts, None), Err(Refusal::Missing));
}

#[test]
fn only_users_and_roles_are_identities() {
    for arn in [
        "",
        "arn",
        "alice",
        "arn:aws:iam::123456789012:role/",
        "arn:aws:iam::123456789012:role",
        "arn:aws:iam::123456789012:role/*",
        "arn:aws:iam::123456789012:role//Agent/",
        "arn:aws:iam::*:role/Agent",
        "arn:aws:iam::12345678901:role/Agent",
        "arn:aws:iam:us-east-1:123456789012:role/Agent",
        "arn:aws:iam::123456789012:group/Team",
        "arn:aws:iam::123456789012:rooted",
        "arn:aws:sts::123456789012:assumed-role/Agent",
        "arn:aws:sts::123456789012:assumed-role//x",
        "arn:aws:lambda::123456789012:role/Agent",
        "arn:gcp:iam::123456789012:role/Agent",
        "arn:aws:iam::123456789012:role/A gent",
        "ARN:aws:iam::123456789012:role/Agent",
    ] {
        assert_eq!(arn.parse::<Identity>(), Err(NotAnIdentity), "{arn}");
    }
    for arn in ["arn:aws:iam::123456789012:root", "arn:aws-us-gov:sts::123456789012:federated-user/bob"] {
        assert_eq!(arn.parse::<Identity>().unwrap().as_str(), arn);
    }
    let twice = IamPrincipal { arn: "arn:aws:iam::123456789012:role/Agent".to_owned(), scopes: scopes("") };
    let path = IamPrincipal { arn: "arn:aws:iam::123456789012:role/x/Agent".to_owned(), scopes: scopes("") };
    let refused = Iam::new([(&name("one"), &twice), (&name("two"), &path)]).unwrap_err();
    assert_eq!(refused, IamError::SameArn { name: name("two") });
}

#[test]
fn a_missing_scope_is_answered_with_all_that_are_needed() {
    let refusal = Refusal::Scope { required: scopes("files.write files") };
    let expected = "Bearer realm=\"toolcell\", error=\"insufficient_scope\", scope=\"files files.write\", \
                    error_description=\"the caller needs the scopes `files files.write`\"";
    assert_eq!(refused(&refusal), (StatusCode::FORBIDDEN, expected.to_owned()));
}

#[test]
fn principals_that_could_be_confused_are_refused() {
    let one = || (name("one"), holder(&["1"], ""));
    let many = |count: usize| {
        let tokens = (0..count).map(|token| Digest::of(&token.to_be_bytes())).collect();
        (name("many"), BearerPrincipal { tokens, scopes: ScopeSet::NONE })
    };
    let (a, b) = (name("one"), name("two"));
    let table = [
        (vec![], BearerError::Empty),
        (vec![one(), (name("one"), holder(&["2"], ""))], BearerError::SameName { name: a.clone() }),
        (vec![one(), (name("two"), holder(&[], ""))], BearerError::NoToken { name: b.clone() }),
        (
            vec![one(), (name("two"), holder(&["2", "1"], ""))],
            BearerError::SameToken { one: a, other: b.clone() },
        ),
        (vec![(name("two"), holder(&["2", "2"], ""))], BearerError::SameToken { one: b.clone(), other: b }),
        (vec![many(Bearer::MAX_TOKENS + 1)], BearerError::TooMany),
        (vec![one(), many(Bearer::MAX_TOKENS)], BearerError::TooMany),
    ];
    for (principals, expected) in table {
        assert_eq!(Bearer::new(principals).unwrap_err(), expected);
    }
    assert!(Bearer::new([many(Bearer::MAX_TOKENS)]).is_ok());
}

#[test]
fn principals_are_read_from_json() {
    let digest = Digest::of(TOKEN.as_bytes());
    let text = format!(
        r#"{{"principals": {{"alice": {{"tokens": ["sha256:{digest}"], "scopes": ["files"]}},
            "bob": {{"tokens": []}}, "alice": {{"tokens": []}}}}}}"#
    );
    let read = read_document(&text).unwrap();
    assert_eq!(read[0], (name("alice"), holder(&[TOKEN], "files")));
    let names: Vec<_> = read.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["alice", "bob", "alice"], "who reads twice the same name must be able to see it");
    assert_eq!(read_document(r#"{"principals":{}}"#), Err(DocumentError::Empty));
}

#[test]
fn json_of_another_form_is_refused_and_nothing_of_it_is_repeated() {
    let good = format!("sha256:{}", Digest::of(b"x"));
    let upper = good.to_uppercase().replace("SHA256", "sha256");
    let table = [
        (TOKEN.to_owned(), "line 1, column"),
        (format!("\"{TOKEN}\""), "line 1, column"),
        (format!(r#"{{"{TOKEN}":1}}"#), "line 1, column"),
        (format!(r#"{{"principals":{{"a":{{"tokens":["{good}"],"{TOKEN}":1}}}}}}"#), "line 1, column"),
        (format!(r#"{{"principals":{{"a":{{"tokens":"{TOKEN}"}}}}}}"#), "line 1, column"),
        (format!("{{\"principals\":\n{{\"a\":\"{TOKEN}\"}}}}"), "line 2, column"),
        (format!(r#"{{"principals":[{{"tokens":["{TOKEN}"]}}]}}"#), "line 1, column"),
        (r#"{"principals":{"a":{}}}"#.to_owned(), "line 1, column"),
        (r#"{"principals":{}} {}"#.to_owned(), "line 1, column"),
        (r#"{"principals":{},"principals":{}}"#.to_owned(), "line 1, column"),
        (String::new(), "line 1, column"),
        (format!(r#"{{"principals":{{"{TOKEN}":{{"tokens":["{good}"]}}}}}}"#), "the name of principal 1"),
        (format!(r#"{{"principals":{{"a b":{{"tokens":["{good}"]}}}}}}"#), "the name of principal 1"),
        (format!(r#"{{"principals":{{"a":{{"tokens":["{good}","{TOKEN}"]}}}}}}"#), "token 2 of principal 1"),
        (format!(r#"{{"principals":{{"a":{{"tokens":["sha256:{TOKEN}"]}}}}}}"#), "token 1 of principal 1"),
        (format!(r#"{{"principals":{{"a":{{"tokens":["{upper}"]}}}}}}"#), "token 1 of principal 1"),
        (
            format!(r#"{{"principals":{{"a":{{"tokens":[],"scopes":["{TOKEN} x"]}}}}}}"#),
            "scope 1 of principal 1",
        ),
    ];
    for (text, part) in table {
        let error = read_document(&text).unwrap_err();
        for said in [error.to_string(), format!("{error:?}")] {
            assert!(!said.contains("canary"), "{said}");
        }
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn no_debug_text_and_no_refusal_shows_a_token_or_its_digest() {
    let access = Access::new(Some(bearer()), iam(), Anonymous::Refused);
    let good = format!("Bearer {TOKEN}");
    let bad = format!("Bearer {TOKEN}!");
    let mut said = vec![format!("{access:?}"), format!("{:?}", access.admit(&sent(&good), None))];
    let query = format!("/mcp?access_token={TOKEN}");
    for parts in
        [parts(&query, &[]), sent(&bad), sent(&format!("{good}x")), parts("/mcp", &[good.as_bytes(); 2])]
    {
        let refusal = access.admit(&parts, None).unwrap_err();
        said.extend([format!("{refusal:?}"), refusal.to_string(), refused(&refusal).1]);
    }
    let digest = Digest::of(TOKEN.as_bytes()).to_string();
    for text in said {
        assert!(!text.contains("canary") && !text.contains(&digest[..16]), "{text}");
    }
}

//! Reads events, and decides which source is believed about their sender.

use http::StatusCode;
use http_body_util::BodyExt;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::lambda::form::HeaderLists;

const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/Agent/me";
const ROLE: &str = "arn:aws:iam::123456789012:role/Agent";

fn event(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/mcp",
        "rawQueryString": "",
        "headers": {"host": "abc.lambda-url.eu-west-1.on.aws", "content-type": "application/json"},
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "abc",
            "domainName": "abc.lambda-url.eu-west-1.on.aws",
            "domainPrefix": "abc",
            "http": {
                "method": "POST", "path": "/mcp", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1",
                "userAgent": "test"
            },
            "requestId": "1", "routeKey": "$default", "stage": "$default",
            "time": "22/Nov/2026:12:00:00 +0000", "timeEpoch": 1_795_348_800_000_u64
        },
        "body": "{}",
        "isBase64Encoded": false
    });
    change(&mut event);
    event.to_string().into_bytes()
}

fn belief(auth_type: AuthType) -> Belief {
    Belief { auth_type, invoker: None }
}

fn read_as(form: Form, event: &[u8], belief: &Belief) -> Result<(Request<Full<Bytes>>, Sent), EventError> {
    super::read(form, event, &ClientContext::Tool("slug".to_owned()), belief)
}

fn read(event: &[u8]) -> Result<(Request<Full<Bytes>>, Option<Identity>), EventError> {
    let read = read_as(Form::FunctionUrl, event, &belief(AuthType::AwsIam));
    read.map(|(request, sent)| (request, sent.identity))
}

fn identity(form: Form, event: &Value, belief: &Belief) -> Option<String> {
    let (_, sent) = read_as(form, event.to_string().as_bytes(), belief).unwrap();
    sent.identity.map(|identity| identity.to_string())
}

/// Every header in which some front end or gateway names a caller.
fn claims() -> Value {
    let names = [
        "x-amzn-iam-user-arn",
        "x-amzn-oidc-identity",
        "x-amzn-oidc-data",
        "x-amzn-oidc-accesstoken",
        "x-amzn-mtls-clientcert-subject",
        "x-forwarded-user",
        "x-amz-security-token",
        "x-apigateway-event",
        "x-user-arn",
        "host",
    ];
    names.iter().map(|name| ((*name).to_owned(), ROLE.into())).collect::<serde_json::Map<_, _>>().into()
}

fn rest(identity: Value) -> Value {
    json!({
        "resource": "/{proxy+}", "path": "/mcp", "httpMethod": "POST", "headers": claims(),
        "requestContext": {
            "httpMethod": "POST", "stage": "prod", "domainName": "abc.execute-api.eu-west-1.amazonaws.com",
            "identity": identity
        },
        "body": "{}"
    })
}

fn body(event: &[u8]) -> Bytes {
    let body = read(event).unwrap().0.into_body().collect();
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(body).unwrap().to_bytes()
}

#[test]
fn method_path_query_and_headers_are_the_callers() {
    let (request, identity) = read(&event(|event| {
        event["rawQueryString"] = "a=1&b=%20".into();
        event["cookies"] = json!(["a=1", "b=2"]);
    }))
    .unwrap();
    assert_eq!((request.method().as_str(), request.uri().to_string().as_str()), ("POST", "/mcp?a=1&b=%20"));
    assert_eq!(request.headers()["host"], "abc.lambda-url.eu-west-1.on.aws");
    assert_eq!(request.headers()["cookie"], "a=1; b=2");
    assert_eq!(identity, None);
}

#[test]
fn the_sender_is_who_aws_says_and_never_who_a_header_says() {
    let iam = |arn: Value| {
        event(|event| {
            event["requestContext"]["authorizer"] =
                json!({"iam": {"userArn": arn, "accountId": "123456789012"}});
            event["headers"]["x-amzn-iam-user-arn"] = "arn:aws:iam::999999999999:role/Admin".into();
        })
    };
    let identity = read(&iam(SESSION.into())).unwrap().1.unwrap();
    assert_eq!(identity.as_str(), ROLE);
    for form in [Form::FunctionUrl, Form::HttpApi] {
        let (_, unchecked) = read_as(form, &iam(SESSION.into()), &belief(AuthType::None)).unwrap();
        assert_eq!(unchecked.identity, None, "whoever invokes the function past its URL writes the event");
    }
    for nobody in [json!(""), Value::Null, json!("me")] {
        assert!(matches!(read(&iam(nobody)), Err(EventError::Identity(_))), "must not pass for anonymous");
    }
}

#[test]
fn an_api_believes_its_iam_authorizer_and_no_other_one() {
    let of = |authorizer: Value, auth_type| {
        let mut event: Value = serde_json::from_slice(&event(|_| {})).unwrap();
        event["requestContext"]["authorizer"] = authorizer;
        event["headers"] = claims();
        identity(Form::HttpApi, &event, &belief(auth_type))
    };
    let iam = json!({"iam": {"userArn": SESSION}});
    assert_eq!(of(iam.clone(), AuthType::AwsIam).as_deref(), Some(ROLE));
    assert_eq!(of(iam, AuthType::None), None);
    for other in [
        json!({"jwt": {"claims": {"sub": ROLE, "iam": ROLE, "userArn": ROLE}, "scopes": null}}),
        json!({"lambda": {"userArn": ROLE, "iam": {"userArn": ROLE}}}),
        Value::Null,
    ] {
        assert_eq!(of(other.clone(), AuthType::AwsIam), None, "{other}");
    }
}

#[test]
fn a_rest_api_believes_a_checked_signature_outside_of_its_test_stage() {
    let of = |caller: Value, auth_type| identity(Form::RestApi, &rest(caller), &belief(auth_type));
    assert_eq!(of(json!({"userArn": SESSION}), AuthType::AwsIam).as_deref(), Some(ROLE));
    assert_eq!(of(json!({"userArn": SESSION}), AuthType::None), None);
    let anonymous = json!({"userArn": null, "caller": null, "sourceIp": "192.0.2.1", "apiKey": "key"});
    assert_eq!(of(anonymous, AuthType::AwsIam), None);
    let mut tested = rest(json!({"userArn": SESSION}));
    tested["requestContext"]["stage"] = "test-invoke-stage".into();
    assert_eq!(identity(Form::RestApi, &tested, &belief(AuthType::AwsIam)), None, "no authorizer ran");
    let mut claimed = rest(json!({}));
    claimed["requestContext"]["authorizer"] =
        json!({"userArn": ROLE, "principalId": ROLE, "iam": {"userArn": ROLE}});
    assert_eq!(identity(Form::RestApi, &claimed, &belief(AuthType::AwsIam)), None);
    for unnamed in [json!({"caller": "AIDA"}), json!({"user": "AIDA"}), json!({"accessKey": "AKIA"})] {
        let read =
            read_as(Form::RestApi, rest(unnamed.clone()).to_string().as_bytes(), &belief(AuthType::AwsIam));
        assert!(matches!(read, Err(EventError::Identity(_))), "must not pass for anonymous: {unnamed}");
    }
}

#[test]
fn a_load_balancer_is_believed_about_nobody() {
    let event = json!({
        "requestContext": {
            "elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1"},
            "identity": {"userArn": ROLE}, "authorizer": {"iam": {"userArn": ROLE}}
        },
        "httpMethod": "POST", "path": "/mcp", "headers": claims(), "body": "{}"
    });
    for auth_type in [AuthType::AwsIam, AuthType::None] {
        let event = event.to_string();
        let (_, sent) = read_as(Form::Alb(HeaderLists::Off), event.as_bytes(), &belief(auth_type)).unwrap();
        assert_eq!(
            sent,
            Sent::default(),
            "neither of the caller, nor of the name that it calls the server by"
        );
    }
}

#[test]
fn without_a_front_end_the_deployer_alone_says_who_invokes() {
    let event = json!({
        "jsonrpc": "2.0", "id": 1, "method": "ping", "userArn": ROLE, "headers": claims(),
        "requestContext": {"authorizer": {"iam": {"userArn": ROLE}}, "identity": {"userArn": ROLE}}
    });
    let invoker = Some("arn:aws:iam::123456789012:role/Gateway".parse().unwrap());
    let declared = Belief { auth_type: AuthType::None, invoker };
    for form in [Form::Direct, Form::AgentCore] {
        assert_eq!(identity(form, &event, &belief(AuthType::AwsIam)), None, "{form:?}");
        let expected = Some("arn:aws:iam::123456789012:role/Gateway");
        assert_eq!(identity(form, &event, &declared).as_deref(), expected, "{form:?}");
    }
    assert_eq!(identity(Form::RestApi, &rest(json!({})), &declared), None, "it has a front end");
}

#[test]
fn an_api_is_reached_below_the_name_of_its_stage_and_a_custom_domain_is_not() {
    let of = |domain: &str, stage: &str, path: &str| {
        let event = event(|event| {
            event["rawPath"] = path.into();
            event["requestContext"]["domainName"] = domain.into();
            event["requestContext"]["stage"] = stage.into();
        });
        let (request, sent) = read_as(Form::HttpApi, &event, &belief(AuthType::None)).unwrap();
        (request.uri().path().to_owned(), sent.address.unwrap())
    };
    let domain = |text: &str| ServerAddress::Domain(text.to_owned());
    let own = "abc.execute-api.eu-west-1.amazonaws.com";
    assert_eq!(of(own, "prod", "/prod/mcp"), ("/mcp".to_owned(), domain(&format!("{own}/prod"))));
    assert_eq!(of(own, "$default", "/mcp"), ("/mcp".to_owned(), domain(own)));
    let custom = "mcp.example.com";
    let mapped = ServerAddress::MappedDomain(custom.to_owned());
    for (stage, path) in [("mcp", "/mcp"), ("mcp", "/mcp/mcp"), ("prod", "/prod/mcp"), ("$default", "/mcp")] {
        assert_eq!(of(custom, stage, path), ("/mcp".to_owned(), mapped.clone()), "{stage} {path}");
    }
}

#[test]
fn the_time_at_which_an_api_accepted_a_request_is_that_of_its_event() {
    let accepted = |form, event: &[u8]| read_as(form, event, &belief(AuthType::None)).unwrap().1.accepted_ms;
    assert_eq!(accepted(Form::HttpApi, &event(|_| {})), Some(1_795_348_800_000));
    let odd = event(|event| event["requestContext"]["timeEpoch"] = (-1).into());
    assert_eq!(accepted(Form::HttpApi, &odd), None);
    let mut event = rest(json!({}));
    event["requestContext"]["requestTimeEpoch"] = 1_795_348_800_001_u64.into();
    assert_eq!(accepted(Form::RestApi, event.to_string().as_bytes()), Some(1_795_348_800_001));
}

#[test]
fn a_message_makes_the_headers_that_repeat_it() {
    let read = |message: &str| read_as(Form::Direct, message.as_bytes(), &belief(AuthType::None)).unwrap().0;
    let modern = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"sl\u00fcg\n",
        "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#;
    let request = read(modern);
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    assert_eq!(header("mcp-protocol-version"), Some("2026-07-28"));
    assert_eq!(header("mcp-method"), Some("tools/call"));
    assert_eq!(header("mcp-name"), Some("=?base64?c2zDvGcK?="));
    assert_eq!((request.method().as_str(), request.uri().path()), ("POST", "/mcp"));
    for odd in [r#"{"jsonrpc":"2.0","method":7}"#, r#"{"jsonrpc":"2.0","method":"a\nb","params":[]}"#] {
        assert!(!read(odd).headers().contains_key("mcp-method"), "{odd}");
    }
}

#[test]
fn an_event_that_is_something_else_is_told_what_was_expected() {
    for event in [&b"{}"[..], b"[]", b"\"hello\"", b"", b"{\"Records\":[]}"] {
        let response = read(event).unwrap_err().into_response();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    }
}

#[test]
fn an_error_repeats_nothing_of_its_event() {
    for event in [r#""canary""#, r#"{"cookies":"canary"}"#, r#"{"headers":{"authorization":"canary\u0001"}}"#]
    {
        for form in [Form::FunctionUrl, Form::RestApi, Form::Alb(HeaderLists::On)] {
            let error = read_as(form, event.as_bytes(), &belief(AuthType::AwsIam)).unwrap_err().to_string();
            assert!(error.contains("malformed at column") && !error.contains("canary"), "{error}");
        }
        let unknown = Form::of(event.as_bytes(), &ClientContext::Absent).unwrap_err().to_string();
        assert!(!unknown.contains("canary"), "{unknown}");
    }
}

#[test]
fn odd_hosts_paths_and_bodies_are_refused_or_served_but_never_a_panic() {
    let bad_base64 = event(|event| {
        event["isBase64Encoded"] = true.into();
        event["body"] = "***".into();
    });
    assert!(matches!(read(&bad_base64), Err(EventError::Base64(_))));
    assert!(matches!(read(&event(|event| event["rawPath"] = "/\u{1}".into())), Err(EventError::Uri(_))));
    for host in ["", "a b", "[", "user@host:99999", "\\"] {
        let (request, _) = read(&event(|event| event["headers"]["host"] = host.into())).unwrap();
        assert_eq!(request.uri().to_string(), "/mcp");
    }
}

proptest! {
    #[test]
    fn a_body_is_the_same_as_text_as_base64_and_absent_when_empty(text in "\\PC{0,200}") {
        let plain = event(|event| event["body"] = text.clone().into());
        let base64 = event(|event| {
            event["body"] = BASE64_STANDARD.encode(&text).into();
            event["isBase64Encoded"] = true.into();
        });
        prop_assert_eq!(body(&plain), text.as_bytes());
        prop_assert_eq!(body(&base64), text.as_bytes());
        prop_assert_eq!(body(&event(|event| event["body"] = Value::Null)), Bytes::new());
    }

    #[test]
    fn no_event_panics(text in "\\PC{0,300}", path in "\\PC{0,40}", host in "\\PC{0,40}") {
        let _ = read(text.as_bytes());
        let _ = read(&event(|event| {
            event["rawPath"] = path.clone().into();
            event["rawQueryString"] = text.clone().into();
            event["headers"]["host"] = host.into();
            event["body"] = text.into();
            event["isBase64Encoded"] = true.into();
        }));
    }
}

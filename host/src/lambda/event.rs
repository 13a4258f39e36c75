//! A Function URL's event as an HTTP request, and what AWS says about its sender.
//!
//! Payload format 2.0: <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads>.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{COOKIE, HeaderValue};
use http::{Request, Response};
use http_body_util::Full;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest as Event;

use super::environment::AuthType;
use crate::auth::{Identity, NotAnIdentity};
use crate::protocol::{Fault, Forbidden, ParseError, Rejection};
use crate::service::Body;

/// The reason why an event is no HTTP request.
#[derive(Debug, thiserror::Error)]
pub(super) enum EventError {
    /// It is the event of something else, or of a test in the console.
    // Of serde's error only the place: its text repeats values.
    #[error("not a Function URL event of payload format 2.0: invalid at column {}", .0.column())]
    Shape(#[from] serde_json::Error),
    /// The path and query are not a URI.
    #[error("the path and query of the event are not a URI: {0}")]
    Uri(#[from] http::Error),
    /// The body is said to be base64 and is not.
    #[error("the body of the event is not base64: {0}")]
    Base64(#[from] base64::DecodeError),
    /// AWS has checked who the sender is, and it is neither user nor role.
    #[error("requestContext.authorizer.iam.userArn: {0}")]
    Identity(#[from] NotAnIdentity),
}

impl EventError {
    /// Writes the answer to the sender.
    pub(super) fn into_response(self) -> Response<Body> {
        let fault = match self {
            Self::Shape(_) => Fault::from(ParseError::Event),
            Self::Uri(_) => ParseError::Uri.into(),
            Self::Base64(_) => ParseError::Base64.into(),
            Self::Identity(_) => Forbidden::Identity.into(),
        };
        Rejection::early(fault, None).into_response().map(Body::from)
    }
}

/// What the platform says about a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sent {
    /// Its sender, where AWS has checked that.
    pub(super) identity: Option<Identity>,
    /// The domain name of the URL that it was sent to.
    pub(super) domain_name: Option<String>,
}

/// Reads an event: the request, and its sender where AWS has checked that (AuthType `AWS_IAM`). Who may invoke the
/// function past its URL writes the event, so it is not believed to know its sender where the URL checks nobody.
///
/// The host name stays what the caller sent, in its header; the URI is path and query alone.
///
/// # Errors
/// The event does not come from a Function URL, or contradicts itself.
pub(super) fn read(event: &[u8], auth_type: AuthType) -> Result<(Request<Full<Bytes>>, Sent), EventError> {
    let mut event: Event = serde_json::from_slice(event)?;
    let identity = event.request_context.authorizer.take().and_then(|authorizer| authorizer.iam);
    let identity = identity.filter(|_| auth_type == AuthType::AwsIam);
    // No ARN at all is as good as one that names nobody: whoever it is, it is not an anonymous caller.
    let identity = identity.map(|iam| iam.user_arn.unwrap_or_default().parse()).transpose()?;
    let domain_name = event.request_context.domain_name.take();
    Ok((request(event)?, Sent { identity, domain_name }))
}

fn request(event: Event) -> Result<Request<Full<Bytes>>, EventError> {
    let path = event.raw_path.as_deref().filter(|path| path.starts_with('/')).unwrap_or("/");
    let uri = match event.raw_query_string.as_deref() {
        None | Some("") => path.to_owned(),
        Some(query) => format!("{path}?{query}"),
    };
    let body = match event.body {
        Some(body) if event.is_base64_encoded => Bytes::from(BASE64_STANDARD.decode(body)?),
        Some(body) => Bytes::from(body),
        None => Bytes::new(),
    };
    let mut request =
        Request::builder().method(event.request_context.http.method).uri(uri).body(Full::new(body))?;
    *request.headers_mut() = event.headers;
    if let Some(cookies) = event.cookies
        && let Ok(cookies) = HeaderValue::from_str(&cookies.join("; "))
    {
        request.headers_mut().insert(COOKIE, cookies);
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use http::StatusCode;

    use super::*;

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

    fn read(event: &[u8]) -> Result<(Request<Full<Bytes>>, Option<Identity>), EventError> {
        super::read(event, AuthType::AwsIam).map(|(request, sent)| (request, sent.identity))
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
        assert_eq!(
            (request.method().as_str(), request.uri().to_string().as_str()),
            ("POST", "/mcp?a=1&b=%20")
        );
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
        let session = "arn:aws:sts::123456789012:assumed-role/Agent/me";
        let identity = read(&iam(session.into())).unwrap().1.unwrap();
        assert_eq!(identity.as_str(), "arn:aws:iam::123456789012:role/Agent");
        let (_, unchecked) = super::read(&iam(session.into()), AuthType::None).unwrap();
        assert_eq!(unchecked.identity, None, "whoever invokes the function past its URL writes the event");
        for nobody in [json!(""), Value::Null, json!("me")] {
            assert!(
                matches!(read(&iam(nobody)), Err(EventError::Identity(_))),
                "must not pass for anonymous"
            );
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
        for event in
            [r#""canary""#, r#"{"cookies":"canary"}"#, r#"{"headers":{"authorization":"canary\u0001"}}"#]
        {
            let error = read(event.as_bytes()).unwrap_err().to_string();
            assert!(error.contains("Function URL") && !error.contains("canary"), "{error}");
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
}

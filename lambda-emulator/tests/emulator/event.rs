//! Requests that reach the function.

use std::time::{Duration, SystemTime};

use serde_json::Value;
use toolcell_lambda_emulator::{Bodies, Identity};

use crate::support::{get, post, probe, request, start};

#[test]
fn a_request_reaches_the_function_as_payload_format_2() {
    let lambda = start(probe());
    let head = "GET /echo/a%20b?q=1&q=2 HTTP/1.1\r\nHost: localhost\r\nX-Two: a\r\nX-Two: b\r\nCookie: c=d; e=f\r\n\
                User-Agent: probe\r\n\r\n";
    let event = request(&lambda, head, b"").finish().json();
    assert_eq!(event["version"], "2.0");
    assert_eq!(event["rawPath"], "/echo/a%20b");
    assert_eq!(event["rawQueryString"], "q=1&q=2");
    assert_eq!(event["queryStringParameters"]["q"], "1,2");
    assert_eq!(event["headers"]["x-two"], "a,b");
    assert_eq!(event["headers"]["x-forwarded-for"], "127.0.0.1");
    assert_eq!(event["cookies"], serde_json::json!(["c=d", "e=f"]));
    assert_eq!(event["isBase64Encoded"], false);
    assert_eq!(event.get("body"), None);
    let context = &event["requestContext"];
    assert_eq!(context["accountId"], "anonymous");
    assert_eq!(context["http"]["method"], "GET");
    assert_eq!(context["http"]["sourceIp"], "127.0.0.1");
    let domain = context["domainName"].as_str().unwrap();
    assert!(domain.ends_with(".lambda-url.eu-central-1.on.aws"), "{domain}");
    assert_eq!(event["headers"]["host"], domain);
}

#[test]
fn a_body_reaches_the_function_as_text_or_in_base64() {
    let body = |lambda, kind| {
        let event = post(lambda, "/echo", kind, b"{\"a\":1}").json();
        (event["body"].clone(), event["isBase64Encoded"].clone())
    };
    let lambda = start(probe());
    assert_eq!(body(&lambda, "application/json"), ("{\"a\":1}".into(), Value::Bool(false)));
    assert_eq!(body(&lambda, "image/png"), ("eyJhIjoxfQ==".into(), Value::Bool(true)));
    let lambda = start(probe().bodies(Bodies::Base64));
    assert_eq!(body(&lambda, "application/json"), ("eyJhIjoxfQ==".into(), Value::Bool(true)));
}

#[test]
fn a_url_with_iam_tells_who_called() {
    let arn = "arn:aws:iam::123456789012:user/ana";
    let event = get(&start(probe().iam(Some(Identity::of_arn(arn)))), "/echo").json();
    assert_eq!(event["requestContext"]["accountId"], "123456789012");
    assert_eq!(event["requestContext"]["authorizer"]["iam"]["userArn"], arn);
}

#[test]
fn the_runtime_api_tells_deadline_trace_and_function() {
    let lambda = start(probe().timeout(Duration::from_secs(7)).name("a-name"));
    let head = "GET /told HTTP/1.1\r\nhost: localhost\r\nx-amzn-trace-id: Self=1;Root=1-67891233-abcdef012345678912345678\r\n\r\n";
    let answer = request(&lambda, head, b"").finish();
    let told = answer.json();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
    let left = told["lambda-runtime-deadline-ms"].as_str().unwrap().parse::<u128>().unwrap() - now;
    assert!((5_000..=7_000).contains(&left), "{left} ms are left of seven seconds");
    let trace = told["lambda-runtime-trace-id"].as_str().unwrap();
    assert!(trace.starts_with("Root=1-67891233-abcdef012345678912345678;Parent="), "{trace}");
    let arn = told["lambda-runtime-invoked-function-arn"].as_str().unwrap();
    assert_eq!(arn, "arn:aws:lambda:eu-central-1:123456789012:function:a-name");
    assert_eq!(answer.header("x-amzn-requestid"), told["lambda-runtime-aws-request-id"].as_str());
}

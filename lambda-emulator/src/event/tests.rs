//! Compares events with AWS's documentation and with events recorded from live URLs.

use std::time::Duration;

use http::Request;

use super::*;

/// The keys of a recorded event of a Function URL, by path; `queryStringParameters` and `body` are documented.
const KEYS: [&str; 31] = [
    "body",
    "cookies",
    "headers",
    "headers.accept",
    "headers.content-length",
    "headers.content-type",
    "headers.cookie",
    "headers.host",
    "headers.user-agent",
    "headers.x-amzn-tls-cipher-suite",
    "headers.x-amzn-tls-version",
    "headers.x-amzn-trace-id",
    "headers.x-forwarded-for",
    "headers.x-forwarded-port",
    "headers.x-forwarded-proto",
    "isBase64Encoded",
    "queryStringParameters",
    "rawPath",
    "rawQueryString",
    "requestContext",
    "requestContext.accountId",
    "requestContext.apiId",
    "requestContext.domainName",
    "requestContext.domainPrefix",
    "requestContext.http",
    "requestContext.requestId",
    "requestContext.routeKey",
    "requestContext.stage",
    "requestContext.time",
    "requestContext.timeEpoch",
    "routeKey",
];

/// Renders the event of a request through another front end.
fn through(front_end: FrontEnd, uri: &str) -> Value {
    let request =
        Request::post(uri).header("accept", "a").header("accept", "b").header("host", "example.com");
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let domain = front_end.domain("eu-west-2");
    serde_json::from_slice(&render(&parts, b"{}", &Origin { front_end, domain, ..origin() })).unwrap()
}

#[test]
fn an_http_api_puts_its_stage_before_the_path() {
    let event = through(FrontEnd::HttpApi { stage: Some("prod".to_owned()) }, "/prod/mcp?a=1&a=2");
    assert_eq!((&event["rawPath"], &event["rawQueryString"]), (&json!("/prod/mcp"), &json!("a=1&a=2")));
    assert_eq!(event["requestContext"]["stage"], "prod");
    assert_eq!(event["requestContext"]["accountId"], ACCOUNT);
    assert_eq!(event["headers"]["accept"], "a,b");
    let domain = event["requestContext"]["domainName"].as_str().unwrap();
    assert!(domain.ends_with(".execute-api.eu-west-2.amazonaws.com"), "{domain}");
    assert_eq!(event["requestContext"]["apiId"], domain.split('.').next().unwrap());
}

#[test]
fn a_rest_api_has_every_value_and_the_last_one_and_a_path_below_its_stage() {
    let event = through(FrontEnd::RestApi { stage: "prod".to_owned() }, "/prod/mcp?a=1%202&a=3");
    assert_eq!((&event["path"], &event["requestContext"]["path"]), (&json!("/mcp"), &json!("/prod/mcp")));
    assert_eq!(event["multiValueHeaders"]["accept"], json!(["a", "b"]));
    assert_eq!(event["headers"]["accept"], "b");
    assert_eq!(event["multiValueQueryStringParameters"], json!({"a": ["1 2", "3"]}));
    assert_eq!(event["queryStringParameters"], json!({"a": "3"}));
    assert_eq!(event["requestContext"]["identity"]["userArn"], Value::Null);
    assert_eq!(event.get("version"), None);
}

#[test]
fn a_load_balancer_sends_lists_or_single_values_and_leaves_parameters_encoded() {
    let event = |lists| through(FrontEnd::LoadBalancer(lists), "/mcp?a=1%202&a=3");
    let on = event(crate::front_end::HeaderLists::On);
    assert_eq!(on["multiValueHeaders"]["accept"], json!(["a", "b"]));
    assert_eq!(on["multiValueQueryStringParameters"], json!({"a": ["1%202", "3"]}));
    assert_eq!(on.get("headers"), None);
    let off = event(crate::front_end::HeaderLists::Off);
    assert_eq!((&off["headers"]["accept"], &off["queryStringParameters"]), (&json!("b"), &json!({"a": "3"})));
    assert_eq!(off.get("multiValueHeaders"), None);
    assert!(off["requestContext"]["elb"]["targetGroupArn"].is_string());
}

fn origin() -> Origin {
    Origin {
        front_end: FrontEnd::FunctionUrl,
        domain: "abc.lambda-url.eu-west-2.on.aws".to_owned(),
        address: "127.0.0.1:8080".parse().unwrap(),
        peer: "203.0.113.7".parse().unwrap(),
        identity: None,
        bodies: Bodies::ByType,
        time: SystemTime::UNIX_EPOCH + Duration::from_millis(1_673_437_534_837),
        request_id: "an-id".to_owned(),
        trace: "Root=1-5eb33c07-de25b420912dee103a5db434".to_owned(),
    }
}

fn parts(request: http::request::Builder) -> Parts {
    request.body(()).unwrap().into_parts().0
}

fn event(request: http::request::Builder, body: &[u8], origin: &Origin) -> Value {
    serde_json::from_slice(&render(&parts(request), body, origin)).unwrap()
}

fn recorded() -> http::request::Builder {
    Request::post("/my/path?parameter1=value1&parameter1=value2&parameter2=value")
        .header("Host", "127.0.0.1:8080")
        .header("Accept", "*/*")
        .header("User-Agent", "curl/7.68.0")
        .header("Cookie", "test=hi; other=there")
        .header("Content-Type", "application/json")
        .header("Connection", "keep-alive")
}

#[test]
fn an_event_has_the_keys_of_a_recorded_one() {
    let event = event(recorded(), b"{}", &origin());
    let mut keys: Vec<String> = event.as_object().unwrap().keys().cloned().collect();
    for parent in ["headers", "requestContext"] {
        keys.extend(event[parent].as_object().unwrap().keys().map(|key| format!("{parent}.{key}")));
    }
    keys.retain(|key| key != "version");
    keys.sort();
    assert_eq!(keys, KEYS);
    assert_eq!(event["version"], "2.0");
}

#[test]
fn an_event_says_what_was_asked_and_by_whom() {
    let event = event(recorded(), b"{\"a\":1}", &origin());
    assert_eq!(event["rawPath"], "/my/path");
    assert_eq!(event["rawQueryString"], "parameter1=value1&parameter1=value2&parameter2=value");
    assert_eq!(event["queryStringParameters"], json!({"parameter1": "value1,value2", "parameter2": "value"}));
    assert_eq!(event["cookies"], json!(["test=hi", "other=there"]));
    assert_eq!(event["headers"]["host"], "abc.lambda-url.eu-west-2.on.aws");
    assert_eq!(event["headers"]["content-length"], "7");
    let context = &event["requestContext"];
    assert_eq!(context["accountId"], "anonymous");
    assert_eq!(context["apiId"], "abc");
    assert_eq!(context["requestId"], "an-id");
    assert_eq!(context["time"], "11/Jan/2023:11:45:34 +0000");
    assert_eq!(context["timeEpoch"], 1_673_437_534_837_u64);
    let http = json!({
        "method": "POST", "path": "/my/path", "protocol": "HTTP/1.1",
        "sourceIp": "203.0.113.7", "userAgent": "curl/7.68.0",
    });
    assert_eq!(context["http"], http);
    assert_eq!(context.get("authorizer"), None);
}

#[test]
fn a_signed_request_names_its_caller() {
    let identity = Identity::of_arn("arn:aws:sts::123456789012:assumed-role/agents/ana");
    let event = event(recorded(), b"", &Origin { identity: Some(identity), ..origin() });
    let context = &event["requestContext"];
    assert_eq!(context["accountId"], "123456789012");
    let iam = json!({
        "accessKey": "ASIAEXAMPLEACCESSKEY", "accountId": "123456789012", "callerId": "AROAEXAMPLEUSERID:ana",
        "cognitoIdentity": null, "principalOrgId": null,
        "userArn": "arn:aws:sts::123456789012:assumed-role/agents/ana", "userId": "AROAEXAMPLEUSERID",
    });
    assert_eq!(context["authorizer"]["iam"], iam);
}

#[test]
fn headers_are_in_lower_case_and_joined_by_a_comma() {
    let request = Request::get("/").header("X-Two", "one").header("X-Two", "two").header("TE", "trailers");
    let event = event(request, b"", &origin());
    assert_eq!(event["headers"]["x-two"], "one,two");
    assert_eq!(event["headers"].get("te"), None);
    assert_eq!(event.get("cookies"), None);
    assert_eq!(event.get("queryStringParameters"), None);
}

#[test]
fn text_comes_as_text_and_the_rest_in_base64() {
    let body = |kind: &str, body: &[u8], bodies: Bodies| {
        let request = Request::post("/").header("Content-Type", kind);
        let event = event(request, body, &Origin { bodies, ..origin() });
        (event["body"].clone(), event["isBase64Encoded"] == true)
    };
    assert_eq!(body("application/json", b"{}", Bodies::ByType), ("{}".into(), false));
    assert_eq!(body("Text/Plain; charset=utf-8", b"hi", Bodies::ByType), ("hi".into(), false));
    assert_eq!(body("application/problem+json", b"{}", Bodies::ByType), ("{}".into(), false));
    assert_eq!(body("application/octet-stream", b"hi", Bodies::ByType), ("aGk=".into(), true));
    assert_eq!(body("application/x-www-form-urlencoded", b"a=b", Bodies::ByType), ("YT1i".into(), true));
    assert_eq!(body("application/json", b"\xff", Bodies::ByType), ("/w==".into(), true));
    assert_eq!(body("application/json", b"{}", Bodies::Base64), ("e30=".into(), true));
    assert_eq!(body("application/json", b"", Bodies::Base64), (Value::Null, false));
}

#[test]
fn a_host_that_is_not_this_machine_is_passed_on() {
    let host =
        |host: &str| event(Request::get("/").header("Host", host), b"", &origin())["headers"]["host"].clone();
    assert_eq!(host("localhost:8080"), "abc.lambda-url.eu-west-2.on.aws");
    assert_eq!(host("localhost"), "abc.lambda-url.eu-west-2.on.aws");
    assert_eq!(host("evil.example"), "evil.example");
    assert_eq!(host("[::1"), "[::1");
}

#[test]
fn parameters_are_decoded_and_the_raw_parts_are_not() {
    let event = event(Request::get("/a%20b/%zz?q=1%2C2+3&flag&q="), b"", &origin());
    assert_eq!(event["rawPath"], "/a%20b/%zz");
    assert_eq!(event["rawQueryString"], "q=1%2C2+3&flag&q=");
    assert_eq!(event["queryStringParameters"], json!({"q": "1,2 3,", "flag": ""}));
}

//! Renders a request as the event that a Function URL makes of it: payload format 2.0.
//!
//! The form is that of the recorded events in the tests of lambda_http and aws_lambda_events, with values of our own.
//! https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html

use measure::workload::{PATH, Workload};
use serde_json::{Map, Value, json};

const DOMAIN: &str = "id.lambda-url.eu-west-2.on.aws";
const CLIENT: &str = "65.78.31.245";

/// Renders the event of a workload's request.
pub(crate) fn of(workload: &Workload) -> String {
    let agent = "bench/1.0.0";
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": PATH,
        "rawQueryString": "",
        "headers": headers(workload, agent),
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "id",
            "domainName": DOMAIN,
            "domainPrefix": "id",
            "http": {
                "method": "POST", "path": PATH, "protocol": "HTTP/1.1", "sourceIp": CLIENT, "userAgent": agent,
            },
            "requestId": "e1506fd5-9e7b-434f-bd42-4f8fa224b599",
            "routeKey": "$default",
            "stage": "$default",
            "time": "11/Jan/2026:11:45:34 +0000",
            "timeEpoch": 1_768_131_934_837_u64,
        },
        "body": workload.body(),
        "isBase64Encoded": false,
    })
    .to_string()
}

fn headers(workload: &Workload, agent: &str) -> Value {
    let mut headers: Map<String, Value> =
        workload.headers().into_iter().map(|(name, value)| (name.into(), value.into())).collect();
    let length = workload.body().len().to_string();
    let added = [
        ("content-length", length.as_str()),
        ("host", DOMAIN),
        ("user-agent", agent),
        ("x-amzn-tls-cipher-suite", "TLS_AES_128_GCM_SHA256"),
        ("x-amzn-tls-version", "TLSv1.3"),
        ("x-amzn-trace-id", "Root=1-5eb33c07-de25b420912dee103a5db434"),
        ("x-forwarded-for", CLIENT),
        ("x-forwarded-port", "443"),
        ("x-forwarded-proto", "https"),
    ];
    headers.extend(added.map(|(name, value)| (name.into(), value.into())));
    Value::Object(headers)
}

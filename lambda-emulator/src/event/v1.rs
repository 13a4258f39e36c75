//! Renders the event of a REST API's proxy integration.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-input-format>.
//! The keys that the page shows as `null` are `null` here.

use http::request::Parts;
use serde_json::{Map, Value, json};

use super::{ACCOUNT, Headers, Origin, headers, pairs, plain, text_of};
use crate::clock;

pub(super) fn render(parts: &Parts, body: &[u8], origin: &Origin, stage: &str) -> Vec<u8> {
    let path = parts.uri.path();
    let below = path.strip_prefix(&format!("/{stage}")).unwrap_or(path);
    let headers = headers(parts, body, origin);
    let parameters = parameters(parts.uri.query().unwrap_or_default());
    let (text, encoded) = text_of(parts, body, origin.bodies);
    let event = json!({
        "resource": "/{proxy+}",
        "path": below,
        "httpMethod": parts.method.as_str(),
        "headers": last(&headers),
        "multiValueHeaders": headers,
        "queryStringParameters": or_null(last(&parameters)),
        "multiValueQueryStringParameters": if parameters.is_empty() { Value::Null } else { json!(parameters) },
        "pathParameters": {"proxy": below.trim_start_matches('/')},
        "stageVariables": null,
        "requestContext": context(parts, origin, stage, headers.get("user-agent")),
        "body": text,
        "isBase64Encoded": encoded,
    });
    serde_json::to_vec(&event).expect("a value is JSON")
}

fn context(parts: &Parts, origin: &Origin, stage: &str, agent: Option<&Vec<String>>) -> Value {
    let prefix = origin.domain.split('.').next().unwrap_or_default();
    let caller = origin.identity.as_ref().map(crate::identity::Identity::authorizer);
    let caller = |name: &str| caller.as_ref().map_or(Value::Null, |caller| caller["iam"][name].clone());
    json!({
        "resourceId": "abc123",
        "resourcePath": "/{proxy+}",
        "httpMethod": parts.method.as_str(),
        "extendedRequestId": origin.request_id,
        "requestTime": clock::common_log(origin.time),
        "path": parts.uri.path(),
        "accountId": ACCOUNT,
        "protocol": "HTTP/1.1",
        "stage": stage,
        "domainPrefix": prefix,
        "requestTimeEpoch": clock::epoch_ms(origin.time),
        "requestId": origin.request_id,
        "identity": {
            "cognitoIdentityPoolId": null,
            "accountId": caller("accountId"),
            "cognitoIdentityId": null,
            "caller": caller("callerId"),
            "sourceIp": origin.peer.to_string(),
            "principalOrgId": null,
            "accessKey": caller("accessKey"),
            "cognitoAuthenticationType": null,
            "cognitoAuthenticationProvider": null,
            "userArn": caller("userArn"),
            "userAgent": agent.map(|agent| agent.join(",")),
            "user": caller("userId"),
        },
        "domainName": origin.domain,
        "apiId": prefix,
    })
}

/// The values of each parameter, decoded.
fn parameters(query: &str) -> Headers {
    let mut parameters = Headers::new();
    for (name, value) in pairs(query) {
        parameters.entry(plain(name)).or_default().push(plain(value));
    }
    parameters
}

/// The last value of each name.
pub(super) fn last(all: &Headers) -> Map<String, Value> {
    let one = |(name, values): (&String, &Vec<String>)| Some((name.clone(), values.last()?.clone().into()));
    all.iter().filter_map(one).collect()
}

fn or_null(map: Map<String, Value>) -> Value {
    if map.is_empty() { Value::Null } else { map.into() }
}

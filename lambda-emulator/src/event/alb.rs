//! Renders the event of a load balancer's target group.
//!
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html#receive-event-from-load-balancer>.
//! Parameters of the query are passed on as they come, encoded.

use http::request::Parts;
use serde_json::json;

use super::v1::last;
use super::{ACCOUNT, Headers, Origin, headers, pairs, text_of};
use crate::front_end::HeaderLists;

pub(super) fn render(parts: &Parts, body: &[u8], origin: &Origin, lists: HeaderLists) -> Vec<u8> {
    let headers = headers(parts, body, origin);
    let mut parameters = Headers::new();
    for (name, value) in pairs(parts.uri.query().unwrap_or_default()) {
        parameters.entry(name.to_owned()).or_default().push(value.to_owned());
    }
    let (text, encoded) = text_of(parts, body, origin.bodies);
    let region = origin.domain.split('.').nth(1).unwrap_or_default();
    let group =
        format!("arn:aws:elasticloadbalancing:{region}:{ACCOUNT}:targetgroup/toolcell/0123456789abcdef");
    let mut event = json!({
        "requestContext": {"elb": {"targetGroupArn": group}},
        "httpMethod": parts.method.as_str(),
        "path": parts.uri.path(),
        "body": text.unwrap_or_default(),
        "isBase64Encoded": encoded,
    });
    match lists {
        HeaderLists::On => {
            event["multiValueHeaders"] = json!(headers);
            event["multiValueQueryStringParameters"] = json!(parameters);
        }
        HeaderLists::Off => {
            event["headers"] = last(&headers).into();
            event["queryStringParameters"] = last(&parameters).into();
        }
    }
    serde_json::to_vec(&event).expect("a value is JSON")
}

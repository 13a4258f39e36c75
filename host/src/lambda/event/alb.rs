//! Application Load Balancers.
//!
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html>. A load balancer says nothing
//! of a caller outside of headers, and a caller can write headers of any name: it is believed about nobody.

use lambda_http::aws_lambda_events::alb::AlbTargetGroupRequest as Event;

use super::{EventError, Told, body, request};
use crate::lambda::form::HeaderLists;

pub(super) fn read(event: &[u8], lists: HeaderLists) -> Result<Told, EventError> {
    let event: Event = serde_json::from_slice(event)?;
    let (headers, parameters) = match lists {
        HeaderLists::On => (event.multi_value_headers, event.multi_value_query_string_parameters),
        HeaderLists::Off => (event.headers, event.query_string_parameters),
    };
    // A load balancer passes parameters on as it got them, encoded.
    let query: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let body = body(event.body, event.is_base64_encoded)?;
    let request = request(event.http_method, event.path.as_deref(), &query.join("&"), headers, body)?;
    Ok(Told { request, signer: None, address: None, accepted_ms: None })
}

//! Writes requests to DynamoDB, with their signatures.

use std::time::SystemTime;

use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;

use crate::aws::{self, AwsCredentials, Scope};

const TARGET: &str = "x-amz-target";
const JSON: &str = "application/x-amz-json-1.0";

/// Writes a request and signs it.
///
/// # Errors
/// The address or a header cannot be signed; the text says why.
pub(super) fn signed(
    url: &str,
    operation: &str,
    body: Bytes,
    credentials: &AwsCredentials,
    region: &str,
    now: SystemTime,
) -> Result<Request<Bytes>, String> {
    let target = format!("DynamoDB_20120810.{operation}");
    let request = Request::post(url).header(CONTENT_TYPE, JSON).header(TARGET, &target);
    let mut request = request.body(body).map_err(|error| error.to_string())?;
    let (origin, body) = (aws::origin(request.uri()), request.body().clone());
    let scope = Scope { service: "dynamodb", region };
    let signed = aws::sign(&mut request, &origin, &body, scope, credentials, now);
    signed.map(|()| request).map_err(|error| error.to_string())
}

//! Signs requests to DynamoDB (Signature Version 4).

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;

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
    credentials: &Credentials,
    region: &str,
    now: SystemTime,
) -> Result<Request<Bytes>, String> {
    let target = format!("DynamoDB_20120810.{operation}");
    let request = Request::post(url).header(CONTENT_TYPE, JSON).header(TARGET, &target);
    let mut request = request.body(body).map_err(|error| error.to_string())?;
    let identity = credentials.clone().into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("dynamodb")
        .time(now)
        .settings(SigningSettings::default())
        .build()
        .map_err(|error| error.to_string())?;
    let headers = [("content-type", JSON), (TARGET, target.as_str())];
    let body = SignableBody::Bytes(request.body());
    let signable = SignableRequest::new("POST", url, headers.into_iter(), body);
    let signable = signable.map_err(|error| error.to_string())?;
    let (instructions, _) = sign(signable, &params.into()).map_err(|error| error.to_string())?.into_parts();
    instructions.apply_to_request_http1x(&mut request);
    Ok(request)
}

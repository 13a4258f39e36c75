//! Writes requests to S3, with their signatures.

use std::time::SystemTime;

use bytes::Bytes;
use http::Request;

use super::Call;
use crate::aws::{self, AwsCredentials, Scope};

/// Writes a request to S3 and signs it.
///
/// # Errors
///
/// Fails if a header or the address cannot be signed; the text says why.
pub(super) fn signed(
    call: &Call<'_>,
    url: &str,
    credentials: &AwsCredentials,
    region: &str,
    now: SystemTime,
) -> Result<Request<Bytes>, String> {
    let request = Request::builder().method(&call.method).uri(url).body(call.body.clone());
    let mut request = request.map_err(|error| error.to_string())?;
    *request.headers_mut() = call.headers.clone();
    let origin = aws::origin(request.uri());
    let scope = Scope { service: "s3", region };
    let signed = aws::sign(&mut request, &origin, &call.body, scope, credentials, now);
    signed.map(|()| request).map_err(|error| error.to_string())
}

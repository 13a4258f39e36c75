//! Signs requests as S3 wants it (Signature Version 4).
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use bytes::Bytes;
use http::Request;

use super::Call;
use crate::digest::Digest;

/// Writes a request to S3 and signs it.
///
/// # Errors
///
/// Fails if a header or the address cannot be signed; the text says why.
pub(super) fn signed(
    call: &Call<'_>,
    url: String,
    credentials: &Credentials,
    region: &str,
    now: SystemTime,
) -> Result<Request<Bytes>, String> {
    let request = Request::builder().method(&call.method).uri(&url).body(call.body.clone());
    let mut request = request.map_err(|error| error.to_string())?;
    *request.headers_mut() = call.headers.clone();
    let identity = credentials.clone().into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("s3")
        .time(now)
        .settings(settings())
        .build()
        .map_err(|error| error.to_string())?;
    let headers = call.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let body = SignableBody::Precomputed(Digest::of(&call.body).to_string());
    let signable = SignableRequest::new(call.method.as_str(), &url, headers, body);
    let signable = signable.map_err(|error| error.to_string())?;
    let (instructions, _) = sign(signable, &params.into()).map_err(|error| error.to_string())?.into_parts();
    instructions.apply_to_request_http1x(&mut request);
    Ok(request)
}

/// Returns what is different for S3: the path is signed as it stands, and the hash of the body has a header of its own.
fn settings() -> SigningSettings {
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    settings
}

//! Signs requests (Signature Version 4).
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign as signature,
};
use aws_sigv4::sign::v4::SigningParams;
use http::{Request, Uri};

use crate::digest::Digest;
use crate::percent;

/// What a signature is valid for.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The name of the service in signatures, such as `s3`.
    pub service: &'a str,
    /// The region, such as `eu-central-1`.
    pub region: &'a str,
}

/// A request that cannot be signed. Repeats no value of a header.
#[derive(Debug, thiserror::Error)]
pub enum Unsignable {
    /// A header's value is not visible ASCII, and the service may read its bytes as another text.
    #[error("the header {name} is not visible ASCII")]
    Header {
        /// Its name.
        name: String,
    },
    /// The address is none.
    #[error("the address cannot be signed")]
    Address,
}

/// Adds date, session token, the hash of the body and the signature to a request, which covers all its headers but those
/// that proxies change.
///
/// The query has to be UTF-8 in whole escapes, without a plain `+`; the signature of another one does not fit.
///
/// `origin` is the scheme with the host and port of the header `Host`; of the request's own address, path and query count.
///
/// # Errors
///
/// A header or the address cannot be signed.
pub fn sign<B>(
    request: &mut Request<B>,
    origin: &str,
    body: &[u8],
    scope: Scope<'_>,
    credentials: &Credentials,
    now: SystemTime,
) -> Result<(), Unsignable> {
    let identity = credentials.clone().into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(scope.region)
        .name(scope.service)
        .time(now)
        .settings(settings(scope.service))
        .build()
        .map_err(|_| Unsignable::Address)?;
    let url = canonical_url(request, origin, scope.service);
    let headers = texts(request)?;
    let body = SignableBody::Precomputed(Digest::of(body).to_string());
    let signable = SignableRequest::new(request.method().as_str(), url, headers.into_iter(), body);
    let signable = signable.map_err(|_| Unsignable::Address)?;
    let signed = signature(signable, &params.into()).map_err(|_| Unsignable::Address)?;
    let (instructions, _) = signed.into_parts();
    instructions.apply_to_request_http1x(request);
    Ok(())
}

/// Returns the scheme with host and port of an absolute address.
pub fn origin(uri: &Uri) -> String {
    let authority = uri.authority().map(|authority| authority.as_str()).unwrap_or_default();
    format!("{}://{authority}", uri.scheme_str().unwrap_or_default())
}

fn texts<B>(request: &Request<B>) -> Result<Vec<(&str, &str)>, Unsignable> {
    let text = |(name, value): (&'_ http::HeaderName, &'_ http::HeaderValue)| {
        value.to_str().map(drop).map_err(|_| Unsignable::Header { name: name.as_str().to_owned() })
    };
    request.headers().iter().try_for_each(text)?;
    let pairs = request.headers().iter();
    Ok(pairs.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect())
}

/// Tells whether a service is S3 or one that speaks its protocol.
fn is_s3(service: &str) -> bool {
    matches!(service, "s3" | "s3-outposts" | "s3-object-lambda")
}

/// Writes an address as the service does before it checks the signature: S3 takes the escapes of a path off and puts its
/// own on.
fn canonical_url<B>(request: &Request<B>, origin: &str, service: &str) -> String {
    let (path, query) = (request.uri().path(), request.uri().query());
    let path = match is_s3(service) {
        true => percent::encoded_path(&percent::decoded(path)),
        false => path.to_owned(),
    };
    match query {
        Some(query) => format!("{origin}{path}?{query}"),
        None => format!("{origin}{path}"),
    }
}

/// Returns how a service wants it. S3 signs the path as it stands, others with its escapes escaped. The hash of the body has
/// a header of its own, which S3 and OpenSearch Serverless require, and no service minds.
fn settings(service: &str) -> SigningSettings {
    let mut settings = SigningSettings::default();
    if is_s3(service) {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    }
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    settings
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    fn signed(service: &str, address: &str, headers: &[(&str, &str)]) -> Request<()> {
        let mut request = Request::get(address).body(()).unwrap();
        for (name, value) in headers {
            request.headers_mut().append(http::HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        let uri = request.uri().clone();
        let origin = format!("https://{}", uri.authority().unwrap());
        let credentials = Credentials::new("AKIDEXAMPLE", SECRET, None, None, "test");
        let scope = Scope { service, region: "us-east-1" };
        let now = UNIX_EPOCH + Duration::from_secs(1_369_353_600);
        sign(&mut request, &origin, b"", scope, &credentials, now).unwrap();
        request
    }

    fn authorization(request: &Request<()>) -> &str {
        request.headers()["authorization"].to_str().unwrap()
    }

    /// The example of the documentation: a GET of an object with a range.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>
    #[test]
    fn the_example_of_the_documentation_has_its_signature() {
        let mut request = Request::get("/test.txt").header("range", "bytes=0-9").body(()).unwrap();
        let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", SECRET, None, None, "test");
        let scope = Scope { service: "s3", region: "us-east-1" };
        let now = UNIX_EPOCH + Duration::from_secs(1_369_353_600);
        let origin = "https://examplebucket.s3.amazonaws.com";
        sign(&mut request, origin, b"", scope, &credentials, now).unwrap();
        assert_eq!(
            authorization(&request),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, \
             SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, \
             Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        );
    }

    #[test]
    fn two_spellings_of_an_object_have_one_signature_and_the_sent_path_stays() {
        let (plain, escaped) = ("https://b.s3.us-east-1.amazonaws.com/a(b)+c@d", "/a%28b%29%2bc%40d");
        let [one, other] = [plain, &format!("https://b.s3.us-east-1.amazonaws.com{escaped}")]
            .map(|url| signed("s3", url, &[]));
        assert_eq!(authorization(&one), authorization(&other));
        assert_eq!((one.uri().path(), other.uri().path()), ("/a(b)+c@d", escaped));
        let other = signed("s3", "https://b.s3.us-east-1.amazonaws.com/a(b)%20c@d", &[]);
        assert_ne!(authorization(&one), authorization(&other));
    }

    #[test]
    fn every_header_is_signed_but_those_that_proxies_change() {
        let headers = [("accept", "*/*"), ("user-agent", "x"), ("x-two", "1"), ("x-two", "2")];
        let request = signed("lambda", "https://a.lambda-url.us-east-1.on.aws/p%20q?b=c&a", &headers);
        let signed = "SignedHeaders=accept;host;x-amz-content-sha256;x-amz-date;x-two,";
        assert!(authorization(&request).contains(signed), "{}", authorization(&request));
        let mut broken = Request::get("/").body(()).unwrap();
        broken.headers_mut().insert("x-broken", http::HeaderValue::from_bytes(b"\xff").unwrap());
        let credentials = Credentials::new("a", "b", None, None, "test");
        let scope = Scope { service: "s3", region: "us-east-1" };
        let refused = sign(&mut broken, "https://a", b"", scope, &credentials, UNIX_EPOCH);
        assert!(matches!(refused, Err(Unsignable::Header { name }) if name == "x-broken"));
    }
}

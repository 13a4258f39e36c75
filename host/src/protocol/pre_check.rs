//! Checks a request's head before its body is read: steps 1 and 3 to 6. `auth` decides who is calling, step 2,
//! between [`pre_check`] and [`check_head`].

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, CONTENT_ENCODING,
    CONTENT_LENGTH, CONTENT_TYPE, VARY,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};

use super::accept::Accept;
use super::fault::{Fault, MediaTypeError};
use super::policy::Policy;
use super::rejection::Rejection;

/// Time for which browsers may cache a preflight's response, in seconds.
const PREFLIGHT_MAX_AGE_SECONDS: &str = "600";

/// The result of step 1.
#[derive(Debug)]
pub enum PreCheck {
    /// The request comes from an allowed place: find out who is calling, then call [`check_head`].
    Passed(CorsOrigin),
    /// The answer to a browser that asks whether it may send a request.
    Preflight(Response<Bytes>),
}

/// The origin of the browser page that sends a request, if a page does; the policy allows it.
#[derive(Clone, Debug)]
pub struct CorsOrigin {
    origin: Option<HeaderValue>,
}

/// A POST whose head passed every check: read its body, then call [`parse`](super::parse).
#[derive(Clone, Debug)]
pub struct CheckedHead {
    pub(super) accept: Accept,
    pub(super) max_body_bytes: usize,
}

/// Checks where a request comes from and which host it names: step 1.
///
/// # Errors
/// 403 for a foreign origin or host.
pub fn pre_check(parts: &Parts, policy: &Policy) -> Result<PreCheck, Rejection> {
    policy.host(parts)?;
    let page = CorsOrigin { origin: policy.origin(&parts.headers)? };
    if parts.method == Method::OPTIONS && page.origin.is_some() {
        return Ok(PreCheck::Preflight(page.preflight(&parts.headers)));
    }
    Ok(PreCheck::Passed(page))
}

/// Checks the rest of a request's head, steps 3 to 6; called before its body is read.
///
/// # Errors
/// 405 for anything but POST, 415 for anything but JSON, 406 for a client that takes neither JSON nor
/// an event stream, 413 for a body that announces itself as too large.
pub fn check_head(parts: &Parts, policy: &Policy) -> Result<CheckedHead, Rejection> {
    let accept = head(parts, policy)?;
    Ok(CheckedHead { accept, max_body_bytes: policy.max_body_bytes() })
}

impl CheckedHead {
    /// The accepted content types of the response.
    pub fn accept(&self) -> Accept {
        self.accept
    }
}

impl CorsOrigin {
    /// That of a message, which no browser can send.
    pub const NONE: Self = Self { origin: None };

    /// Adds to an answer, whatever it is, what lets the browser page that asked read it.
    pub fn allow_origin(&self, headers: &mut HeaderMap) {
        if let Some(origin) = &self.origin {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("www-authenticate"));
            headers.append(VARY, HeaderValue::from_static("origin"));
        }
    }

    /// Allows the headers that the browser asks for: `Mcp-Param-*` cannot be listed.
    fn preflight(&self, request: &HeaderMap) -> Response<Bytes> {
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::NO_CONTENT;
        let headers = response.headers_mut();
        self.allow_origin(headers);
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(PREFLIGHT_MAX_AGE_SECONDS));
        if let Some(asked) = request.get(ACCESS_CONTROL_REQUEST_HEADERS) {
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
            headers.append(VARY, HeaderValue::from_static("access-control-request-headers"));
        }
        response
    }
}

fn head(parts: &Parts, policy: &Policy) -> Result<Accept, Fault> {
    if parts.method != Method::POST {
        return Err(Fault::HttpMethod { method: parts.method.to_string() });
    }
    media_type(&parts.headers)?;
    let accept = Accept::read(&parts.headers).ok_or(Fault::NotAcceptable)?;
    announced_length(&parts.headers, policy.max_body_bytes())?;
    Ok(accept)
}

/// The body must be JSON in UTF-8, not compressed.
fn media_type(headers: &HeaderMap) -> Result<(), Fault> {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(MediaTypeError::ContentTypes.into());
    };
    let text = String::from_utf8_lossy(value.as_bytes());
    let mut parts = text.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("application/json"));
    let is_utf8 = parts.filter_map(|parameter| parameter.split_once('=')).all(|(key, value)| {
        !key.trim().eq_ignore_ascii_case("charset")
            || matches!(
                value.trim().trim_matches('"').to_ascii_lowercase().as_str(),
                "utf-8" | "utf8" | "us-ascii"
            )
    });
    if !is_json || !is_utf8 {
        return Err(MediaTypeError::ContentType { found: text.into_owned() }.into());
    }
    let is_plain = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    if !headers.get_all(CONTENT_ENCODING).iter().all(is_plain) {
        return Err(MediaTypeError::ContentEncoding.into());
    }
    Ok(())
}

fn announced_length(headers: &HeaderMap, limit: usize) -> Result<(), Fault> {
    let announced =
        headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.trim().parse::<u64>().ok());
    match announced {
        Some(bytes) if bytes > limit as u64 => Err(Fault::TooLarge { limit }),
        _ => Ok(()),
    }
}

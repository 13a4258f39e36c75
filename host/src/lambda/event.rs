//! An event as an HTTP request, and what AWS says about its sender.
//!
//! A module a format: what they have in common, and whom they are believed about, stands here.

mod alb;
mod message;
#[cfg(test)]
mod tests;
mod v1;
mod v2;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::HeaderMap;
use http::{Method, Request, Response};
use http_body_util::Full;

use super::client_context::ClientContext;
use super::environment::{AuthType, Environment};
use super::form::Form;
use crate::auth::{Identity, NotAnIdentity};
use crate::protocol::{Fault, Forbidden, ParseError, Rejection};
use crate::service::{Body, ServerAddress};

/// The reason why an event is no HTTP request.
#[derive(Debug, thiserror::Error)]
pub(super) enum EventError {
    /// A member is not what the form has there.
    // Of serde's error only the place: its text repeats values.
    #[error("the event is malformed at column {}", .0.column())]
    Shape(#[from] serde_json::Error),
    /// The path and query are not a URI.
    #[error("the path and query of the event are not a URI: {0}")]
    Uri(#[from] http::Error),
    /// The body is said to be base64 and is not.
    #[error("the body of the event is not base64: {0}")]
    Base64(#[from] base64::DecodeError),
    /// AWS has checked who the sender is, and it is neither user nor role.
    #[error("the caller in requestContext: {0}")]
    Identity(#[from] NotAnIdentity),
}

impl EventError {
    /// Writes the answer to the sender.
    pub(super) fn into_response(self) -> Response<Body> {
        let fault = match self {
            Self::Shape(_) => Fault::from(ParseError::Event),
            Self::Uri(_) => ParseError::Uri.into(),
            Self::Base64(_) => ParseError::Base64.into(),
            Self::Identity(_) => Forbidden::Identity.into(),
        };
        Rejection::early(fault, None).into_response().map(Body::from)
    }
}

/// What the platform says about a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sent {
    /// Its sender, where AWS has checked that.
    pub(super) identity: Option<Identity>,
    /// The address that it was sent to; `None` where only the caller says so.
    pub(super) address: Option<ServerAddress>,
    /// When its front end accepted it, in milliseconds since 1970, where the event says so.
    pub(super) accepted_ms: Option<u64>,
}

/// The statements of an event, before the server decides which of them it believes.
struct Told {
    request: Request<Full<Bytes>>,
    /// The ARN of the sender whose signature AWS has checked; empty if it has one without ARN.
    signer: Option<String>,
    address: Option<ServerAddress>,
    accepted_ms: Option<u64>,
}

/// The sources that are believed about the sender of an event.
#[derive(Clone, Debug)]
pub(super) struct Belief {
    auth_type: AuthType,
    invoker: Option<Identity>,
}

impl Belief {
    /// Takes what the deployer says about the function's edges.
    pub(super) fn of(environment: &Environment) -> Self {
        Self { auth_type: environment.auth_type, invoker: environment.invoker.clone() }
    }
}

/// Reads an event: the request, and its sender where AWS has checked that. Who may invoke the function past its front end
/// writes the event, so it is not believed to know its sender where no front end checks one (`AuthType::None`). Where
/// there is no front end, the deployer alone says who may invoke.
///
/// The host name stays what the caller sent, in its header; the URI is path and query alone.
///
/// # Errors
/// The event is not of this form, or contradicts itself.
pub(super) fn read(
    form: Form,
    event: &[u8],
    context: &ClientContext,
    belief: &Belief,
) -> Result<(Request<Full<Bytes>>, Sent), EventError> {
    let Told { request, signer, address, accepted_ms } = match form {
        Form::FunctionUrl | Form::HttpApi => v2::read(event)?,
        Form::RestApi => v1::read(event)?,
        Form::Alb(lists) => alb::read(event, lists)?,
        Form::AgentCore => message::tool_call(event, context.tool().unwrap_or_default())?,
        Form::Direct => message::read(event)?,
    };
    let identity = match form {
        Form::AgentCore | Form::Direct => belief.invoker.clone(),
        _ => signer.filter(|_| belief.auth_type == AuthType::AwsIam).map(|arn| arn.parse()).transpose()?,
    };
    Ok((request, Sent { identity, address, accepted_ms }))
}

/// Makes the request of the parts that every form has.
fn request(
    method: Method,
    path: Option<&str>,
    query: &str,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Request<Full<Bytes>>, http::Error> {
    let path = path.filter(|path| path.starts_with('/')).unwrap_or("/");
    let uri = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    let mut request = Request::builder().method(method).uri(uri).body(Full::new(body))?;
    *request.headers_mut() = headers;
    Ok(request)
}

/// Decodes a body.
fn body(text: Option<String>, is_base64: bool) -> Result<Bytes, base64::DecodeError> {
    match text {
        Some(text) if is_base64 => BASE64_STANDARD.decode(text).map(Bytes::from),
        Some(text) => Ok(Bytes::from(text)),
        None => Ok(Bytes::new()),
    }
}

/// Returns the address at which an API of API Gateway is reached: its own domain, below the stage's name, or that of a
/// custom domain, which maps to a stage.
fn api_address(domain: Option<String>, stage: Option<&str>) -> Option<ServerAddress> {
    let domain = domain?;
    Some(ServerAddress::Domain(
        match stage.filter(|stage| *stage != DEFAULT_STAGE && is_own_domain(&domain)) {
            Some(stage) => format!("{domain}/{stage}"),
            None => domain,
        },
    ))
}

/// The stage that is not a part of the path.
const DEFAULT_STAGE: &str = "$default";

/// Tells whether API Gateway gave an API this domain.
fn is_own_domain(domain: &str) -> bool {
    domain.split('.').nth(1) == Some("execute-api")
}

//! Sends the requests of plugins.
//!
//! The caller has matched a request with a rule; here the name is resolved once, every address is judged, and the
//! connection goes to an address that was. The bodies of request and response are streams that are counted while they
//! pass. A redirect is a response like any other.

mod dial;
mod download;
mod error;
mod upload;

use std::error::Error as _;
use std::fmt;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TE, TRANSFER_ENCODING, UPGRADE};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, Version, request, uri,
};
use http_body::Body as _;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use ipnet::IpNet;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

use super::connection::{Connection, Protocol, Reach};
use super::error::Stage;
use super::idle::Idle;
use super::is_safe;
use super::origin::{Origin, Scheme};
use super::resolver::Resolver;
use super::tls::{CaBundle, Offer, Tls};
use crate::clock::Clock;

use self::download::{Download, Home};
pub use self::error::OutboundError;
use self::upload::{Progress, Upload};

/// The body of a request. It may end with an error, best [`OutboundError::RequestBody`]: the request fails with it.
pub type RequestBody = UnsyncBoxBody<Bytes, OutboundError>;

/// The body of a response.
pub type ResponseBody = UnsyncBoxBody<Bytes, OutboundError>;

/// The most fields of a head or of trailers, as HTTP/1.1 has it: over HTTP/2, small ones take far more of the host's
/// memory than their bytes.
const MAX_FIELDS: usize = 100;

/// Headers about the connection itself, which HTTP writes.
const OF_CONNECTION: [HeaderName; 7] = [
    CONNECTION,
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    HeaderName::from_static("http2-settings"),
];

/// The settings of the network for all plugins.
#[derive(Clone, Debug, Default)]
pub struct NetworkSettings {
    /// The name server; those of the system if there is none.
    pub resolver: Option<SocketAddr>,
    /// Certificates of authorities that are trusted besides the compiled-in ones.
    pub ca_bundle: Option<CaBundle>,
    /// Ports at which requests may reach this machine. For developers alone.
    pub loopback_ports: Vec<u16>,
}

/// Sends the requests of all plugins; one for each process.
#[derive(Debug)]
pub struct Outbound {
    tls: Tls,
    resolver: Resolver,
    loopback_ports: Vec<u16>,
    clock: Clock,
}

/// The connections and the TLS sessions of one plugin, one rule and one owner of a credential. Each is kept for at most
/// 30 s of the wall clock without a request. A pool belongs to one [`Outbound`].
#[derive(Default)]
pub struct Pool {
    idle: Arc<Idle<Upload>>,
    connector: OnceLock<TlsConnector>,
}

/// The other end of a request.
#[derive(Clone, Copy, Debug)]
pub struct Destination<'a> {
    /// With or without TLS.
    pub scheme: Scheme,
    /// A name, or an address. An IPv6 address may have brackets.
    pub host: &'a str,
    /// The port.
    pub port: u16,
    /// Networks whose addresses are allowed although they are not global.
    pub allowed: &'a [IpNet],
}

/// The limits of one request.
#[derive(Clone, Copy, Debug)]
pub struct OutboundLimits {
    /// The longest time for connecting, and once more for the TLS handshake.
    pub connect: Duration,
    /// The longest time from the last piece of the request to the head of the response.
    pub first_byte: Duration,
    /// The longest time for the next piece of the response's body while somebody waits for it.
    pub between_bytes: Duration,
    /// When the request has to be over, its response's last byte included.
    pub end: Instant,
    /// The largest body of the request.
    pub max_request_bytes: u64,
    /// The largest body of the response.
    pub max_response_bytes: u64,
}

/// A request that got no response.
struct Unanswered {
    error: OutboundError,
    reach: Reach,
    /// The request itself, if not one byte of it left.
    request: Option<Request<Upload>>,
}

impl Outbound {
    /// Makes a sender. Does nothing else: the first request reads the name servers of the system and the roots.
    pub fn new(settings: NetworkSettings, clock: Clock) -> Self {
        let NetworkSettings { resolver, ca_bundle, loopback_ports } = settings;
        let (tls, resolver) =
            (Tls::new(ca_bundle, Offer::Http2AndHttp1), Resolver::new(resolver, clock.clone()));
        Self { tls, resolver, loopback_ports, clock }
    }

    /// Sends a request, and returns when the head of its response is there.
    ///
    /// Of the request's address, path and query count; the header `Host` comes from `to`. A request that did not leave
    /// over a kept connection is sent over a fresh one; so is a GET or HEAD without a body if its kept connection
    /// ended before the response began.
    ///
    /// # Errors
    ///
    /// Fails if no address may be connected to, or a stage fails or takes too long.
    pub async fn send(
        &self,
        pool: &Pool,
        to: Destination<'_>,
        request: Request<RequestBody>,
        limits: OutboundLimits,
    ) -> Result<Response<ResponseBody>, OutboundError> {
        let origin = Origin::new(to.scheme, to.host, to.port);
        let mut request = outgoing(request, &origin, &limits)?;
        let kept = timeout_at(limits.end, pool.idle.take(&origin, self.clock.now())).await;
        if let Some(connection) = kept.unwrap_or_default() {
            let again = repetition(&request);
            let unanswered = match self.exchange(pool, connection, request, &limits).await {
                Ok(response) => return Ok(response),
                Err(unanswered) => unanswered,
            };
            request = unanswered.once_more(again, &origin.host)?;
        }
        let fresh = self.dial(pool, &origin, to.allowed, &limits).await?;
        self.exchange(pool, fresh, request, &limits).await.map_err(|unanswered| unanswered.error)
    }

    /// Sends a request over a connection, and waits for the head of its response.
    async fn exchange(
        &self,
        pool: &Pool,
        mut connection: Connection<Upload>,
        request: Request<Upload>,
        limits: &OutboundLimits,
    ) -> Result<Response<ResponseBody>, Unanswered> {
        let upload = request.body().progress();
        let request = shaped(request, &connection).map_err(Unanswered::finally)?;
        let answered = head(&mut connection, request, &upload, limits).await;
        // Others would wait in vain, too, if the connection is dead and nobody was told.
        let answered = answered.inspect_err(|_| pool.idle.forget(&connection));
        let response = answered.map_err(Unanswered::finally)?;
        let response = response.map_err(|error| Unanswered::of(error, &connection.origin.host, &upload))?;
        let (head, incoming) = response.into_parts();
        let host = connection.origin.host.clone();
        let home = Home::new(connection, &pool.idle, &self.clock, upload);
        if head.status == StatusCode::SWITCHING_PROTOCOLS {
            let reason = "it changes the protocol".to_owned();
            return Err(Unanswered::finally(OutboundError::Malformed { host, reason }));
        }
        if head.headers.len() > MAX_FIELDS {
            return Err(Unanswered::finally(OutboundError::HeadTooLarge { host }));
        }
        let body = Download::new(incoming, home, host, limits).map_err(Unanswered::finally)?;
        Ok(Response::from_parts(head, body.boxed_unsync()))
    }
}

impl Unanswered {
    /// Makes an error after which nobody tries again.
    fn finally(error: OutboundError) -> Self {
        Self { error, reach: Reach::Final, request: None }
    }

    /// Names the reason why HTTP had no response.
    fn of(mut error: TrySendError<Request<Upload>>, host: &str, upload: &Progress) -> Self {
        // A server that ends one stream of HTTP/2 has seen the request, and the connection goes on.
        let is_reset = cause(error.error()).is_some_and(|cause| cause.starts_with("stream error received"));
        let reach = if is_reset { Reach::Final } else { Reach::of(&error) };
        let request = error.take_message();
        let (host, source) = (host.to_owned(), error.into_error());
        if let Some(error) = upload.failure() {
            return Self::finally(error);
        }
        let error = if source.is_parse_too_large() {
            OutboundError::HeadTooLarge { host }
        } else if let Some(reason) = violation(&source) {
            OutboundError::Malformed { host, reason }
        } else {
            OutboundError::ConnectionEnded { host, source }
        };
        Self { error, reach, request }
    }

    /// Returns the request for a fresh connection.
    ///
    /// # Errors
    ///
    /// Fails if the server may have acted on it.
    fn once_more(
        self,
        repetition: Option<request::Parts>,
        host: &str,
    ) -> Result<Request<Upload>, OutboundError> {
        match (self.reach, self.request, repetition) {
            (Reach::NotSent, Some(request), _) => Ok(request),
            (Reach::NotSent | Reach::Lost, _, Some(parts)) => {
                let body = Upload::new(empty(), host, 0, None)?;
                Ok(Request::from_parts(parts, body))
            }
            _ => Err(self.error),
        }
    }
}

impl Pool {
    /// Counts the kept connections that have ended.
    #[cfg(test)]
    pub(super) fn closed(&self) -> usize {
        self.idle.closed()
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("idle", &self.idle).finish_non_exhaustive()
    }
}

/// Takes off a request what only the connection may say, and bounds its body.
fn outgoing(
    request: Request<RequestBody>,
    origin: &Origin,
    limits: &OutboundLimits,
) -> Result<Request<Upload>, OutboundError> {
    let (mut parts, body) = request.into_parts();
    let invalid =
        |reason: &str| OutboundError::InvalidRequest { host: origin.host.clone(), reason: reason.to_owned() };
    if parts.method == Method::CONNECT {
        return Err(invalid("CONNECT asks for a tunnel"));
    }
    let length = content_length(&parts.headers).map_err(invalid)?;
    for name in OF_CONNECTION {
        parts.headers.remove(name);
    }
    let body = Upload::new(body, &origin.host, limits.max_request_bytes, length)?;
    Ok(Request::from_parts(parts, body))
}

/// Returns the length of a body as the head of its request tells it.
fn content_length(headers: &HeaderMap) -> Result<Option<u64>, &'static str> {
    let mut values = headers.get_all(CONTENT_LENGTH).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let length = value.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let length = length.and_then(|text| text.parse().ok()).filter(|_| values.next().is_none());
    length.map(Some).ok_or("its content-length is not one number")
}

/// Returns what it takes to send a request twice; `None` if it may change something, or has a body.
fn repetition(request: &Request<Upload>) -> Option<request::Parts> {
    let may_be_repeated = is_safe(request.method()) && request.body().is_end_stream();
    may_be_repeated.then(|| {
        let mut parts = Request::new(()).into_parts().0;
        (parts.method, parts.uri) = (request.method().clone(), request.uri().clone());
        parts.headers = request.headers().clone();
        parts
    })
}

fn empty() -> RequestBody {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// Writes the address of a request as the version of HTTP has it: HTTP/1.1 the path and the header `Host`, HTTP/2 the
/// whole address.
fn shaped(
    request: Request<Upload>,
    connection: &Connection<Upload>,
) -> Result<Request<Upload>, OutboundError> {
    let origin = &connection.origin;
    let invalid = |error: &dyn fmt::Display| OutboundError::InvalidRequest {
        host: origin.host.clone(),
        reason: error.to_string(),
    };
    let (mut parts, body) = request.into_parts();
    let mut address = uri::Parts::default();
    address.path_and_query =
        parts.uri.into_parts().path_and_query.or(Some(uri::PathAndQuery::from_static("/")));
    let authority = origin.authority();
    match connection.protocol() {
        Protocol::Http1 => {
            let host = HeaderValue::try_from(authority).map_err(|error| invalid(&error))?;
            parts.headers.insert(HOST, host);
            parts.version = Version::HTTP_11;
        }
        Protocol::Http2 => {
            parts.headers.remove(HOST);
            address.scheme = Some(uri::Scheme::HTTPS); // only TLS can agree on HTTP/2
            address.authority = Some(authority.parse().map_err(|error| invalid(&error))?);
            parts.version = Version::HTTP_2;
        }
    }
    parts.uri = Uri::from_parts(address).map_err(|error| invalid(&error))?;
    Ok(Request::from_parts(parts, body))
}

/// Waits for the head of a response as long as the limits allow. The time of the server begins again with every piece
/// of the request's body, and stands still while the plugin does not go on.
async fn head(
    connection: &mut Connection<Upload>,
    request: Request<Upload>,
    upload: &Progress,
    limits: &OutboundLimits,
) -> Result<Result<Response<Incoming>, TrySendError<Request<Upload>>>, OutboundError> {
    /// The shortest time after which it is worth another look.
    const LOOK: Duration = Duration::from_millis(1);
    let host = connection.origin.host.clone();
    upload.begin();
    let mut exchange = pin!(connection.exchange(request));
    loop {
        let since = upload.since();
        let until =
            since.checked_add(limits.first_byte.max(LOOK)).map_or(limits.end, |until| until.min(limits.end));
        if let Ok(answered) = timeout_at(until, &mut exchange).await {
            return Ok(answered);
        }
        if Instant::now() >= limits.end {
            return Err(OutboundError::TimeOver { host, stage: Stage::Head });
        }
        if upload.since() == since {
            return Err(OutboundError::NoAnswer { host });
        }
    }
}

/// Returns the rule of HTTP that the other side breaks, if that is what ended a connection.
fn violation(error: &hyper::Error) -> Option<String> {
    if error.is_parse() {
        return Some(error.to_string());
    }
    let cause = cause(error)?;
    let is_found_here = ["stream", "connection"].iter().any(|what| {
        let rest = cause.strip_prefix(what);
        rest.is_some_and(|rest| rest.starts_with(" error detected"))
    });
    // What stands in parentheses may be the other side's own words.
    let reason = cause.split(" (").next().unwrap_or_default();
    is_found_here.then(|| reason.to_owned())
}

/// Returns the error behind an error of HTTP: HTTP/2 says in words alone which side has found what.
fn cause(error: &hyper::Error) -> Option<String> {
    error.source().map(ToString::to_string)
}

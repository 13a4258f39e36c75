//! HTTP to other machines: sends a request, and hands out the response's body piece by piece.
//!
//! A [`Client`] sends what toolcell itself asks of a service, an [`Outbound`] what plugins ask of the world: it
//! resolves names itself, and connects to no address that [`address`] does not open. Both live as long as the process.
//! Making one costs nothing; the first `https://` request reads the root certificates. They follow no redirects, read
//! no variables (so they know no proxy), keep no cookies, and know nothing of S3 or any other service.
//! docs/adr/0031-https.md and 0038-resolver-and-addresses.md give the reasons.

pub mod address;
mod body;
mod connection;
mod error;
mod idle;
mod origin;
pub mod outbound;
mod resolver;
mod task;
mod tls;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderValue, Method, Request, Uri, response};
use http_body_util::Full;
use tokio::time::Instant;

use crate::clock::Clock;

pub use self::body::Body;
use self::body::Limits;
use self::connection::{Connection, Unanswered};
pub use self::error::{NetError, Stage};
use self::idle::Idle;
use self::origin::Origin;
pub use self::origin::Scheme;
pub use self::outbound::{
    Destination, NetworkSettings, Outbound, OutboundError, OutboundLimits, Pool, RequestBody, ResponseBody,
};
pub(crate) use self::task::spawn;
pub use self::tls::{CaBundle, CaBundleError};
use self::tls::{Offer, Tls};

/// The slowest upload that is waited for, in bytes a second: the time for the head of a response grows with the body of
/// its request.
const MIN_UPLOAD_BYTES_PER_SECOND: u64 = 64 << 10;

/// The longest time for each stage of a request.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// Finding the address of a name, and connecting to it.
    pub connect: Duration,
    /// The TLS handshake.
    pub tls: Duration,
    /// From the request until the head of its response, besides the time that its body takes.
    pub head: Duration,
    /// Each read of the response's body.
    pub read: Duration,
    /// From the start to the last byte of the response's body.
    pub whole: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let [connect, tls, head, read, whole] = [3, 3, 10, 10, 120].map(Duration::from_secs);
        Self { connect, tls, head, read, whole }
    }
}

/// Tells where a request may go without TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlainHttp {
    /// To this machine alone.
    Loopback,
    /// To any host, because an operator named it or the platform answers there.
    Anywhere,
}

/// The rules of one request.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// The largest body that is read.
    pub max_body_bytes: u64,
    /// The hosts that `http://` may reach.
    pub plain_http: PlainHttp,
}

/// A response whose head has arrived.
#[derive(Debug)]
pub struct Response {
    /// Status and headers.
    pub head: response::Parts,
    /// The body, still to be read.
    pub body: Body,
}

/// Sends requests; shared by all who need the network.
#[derive(Debug)]
pub struct Client {
    tls: Tls,
    timeouts: Timeouts,
    idle: Arc<Idle<Full<Bytes>>>,
    clock: Clock,
}

impl Client {
    /// Makes a client that trusts the compiled-in root certificates and those of `ca_bundle`. Does nothing else yet.
    pub fn new(ca_bundle: Option<CaBundle>, timeouts: Timeouts, clock: Clock) -> Self {
        Self { tls: Tls::new(ca_bundle, Offer::Http1), timeouts, idle: Arc::default(), clock }
    }

    /// Sends a request to an absolute `https://` address, and returns when the head of the response is there.
    ///
    /// A request that did not leave this machine is sent once more over a fresh connection; so is a GET or HEAD whose
    /// connection ended before the head of the response. The response to a redirect is returned as it is.
    ///
    /// # Errors
    ///
    /// Fails if the address is no such address, or a stage fails or takes too long.
    pub async fn send(&self, request: Request<Bytes>, rules: Rules) -> Result<Response, NetError> {
        let origin = Origin::of(request.uri(), rules.plain_http)?;
        let end = Instant::now() + self.timeouts.whole;
        let request = outgoing(request, &origin)?;
        let connection = match self.idle.take(&origin, self.clock.now()).await {
            Some(connection) => connection,
            None => self.connect(&origin, end).await?,
        };
        let unanswered = match self.exchange(connection, request.clone(), rules, end).await {
            Ok(response) => return Ok(response),
            Err(unanswered) => unanswered,
        };
        if !unanswered.may_be_repeated(request.method()) {
            return Err(unanswered.error);
        }
        let fresh = self.connect(&origin, end).await?;
        self.exchange(fresh, request, rules, end).await.map_err(|unanswered| unanswered.error)
    }

    async fn connect(&self, origin: &Origin, end: Instant) -> Result<Connection<Full<Bytes>>, NetError> {
        Connection::open(origin, &self.tls, &self.timeouts, end).await
    }

    /// Sends a request over a connection, and waits for the head of its response.
    async fn exchange(
        &self,
        mut connection: Connection<Full<Bytes>>,
        request: Request<Full<Bytes>>,
        rules: Rules,
        end: Instant,
    ) -> Result<Response, Unanswered> {
        let wait = self.timeouts.head + upload_time(&request);
        let response = connection.send(request, wait, end).await?;
        let (head, incoming) = response.into_parts();
        let limits = Limits { max_bytes: rules.max_body_bytes, read_timeout: self.timeouts.read, end };
        let body = Body::new(incoming, connection, Arc::clone(&self.idle), self.clock.clone(), limits);
        Ok(Response { head, body: body.map_err(Unanswered::finally)? })
    }
}

/// Returns the time in which a request's body leaves even over a slow line.
fn upload_time(request: &Request<Full<Bytes>>) -> Duration {
    let bytes = http_body::Body::size_hint(request.body()).lower();
    Duration::from_secs(bytes / MIN_UPLOAD_BYTES_PER_SECOND)
}

/// Writes a request as HTTP/1.1 sends it: the path alone in its first line, and the host in a header.
fn outgoing(request: Request<Bytes>, origin: &Origin) -> Result<Request<Full<Bytes>>, NetError> {
    let address = || NetError::Address { found: origin.to_string() };
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let uri = Uri::try_from(path).map_err(|_| address())?;
    let host = HeaderValue::try_from(origin.authority()).map_err(|_| address())?;
    parts.headers.insert(HOST, host);
    parts.uri = uri;
    Ok(Request::from_parts(parts, Full::new(body)))
}

/// Tells whether a request changes nothing, so that it may be sent twice.
fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

#[cfg(test)]
mod tests;

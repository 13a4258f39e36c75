//! Sends the requests of `toolcell auth`: over TLS, to public addresses and those that are named, without following
//! redirects.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use tokio::time::Instant;
use toolcell_host::catalog::{self, AddressRange, WebUrl};
use toolcell_host::clock::Clock;
use toolcell_host::net::{
    Destination, NetworkSettings, Outbound, OutboundError, OutboundLimits, Pool, Scheme,
};

/// The longest time for one request.
const TIME: Duration = Duration::from_secs(15);

/// The largest response that is read, in bytes.
const MAX_BYTES: u64 = 256 << 10;

/// The addresses that may be asked, besides public ones.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// Ports of this machine.
    pub loopback: Vec<u16>,
    /// Networks.
    pub networks: Vec<AddressRange>,
}

/// Asks a server and its authorization servers.
pub(super) struct Client {
    outbound: Outbound,
    pool: Pool,
    networks: Vec<AddressRange>,
}

/// A response, whatever its status.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Client {
    /// Makes a client for a server: its port is reached also if it is one of this machine.
    pub(super) fn new(server: &WebUrl, reach: &Reach) -> Self {
        let mut ports = reach.loopback.clone();
        ports.extend(server.parts().filter(|parts| is_local(&parts.host.bare())).map(|parts| parts.port));
        let settings = NetworkSettings { resolver: None, ca_bundle: None, loopback_ports: ports };
        let outbound = Outbound::new(settings, Clock::system());
        Self { outbound, pool: Pool::default(), networks: reach.networks.clone() }
    }

    /// Fetches a document.
    pub(super) async fn get(&self, url: &WebUrl) -> Result<Answer, String> {
        self.send(url, Method::GET, None, Bytes::new(), None).await
    }

    /// Sends JSON.
    pub(super) async fn post(&self, url: &WebUrl, json: &serde_json::Value) -> Result<Answer, String> {
        self.send(url, Method::POST, Some("application/json"), json.to_string().into(), None).await
    }

    /// Sends a form, with the credentials of a client if it has a secret.
    pub(super) async fn submit(
        &self,
        url: &WebUrl,
        form: String,
        credentials: Option<HeaderValue>,
    ) -> Result<Answer, String> {
        let kind = Some("application/x-www-form-urlencoded");
        self.send(url, Method::POST, kind, form.into(), credentials).await
    }

    async fn send(
        &self,
        url: &WebUrl,
        method: Method,
        kind: Option<&'static str>,
        body: Bytes,
        credentials: Option<HeaderValue>,
    ) -> Result<Answer, String> {
        let parts = url.parts().ok_or_else(|| format!("{url} is no address"))?;
        let mut request = Request::builder().method(method).uri(path(parts.path_and_query));
        request = request.header(ACCEPT, "application/json, text/event-stream");
        if let Some(kind) = kind {
            request = request.header(CONTENT_TYPE, kind);
        }
        if let Some(credentials) = credentials {
            request = request.header(AUTHORIZATION, credentials);
        }
        let body = Full::new(body).map_err(|never| match never {}).boxed_unsync();
        let request = request.body(body).map_err(|error| error.to_string())?;
        let scheme = match parts.scheme {
            catalog::Scheme::Https => Scheme::Https,
            catalog::Scheme::Http => Scheme::Http,
        };
        let allowed: Vec<_> = self.networks.iter().map(|range| range.network()).collect();
        let host = parts.host.bare();
        let to = Destination { scheme, host: &host, port: parts.port, allowed: &allowed };
        let failed = |error| format!("{url}: {}", told(&error));
        let response = self.outbound.send(&self.pool, to, request, limits()).await.map_err(failed)?;
        let (head, body) = response.into_parts();
        let body = body.collect().await.map_err(failed)?.to_bytes();
        Ok(Answer { status: head.status, headers: head.headers, body })
    }
}

impl Answer {
    /// Reads the JSON document of a response with status 200, or says what came in its place.
    pub(super) fn document<T: DeserializeOwned>(&self) -> Result<T, String> {
        if self.status != StatusCode::OK {
            return Err(self.status_text());
        }
        serde_json::from_slice(&self.body).map_err(|error| match error.classify() {
            Category::Data => format!("JSON of another form: {error}"),
            _ if self.body.trim_ascii_start().starts_with(b"<") => "a page in place of JSON".to_owned(),
            _ => "no JSON".to_owned(),
        })
    }

    /// Names the status, and where a redirect leads.
    pub(super) fn status_text(&self) -> String {
        let status = self.status.as_u16();
        match self.header(LOCATION.as_str()).filter(|_| self.status.is_redirection()) {
            Some(to) => format!("status {status}, a redirect to {to}: not every client follows it"),
            None => format!("status {status}"),
        }
    }

    /// Returns a header as text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Says why a request failed, and which option lets it through.
fn told(error: &OutboundError) -> String {
    match error {
        OutboundError::AddressProhibited { host } => format!(
            "{host} is on this machine or in a private network: add --allow-loopback PORT or --allow-network RANGE"
        ),
        OutboundError::ResponseTooLarge { .. } => format!("its response is larger than {MAX_BYTES} bytes"),
        OutboundError::TimeOver { .. } | OutboundError::NoAnswer { .. } | OutboundError::Stalled { .. } => {
            format!("no whole response within {} s", TIME.as_secs())
        }
        error => error.to_string(),
    }
}

fn is_local(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn limits() -> OutboundLimits {
    OutboundLimits {
        connect: TIME,
        first_byte: TIME,
        between_bytes: TIME,
        end: Instant::now() + TIME,
        max_request_bytes: MAX_BYTES,
        max_response_bytes: MAX_BYTES,
    }
}

fn path(path_and_query: &str) -> String {
    if path_and_query.starts_with('/') { path_and_query.to_owned() } else { format!("/{path_and_query}") }
}

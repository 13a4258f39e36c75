//! Sends requests to issuers: over TLS, to public addresses alone, without following redirects, within bounds.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CACHE_CONTROL};
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use ipnet::IpNet;
use tokio::time::Instant;

use super::error::IssuerFault;
use crate::catalog::{self, WebUrl};
use crate::net::{Destination, Outbound, OutboundError, OutboundLimits, Pool, Scheme};

/// Asks one issuer; lives as long as a few requests to it.
pub(super) struct Asker {
    outbound: Arc<Outbound>,
    pool: Pool,
    /// The networks whose addresses are allowed although they are not global.
    allowed: Vec<IpNet>,
    end: Instant,
}

/// A response with status 200.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Asker {
    /// Asks until `end`.
    pub(super) fn new(outbound: Arc<Outbound>, issuer: &catalog::Issuer, end: Instant) -> Self {
        let allowed = issuer.address.iter().map(|range| range.network()).collect();
        Self { outbound, pool: Pool::default(), allowed, end }
    }

    /// Fetches a JSON document.
    pub(super) async fn get(&self, url: &WebUrl, max_bytes: usize) -> Result<Fetched, IssuerFault> {
        let request = Request::get(path(url)).header(ACCEPT, HeaderValue::from_static("application/json"));
        let request = request.body(Bytes::new());
        self.send(url, request.map_err(|_| unusable(url))?, max_bytes).await
    }

    /// Sends a request, of which the address counts that `url` names.
    pub(super) async fn send(
        &self,
        url: &WebUrl,
        request: Request<Bytes>,
        max_bytes: usize,
    ) -> Result<Fetched, IssuerFault> {
        let failed = |source| IssuerFault::Request { url: url.to_string(), source };
        let parts = url.parts().ok_or_else(|| unusable(url))?;
        let host = parts.host.bare();
        let scheme = match parts.scheme {
            catalog::Scheme::Https => Scheme::Https,
            catalog::Scheme::Http => Scheme::Http,
        };
        let to = Destination { scheme, host: &host, port: parts.port, allowed: &self.allowed };
        let request = request.map(|body| Full::new(body).map_err(|never| match never {}).boxed_unsync());
        let response = self.outbound.send(&self.pool, to, request, self.limits(max_bytes)).await;
        let (head, body) = response.map_err(failed)?.into_parts();
        if head.status != StatusCode::OK {
            return Err(IssuerFault::Status { url: url.to_string(), status: head.status });
        }
        let body = body.collect().await.map_err(failed)?.to_bytes();
        Ok(Fetched { headers: head.headers, body })
    }

    fn limits(&self, max_bytes: usize) -> OutboundLimits {
        let left = self.end.saturating_duration_since(Instant::now());
        OutboundLimits {
            connect: left,
            first_byte: left,
            between_bytes: left,
            end: self.end,
            max_request_bytes: 64 << 10,
            max_response_bytes: max_bytes as u64,
        }
    }
}

impl Fetched {
    /// Returns for how long the response may be kept, as its sender says.
    pub(super) fn max_age(&self) -> Option<Duration> {
        let directives = self.headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
        let mut directives = directives.flat_map(|value| value.split(',')).map(str::trim);
        let age = directives.find_map(|directive| {
            let (name, seconds) = directive.split_once('=')?;
            name.eq_ignore_ascii_case("max-age").then(|| seconds.trim_matches('"').parse().ok())?
        });
        age.map(Duration::from_secs)
    }
}

fn path(url: &WebUrl) -> String {
    match url.path_and_query() {
        "" => "/".to_owned(),
        query if query.starts_with('?') => format!("/{query}"),
        path => path.to_owned(),
    }
}

fn unusable(url: &WebUrl) -> IssuerFault {
    let (host, reason) = (url.origin().to_owned(), "the address cannot be used".to_owned());
    IssuerFault::Request { url: url.to_string(), source: OutboundError::InvalidRequest { host, reason } }
}

//! Opens connections for plugins: resolve, judge, connect, TLS.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;

use super::super::address;
use super::super::connection::{Connection, Protocol};
use super::super::error::{NetError, Stage};
use super::super::origin::{Origin, Scheme};
use super::super::resolver::ResolveError;
use super::super::tls::Tls;
use super::upload::Upload;
use super::{Outbound, OutboundError, OutboundLimits, Pool};

/// The most addresses of a host that are tried.
const MAX_TRIES: usize = 4;

impl Outbound {
    /// Opens a connection to an address that was judged. One that carries several requests is kept at once.
    pub(super) async fn dial(
        &self,
        pool: &Pool,
        origin: &Origin,
        allowed: &[IpNet],
        limits: &OutboundLimits,
    ) -> Result<Connection<Upload>, OutboundError> {
        let addresses = self.addresses(origin, limits.end).await?;
        let addresses = addresses.iter().map(|address| SocketAddr::new(*address, origin.port));
        let may_connect = |to: &SocketAddr| address::may_connect(*to, allowed, &self.loopback_ports);
        let addresses: Vec<_> = addresses.filter(may_connect).take(MAX_TRIES).collect();
        if addresses.is_empty() {
            return Err(OutboundError::AddressProhibited { host: origin.host.clone() });
        }
        let stream = connect(&addresses, origin, limits).await?;
        let connection = match origin.scheme {
            Scheme::Http => Connection::over(origin, stream, Protocol::Http1).await,
            Scheme::Https => {
                let stream = secure(pool.connector(&self.tls)?, origin, stream, limits).await?;
                let protocol = match stream.get_ref().1.alpn_protocol() {
                    Some(b"h2") => Protocol::Http2,
                    _ => Protocol::Http1,
                };
                Connection::over(origin, stream, protocol).await
            }
        };
        let ended = |source| OutboundError::ConnectionEnded { host: origin.host.clone(), source };
        let connection = connection.map_err(ended)?;
        if let Some(shared) = connection.share() {
            pool.idle.put(shared, self.clock.now());
        }
        Ok(connection)
    }

    /// Returns the addresses of a host, as yet of any kind.
    async fn addresses(&self, origin: &Origin, end: Instant) -> Result<Arc<[IpAddr]>, OutboundError> {
        if let Ok(address) = origin.host.parse::<IpAddr>() {
            return Ok([address].into());
        }
        let host = origin.host.clone();
        self.resolver.addresses(&origin.host, end).await.map_err(|error| match error {
            ResolveError::Malformed => OutboundError::InvalidRequest { host, reason: error.to_string() },
            ResolveError::NotFound => OutboundError::NameNotFound { host },
            ResolveError::Failed(reason) => OutboundError::NameServerFailed { host, reason },
            ResolveError::TimedOut if Instant::now() >= end => {
                OutboundError::TimeOver { host, stage: Stage::Resolve }
            }
            ResolveError::TimedOut => OutboundError::NameServerTimeout { host },
            ResolveError::NoServer(_) => OutboundError::Configuration { reason: error.to_string() },
        })
    }
}

impl Pool {
    /// Returns what makes TLS connections for this pool: it resumes the sessions of no other one.
    fn connector(&self, tls: &Tls) -> Result<&TlsConnector, OutboundError> {
        if let Some(connector) = self.connector.get() {
            return Ok(connector);
        }
        let connector = tls.separate();
        let configuration = |error: NetError| OutboundError::Configuration { reason: error.to_string() };
        let connector = connector.map_err(configuration)?;
        Ok(self.connector.get_or_init(|| connector))
    }
}

/// Connects to the first address that accepts, each within its share of the time that is left. If none does, the first
/// one's failure is it.
async fn connect(
    addresses: &[SocketAddr],
    origin: &Origin,
    limits: &OutboundLimits,
) -> Result<TcpStream, OutboundError> {
    let until = until(limits.connect, limits.end);
    let mut first = None;
    for (place, address) in addresses.iter().enumerate() {
        let left = until.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(addresses.len() - place).unwrap_or(1);
        let host = origin.host.clone();
        let failure = match timeout(share, TcpStream::connect(address)).await {
            // Without it, a request in several writes waits for the peer's delayed acknowledgement: 40 ms.
            Ok(Ok(stream)) => match stream.set_nodelay(true) {
                Ok(()) => return Ok(stream),
                Err(source) => OutboundError::Unreachable { host, source },
            },
            Ok(Err(source)) if source.kind() == io::ErrorKind::ConnectionRefused => {
                OutboundError::ConnectionRefused { host, source }
            }
            Ok(Err(source)) => OutboundError::Unreachable { host, source },
            Err(_) if Instant::now() >= limits.end => {
                return Err(OutboundError::TimeOver { host, stage: Stage::Connect });
            }
            Err(_) => OutboundError::ConnectTimeout { host },
        };
        // Of a machine without IPv6, it would only be told that there is no way to the last address.
        first.get_or_insert(failure);
    }
    Err(first.unwrap_or_else(|| OutboundError::AddressProhibited { host: origin.host.clone() }))
}

/// Shakes hands, and checks that the certificate is for the origin's name.
async fn secure(
    connector: &TlsConnector,
    origin: &Origin,
    stream: TcpStream,
    limits: &OutboundLimits,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, OutboundError> {
    let host = origin.host.clone();
    let name = ServerName::try_from(host.clone());
    let name = name
        .map_err(|error| OutboundError::InvalidRequest { host: host.clone(), reason: error.to_string() })?;
    let handshake = timeout_at(until(limits.connect, limits.end), connector.connect(name, stream)).await;
    match handshake {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(source)) if is_about_certificate(&source) => Err(OutboundError::Certificate { host, source }),
        Ok(Err(source)) => Err(OutboundError::Tls { host, source }),
        Err(_) if Instant::now() >= limits.end => Err(OutboundError::TimeOver { host, stage: Stage::Tls }),
        Err(_) => Err(OutboundError::TlsTimeout { host }),
    }
}

fn is_about_certificate(error: &io::Error) -> bool {
    use rustls::Error::{InvalidCertificate, NoCertificatesPresented};
    let error = error.get_ref().and_then(|error| error.downcast_ref());
    matches!(error, Some(InvalidCertificate(_) | NoCertificatesPresented))
}

/// Returns when a stage has to be over.
fn until(limit: Duration, end: Instant) -> Instant {
    Instant::now().checked_add(limit).map_or(end, |until| until.min(end))
}

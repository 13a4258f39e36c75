//! The local HTTP edge: hyper in front of the plain [`Service`], one task per connection.
//!
//! It adds nothing to a request and takes nothing away, so that what is tested here is what runs behind
//! Lambda. A client that disconnects drops its request's future, and with it the call.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use toolcell_host::service::Service;

/// The time limit for a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// The time limit for running calls once the server is stopping.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// Pause after a failed `accept`, so that a full descriptor table does not become a busy loop.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Tells how a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// Every call under way was answered.
    Drained,
    /// Some calls were still running after [`DRAIN_TIMEOUT`] and were cut off.
    CutOff,
}

/// The service that answers the next request. Another may take its place while connections are open: a request under
/// way stays with the service that it began with.
#[derive(Clone, Debug)]
pub struct Current(watch::Receiver<Arc<Service>>);

impl Current {
    fn service(&self) -> Arc<Service> {
        Arc::clone(&self.0.borrow())
    }
}

impl From<Arc<Service>> for Current {
    fn from(service: Arc<Service>) -> Self {
        Self(watch::channel(service).1)
    }
}

impl From<watch::Receiver<Arc<Service>>> for Current {
    fn from(services: watch::Receiver<Arc<Service>>) -> Self {
        Self(services)
    }
}

/// Binds `address`.
///
/// # Errors
///
/// Whatever the operating system says, for example that the port is taken.
pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Serves connections until `stop` resolves, then lets the calls under way end.
pub async fn run(
    listener: TcpListener,
    current: impl Into<Current>,
    stop: impl Future<Output = ()>,
) -> Shutdown {
    let current = current.into();
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => spawn_connection(stream, current.clone(), &graceful),
                Err(error) => {
                    tracing::warn!(%error, "could not accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            () = &mut stop => break,
        }
    }
    drop(listener);
    match tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown()).await {
        Ok(()) => Shutdown::Drained,
        Err(_) => Shutdown::CutOff,
    }
}

fn spawn_connection(stream: TcpStream, current: Current, graceful: &GracefulShutdown) {
    // Small answers must not wait for the peer's acknowledgement of the one before.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "could not set TCP_NODELAY");
    }
    let handler = service_fn(move |request| {
        let service = current.service();
        async move { Ok::<_, Infallible>(service.handle(request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), handler);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "connection ended early");
        }
    });
}

//! The local HTTP edge: hyper in front of the plain [`Service`], one task per connection.
//!
//! It adds the server's own address to a request and takes nothing away, so that what is tested here is what runs behind
//! Lambda. A client that disconnects drops its request's future, and with it the call. No client can hold anything for
//! ever: heads, bodies, pauses and unread answers have time limits, and the number of connections is limited.

mod connection;
mod head_timeout;
mod pages;
mod seat;
mod write_timeout;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderValue, RETRY_AFTER};
use hyper::{Request, Response, StatusCode};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use toolcell_host::call::Runner;
use toolcell_host::service::{Body, Context, HEALTH_PATH, ServerAddress, Service};
use toolcell_host::updater::{NothingToServe, Served};

use seat::{Seat, SeatKind, Seats};

pub(crate) use pages::{PageRequest, Pages};

/// The time limit for a connection with a reserved seat: for its one request and the answer.
const RESERVED_TIMEOUT: Duration = Duration::from_secs(2);

/// The time limit for running calls once the server is stopping.
pub(super) const DRAIN_TIMEOUT: Duration = Duration::from_secs(3);

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
pub struct Current {
    source: Source,
    /// The pages that are served beside the service.
    pages: Option<Pages>,
}

#[derive(Clone, Debug)]
enum Source {
    /// The last service of a channel.
    Watched(watch::Receiver<Arc<Service>>),
    /// A bundle, or the releases of a bucket.
    Served(Served),
    /// None, once a test lets a request pass.
    #[cfg(test)]
    Gate(super::gate::Gate),
}

/// What each connection needs of the server.
#[derive(Clone, Debug)]
struct LocalEdge {
    current: Current,
    /// The address that the server listens at.
    address: Option<SocketAddr>,
}

impl Current {
    /// Serves `pages` as well.
    pub(crate) fn with_pages(self, pages: Option<Pages>) -> Self {
        Self { pages, ..self }
    }

    pub(super) async fn service(&self) -> Result<Arc<Service>, NothingToServe> {
        match &self.source {
            Source::Watched(services) => Ok(Arc::clone(&services.borrow())),
            Source::Served(served) => served.current(None).await,
            #[cfg(test)]
            Source::Gate(gate) => gate.passed().await,
        }
    }
}

#[cfg(test)]
impl From<super::gate::Gate> for Current {
    fn from(gate: super::gate::Gate) -> Self {
        Self { source: Source::Gate(gate), pages: None }
    }
}

impl From<Arc<Service>> for Current {
    fn from(service: Arc<Service>) -> Self {
        Served::Bundle(service).into()
    }
}

impl From<Served> for Current {
    fn from(served: Served) -> Self {
        Self { source: Source::Served(served), pages: None }
    }
}

impl From<watch::Receiver<Arc<Service>>> for Current {
    fn from(services: watch::Receiver<Arc<Service>>) -> Self {
        Self { source: Source::Watched(services), pages: None }
    }
}

/// Makes the threads that serve.
///
/// # Errors
///
/// The system has too few threads.
pub fn runtime() -> io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(Runner::THREADS).enable_all().build()
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
    let seats = Seats::new();
    let address = listener.local_addr().ok();
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            (stream, seat) = accept(&listener, &seats) => {
                let edge = LocalEdge { current: current.clone(), address };
                spawn_connection(stream, seat, seats.clone(), edge, &graceful);
            }
            () = &mut stop => break,
        }
    }
    drop(listener);
    match tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown()).await {
        Ok(()) => Shutdown::Drained,
        Err(_) => Shutdown::CutOff,
    }
}

/// Waits for the next connection and a seat for it.
async fn accept(listener: &TcpListener, seats: &Seats) -> (TcpStream, Seat) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, seats.take().await),
            Err(error) => {
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn spawn_connection(
    stream: TcpStream,
    seat: Seat,
    seats: Seats,
    edge: LocalEdge,
    graceful: &GracefulShutdown,
) {
    // Small answers must not wait for the peer's acknowledgement of the one before.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "could not set TCP_NODELAY");
    }
    let kind = seat.kind;
    let connection = connection::serve(stream, kind, seats, move |request| {
        let LocalEdge { current, address } = edge.clone();
        async move {
            let pages = current.pages.as_ref().filter(|pages| pages.have(request.uri().path()));
            if let (SeatKind::Ordinary, Some(pages)) = (kind, pages) {
                return pages.answer(request).await;
            }
            match current.service().await {
                Ok(service) => answer(&service, from(address, request), kind).await,
                Err(nothing) => nothing.into_response(),
            }
        }
    });
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        let seat = seat; // all of it: it is free when the connection has ended
        let ended = match seat.kind {
            SeatKind::Ordinary => connection.await,
            SeatKind::Reserved => tokio::time::timeout(RESERVED_TIMEOUT, connection).await.unwrap_or(Ok(())),
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "connection ended early");
        }
    });
}

/// Tells the service at which address it was reached.
fn from(address: Option<SocketAddr>, mut request: Request<Incoming>) -> Request<Incoming> {
    let server = address.map(ServerAddress::Listening);
    request.extensions_mut().insert(Context { server, ..Context::default() });
    request
}

/// Answers a request, if its connection may send it.
async fn answer(service: &Service, request: Request<Incoming>, seat: SeatKind) -> Response<Body> {
    if seat == SeatKind::Ordinary || request.uri().path() == HEALTH_PATH {
        return service.handle(request).await;
    }
    let text = Bytes::from_static(b"too many connections; retry\n");
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

//! Opens connections, and sends requests over them: one at a time over HTTP/1.1, several over HTTP/2.

use std::error::Error;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body::Body;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1, http2};
use hyper::rt::Executor;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, timeout_at};

use super::error::{NetError, Stage};
use super::origin::{Origin, Scheme};
use super::tls::Tls;
use super::{Timeouts, is_safe, task};

/// The time in which a connection whose last response has ended tells that it is ready, or closed.
const READY_WAIT: Duration = Duration::from_secs(1);

/// The largest head of a response, with its status line or its pseudo headers.
const MAX_HEAD_BYTES: u32 = 64 << 10;

/// What the server may send over HTTP/2 before somebody reads it: for one response, and for all of a connection.
const WINDOW_BYTES: (u32, u32) = (256 << 10, 4 << 20);

/// The time in which the rest of a response that nobody reads any more may arrive over HTTP/2. What comes later counts
/// as an error, and many of them end the connection.
const RESET_WAIT: Duration = Duration::from_secs(10);

/// A connection, and the task that drives it. Dropping it closes it, unless it is shared.
#[derive(Debug)]
pub(super) struct Connection<B> {
    pub(super) origin: Origin,
    sender: Sender<B>,
    driver: Arc<Driver>,
}

/// The versions of HTTP that a connection may speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    Http2,
}

#[derive(Debug)]
enum Sender<B> {
    Http1(http1::SendRequest<B>),
    Http2(http2::SendRequest<B>),
}

/// Ends the tasks of a connection when nobody has it any more.
#[derive(Debug)]
struct Driver {
    connection: AbortHandle,
    tasks: Tasks,
    /// True if no other request may take the connection.
    is_retired: AtomicBool,
}

/// The tasks that HTTP/2 starts for a connection. One that waits for a server to take a body would never end by itself.
#[derive(Clone, Debug, Default)]
struct Tasks(Arc<Mutex<JoinSet<()>>>);

/// A request that got no response.
#[derive(Debug)]
pub(super) struct Unanswered {
    pub(super) error: NetError,
    reach: Reach,
}

/// Tells how far a request without response came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Not one byte of it left.
    NotSent,
    /// The other side may have seen it; the connection ended before the response began.
    Lost,
    /// The response began, or too much time went by: nobody tries again.
    Final,
}

impl Reach {
    /// Tells how far a request came that failed with `error`.
    pub(super) fn of<B>(error: &TrySendError<Request<B>>) -> Self {
        match error.message() {
            Some(_) => Self::NotSent,
            None if error.error().is_parse() => Self::Final,
            None => Self::Lost,
        }
    }
}

impl Unanswered {
    /// Makes an error after which nobody tries again.
    pub(super) fn finally(error: NetError) -> Self {
        Self { error, reach: Reach::Final }
    }

    /// Tells whether the request may be sent once more.
    pub(super) fn may_be_repeated(&self, method: &Method) -> bool {
        match self.reach {
            Reach::NotSent => true,
            Reach::Lost => is_safe(method),
            Reach::Final => false,
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.connection.abort();
        self.tasks.lock().abort_all();
    }
}

impl Tasks {
    fn lock(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F: Future<Output: Send> + Send + 'static> Executor<F> for Tasks {
    fn execute(&self, future: F) {
        let mut tasks = self.lock();
        while tasks.try_join_next().is_some() {} // those that have ended
        tasks.spawn(task::work(async move {
            future.await;
        }));
    }
}

impl Connection<Full<Bytes>> {
    /// Connects to an origin, whose name the system resolves.
    ///
    /// # Errors
    ///
    /// Fails if there is no connection, TLS refuses it, or one of both takes too long.
    pub(super) async fn open(
        origin: &Origin,
        tls: &Tls,
        timeouts: &Timeouts,
        end: Instant,
    ) -> Result<Self, NetError> {
        let failed = |source| NetError::Connect { origin: origin.to_string(), source };
        let exchange = |source| NetError::Exchange { origin: origin.to_string(), source };
        let connect = TcpStream::connect((origin.host.as_str(), origin.port));
        let stream = within(origin, Stage::Connect, timeouts.connect, end, connect).await?.map_err(failed)?;
        // Without it, a request in several writes waits for the peer's delayed acknowledgement: 40 ms.
        stream.set_nodelay(true).map_err(failed)?;
        if origin.scheme == Scheme::Http {
            return Self::over(origin, stream, Protocol::Http1).await.map_err(exchange);
        }
        let failed = |source| NetError::Tls { origin: origin.to_string(), source };
        let name = ServerName::try_from(origin.host.clone());
        let name = name.map_err(|error| failed(io::Error::other(error)))?;
        let handshake = tls.connector()?.connect(name, stream);
        let stream = within(origin, Stage::Tls, timeouts.tls, end, handshake).await?.map_err(failed)?;
        Self::over(origin, stream, Protocol::Http1).await.map_err(exchange)
    }

    /// Sends a request, and waits for the head of its response: at most for `wait`, and not beyond `end`.
    pub(super) async fn send(
        &mut self,
        request: Request<Full<Bytes>>,
        wait: Duration,
        end: Instant,
    ) -> Result<Response<Incoming>, Unanswered> {
        let origin = self.origin.clone();
        let answered = within(&origin, Stage::Head, wait, end, self.exchange(request)).await;
        answered.map_err(Unanswered::finally)?.map_err(|error| {
            let reach = Reach::of(&error);
            let source = error.into_error();
            Unanswered { error: NetError::Exchange { origin: origin.to_string(), source }, reach }
        })
    }
}

impl<B> Connection<B>
where
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + Unpin + 'static,
{
    /// Speaks HTTP over a stream.
    ///
    /// # Errors
    ///
    /// Fails if the stream ends before HTTP/2 has begun.
    pub(super) async fn over<S>(origin: &Origin, stream: S, protocol: Protocol) -> Result<Self, hyper::Error>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let stream = TokioIo::new(stream);
        let tasks = Tasks::default();
        let (sender, connection) = match protocol {
            Protocol::Http1 => {
                let mut builder = http1::Builder::new();
                builder.max_header_size(MAX_HEAD_BYTES as usize);
                let (sender, connection) = builder.handshake(stream).await?;
                (Sender::Http1(sender), drive(connection))
            }
            Protocol::Http2 => {
                let mut builder = http2::Builder::new(tasks.clone());
                builder.max_header_list_size(MAX_HEAD_BYTES);
                builder.initial_stream_window_size(WINDOW_BYTES.0);
                builder.initial_connection_window_size(WINDOW_BYTES.1);
                builder.reset_stream_duration(RESET_WAIT);
                let (sender, connection) = builder.handshake(stream).await?;
                (Sender::Http2(sender), drive(connection))
            }
        };
        let driver = Arc::new(Driver { connection, tasks, is_retired: AtomicBool::new(false) });
        Ok(Self { origin: origin.clone(), sender, driver })
    }

    /// Sends a request, and waits for the head of its response.
    pub(super) async fn exchange(
        &mut self,
        request: Request<B>,
    ) -> Result<Response<Incoming>, TrySendError<Request<B>>> {
        match &mut self.sender {
            Sender::Http1(sender) => sender.try_send_request(request).await,
            Sender::Http2(sender) => sender.try_send_request(request).await,
        }
    }
}

impl<B> Connection<B> {
    pub(super) fn protocol(&self) -> Protocol {
        match self.sender {
            Sender::Http1(_) => Protocol::Http1,
            Sender::Http2(_) => Protocol::Http2,
        }
    }

    /// Returns the same connection for another request at the same time, if it carries several.
    pub(super) fn share(&self) -> Option<Self> {
        let Sender::Http2(sender) = &self.sender else { return None };
        let sender = Sender::Http2(sender.clone());
        Some(Self { origin: self.origin.clone(), sender, driver: Arc::clone(&self.driver) })
    }

    /// Tells whether both are shares of one connection.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.driver, &other.driver)
    }

    /// Takes no other request. Those that run over it go on, and the last one closes it.
    pub(super) fn retire(&self) {
        self.driver.is_retired.store(true, Ordering::Release);
    }

    /// Tells whether it takes no other request.
    pub(super) fn is_retired(&self) -> bool {
        self.driver.is_retired.load(Ordering::Acquire)
    }

    /// Waits until another request can be sent; returns false if there is no more to be sent.
    pub(super) async fn is_ready(&mut self) -> bool {
        let end = Instant::now() + READY_WAIT;
        let ready = match &mut self.sender {
            Sender::Http1(sender) => timeout_at(end, sender.ready()).await,
            Sender::Http2(sender) => timeout_at(end, sender.ready()).await,
        };
        ready.is_ok_and(|ready| ready.is_ok())
    }

    #[cfg(test)]
    pub(super) fn is_closed(&self) -> bool {
        match &self.sender {
            Sender::Http1(sender) => sender.is_closed(),
            Sender::Http2(sender) => sender.is_closed(),
        }
    }
}

/// Drives a connection until it ends.
fn drive(connection: impl Future<Output = Result<(), hyper::Error>> + Send + 'static) -> AbortHandle {
    let driver = task::spawn(async move {
        // Whoever waits for a response learns of the error, too.
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection ended");
        }
    });
    driver.abort_handle()
}

/// Waits for a stage of a request: at most for `limit`, and not beyond `end`.
///
/// # Errors
///
/// Fails if the time is over.
pub(super) async fn within<F: Future>(
    origin: &Origin,
    stage: Stage,
    limit: Duration,
    end: Instant,
    future: F,
) -> Result<F::Output, NetError> {
    let start = Instant::now();
    let end = end.min(start + limit);
    let after = end.saturating_duration_since(start);
    timeout_at(end, future).await.map_err(|_| NetError::TimedOut { origin: origin.to_string(), stage, after })
}

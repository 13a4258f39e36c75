//! Opens connections, and sends one request at a time over each.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout_at};

use super::error::{NetError, Stage};
use super::origin::{Origin, Security};
use super::tls::Tls;
use super::{Timeouts, is_safe};

/// The time in which a connection whose last response has ended tells that it is ready, or closed.
const READY_WAIT: Duration = Duration::from_secs(1);

/// A connection, and the task that drives it.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) origin: Origin,
    sender: SendRequest<Full<Bytes>>,
    driver: AbortHandle,
}

/// A request that got no response.
#[derive(Debug)]
pub(super) struct Unanswered {
    pub(super) error: NetError,
    reach: Reach,
}

/// Tells how far a request without response came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// Not one byte of it left.
    NotSent,
    /// The other side may have seen it; the connection ended before the response began.
    Lost,
    /// The response began, or too much time went by: nobody tries again.
    Final,
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

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Connection {
    /// Connects to an origin.
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
        let connect = TcpStream::connect((origin.host.as_str(), origin.port));
        let stream = within(origin, Stage::Connect, timeouts.connect, end, connect).await?.map_err(failed)?;
        // Without it, a request in several writes waits for the peer's delayed acknowledgement: 40 ms.
        stream.set_nodelay(true).map_err(failed)?;
        if origin.security == Security::Plain {
            return Self::over(origin, stream).await;
        }
        let failed = |source| NetError::Tls { origin: origin.to_string(), source };
        let name = ServerName::try_from(origin.host.clone());
        let name = name.map_err(|error| failed(io::Error::other(error)))?;
        let handshake = tls.connector()?.connect(name, stream);
        let stream = within(origin, Stage::Tls, timeouts.tls, end, handshake).await?.map_err(failed)?;
        Self::over(origin, stream).await
    }

    /// Speaks HTTP/1.1 over a stream.
    async fn over<S>(origin: &Origin, stream: S) -> Result<Self, NetError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let failed = |source| NetError::Exchange { origin: origin.to_string(), source };
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
        let driver = tokio::spawn(async move {
            // Whoever waits for a response learns of the error, too.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended");
            }
        });
        Ok(Self { origin: origin.clone(), sender, driver: driver.abort_handle() })
    }

    /// Waits until another request can be sent; returns false if there is no more to be sent.
    pub(super) async fn is_ready(&mut self) -> bool {
        let ready = timeout_at(Instant::now() + READY_WAIT, self.sender.ready());
        ready.await.is_ok_and(|ready| ready.is_ok())
    }

    #[cfg(test)]
    pub(super) fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// Sends a request, and waits for the head of its response: at most for `wait`, and not beyond `end`.
    pub(super) async fn send(
        &mut self,
        request: Request<Full<Bytes>>,
        wait: Duration,
        end: Instant,
    ) -> Result<Response<Incoming>, Unanswered> {
        let exchange = self.sender.try_send_request(request);
        let answered = within(&self.origin, Stage::Head, wait, end, exchange).await;
        answered.map_err(Unanswered::finally)?.map_err(|mut error| {
            let reach = if error.take_message().is_some() { Reach::NotSent } else { Reach::Lost };
            let source = error.into_error();
            let reach = if source.is_parse() { Reach::Final } else { reach };
            Unanswered { error: NetError::Exchange { origin: self.origin.to_string(), source }, reach }
        })
    }
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

//! Hands out the body of a response, counts it, and stops it where it grows too large or takes too long.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep};

use super::super::connection::Connection;
use super::super::error::Stage;
use super::super::idle::Idle;
use super::upload::{Progress, Upload};
use super::{MAX_FIELDS, OutboundError, OutboundLimits};
use crate::clock::Clock;

/// The body of a response. Once it was read to its end, its connection is kept for another request; a connection of
/// HTTP/1.1 whose body is dropped earlier is closed.
pub(super) struct Download {
    incoming: Incoming,
    /// Until the body has ended.
    home: Option<Home>,
    host: String,
    left: u64,
    max_bytes: u64,
    between_bytes: Duration,
    end: Instant,
    wait: Pin<Box<Sleep>>,
    is_waiting: bool,
    upload: Arc<Progress>,
}

/// The connection of a response, and where it goes when the body has ended.
///
/// A server may answer before it has taken the request. Only the end of the connection stops the rest of an upload over
/// HTTP/2 then, so no other request takes a connection with one, and it ends with those that it has.
pub(super) struct Home {
    connection: Option<Connection<Upload>>,
    idle: Arc<Idle<Upload>>,
    clock: Clock,
    upload: Arc<Progress>,
}

impl Home {
    /// Holds the connection of a response to a request with this body.
    pub(super) fn new(
        connection: Connection<Upload>,
        idle: &Arc<Idle<Upload>>,
        clock: &Clock,
        upload: Arc<Progress>,
    ) -> Self {
        Self { connection: Some(connection), idle: Arc::clone(idle), clock: clock.clone(), upload }
    }

    /// Keeps the connection for another request, if nothing of this one is still on its way.
    fn keep(mut self) {
        if self.upload.is_over()
            && let Some(connection) = self.connection.take()
        {
            self.idle.put(connection, self.clock.now());
        }
    }

    /// Lets the connection go, and lets no other request take it either.
    fn forget(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.idle.forget(&connection);
        }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if !self.upload.is_over() {
            self.forget();
        }
    }
}

impl Download {
    /// Bounds the body of a response whose head has arrived.
    ///
    /// # Errors
    ///
    /// Fails if the head says that the body is larger than the limit.
    pub(super) fn new(
        incoming: Incoming,
        home: Home,
        host: String,
        limits: &OutboundLimits,
    ) -> Result<Self, OutboundError> {
        let max_bytes = limits.max_response_bytes;
        let is_empty = incoming.is_end_stream(); // a response to HEAD tells a length that does not come
        if !is_empty && incoming.size_hint().lower() > max_bytes {
            return Err(OutboundError::ResponseTooLarge { host, max_bytes });
        }
        let mut body = Self {
            incoming,
            upload: Arc::clone(&home.upload),
            home: Some(home),
            host,
            left: max_bytes,
            max_bytes,
            between_bytes: limits.between_bytes,
            end: limits.end,
            wait: Box::pin(tokio::time::sleep_until(limits.end)),
            is_waiting: false,
        };
        if is_empty {
            body.finish();
        }
        Ok(body)
    }

    /// Keeps the connection for another request.
    fn finish(&mut self) {
        if let Some(home) = self.home.take() {
            home.keep();
        }
    }

    /// Lets the connection go. One over which nothing came may be dead, so no other request takes it either.
    fn give_up(&mut self, error: &OutboundError) {
        let home = self.home.take();
        let is_silent = matches!(error, OutboundError::Stalled { .. } | OutboundError::TimeOver { .. });
        if let Some(mut home) = home.filter(|_| is_silent) {
            home.forget();
        }
    }

    /// Fails once too much time went by since somebody began to wait.
    fn poll_late(&mut self, cx: &mut Context<'_>) -> Poll<OutboundError> {
        if !self.is_waiting {
            let now = Instant::now();
            let until = now.checked_add(self.between_bytes).map_or(self.end, |until| until.min(self.end));
            self.wait.as_mut().reset(until);
            self.is_waiting = true;
        }
        ready!(self.wait.as_mut().poll(cx));
        let host = self.host.clone();
        let is_over = Instant::now() >= self.end;
        Poll::Ready(if is_over {
            OutboundError::TimeOver { host, stage: Stage::Body }
        } else {
            OutboundError::Stalled { host }
        })
    }

    /// Takes a piece off what is left.
    fn count(&mut self, frame: Frame<Bytes>) -> Result<Frame<Bytes>, OutboundError> {
        let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
        let (host, max_bytes) = (&self.host, self.max_bytes);
        let too_large = || OutboundError::ResponseTooLarge { host: host.clone(), max_bytes };
        self.left = self.left.checked_sub(bytes).ok_or_else(too_large)?;
        if frame.trailers_ref().is_some_and(|trailers| trailers.len() > MAX_FIELDS) {
            let (host, reason) = (host.clone(), format!("it has more than {MAX_FIELDS} trailers"));
            return Err(OutboundError::Malformed { host, reason });
        }
        Ok(frame)
    }

    /// Returns the reason for the end of a connection: the request's own body may be it.
    fn broken(&self, source: hyper::Error) -> OutboundError {
        let host = self.host.clone();
        let upload = self.upload.failure();
        upload.unwrap_or_else(|| match super::violation(&source) {
            Some(reason) => OutboundError::Malformed { host, reason },
            None => OutboundError::Incomplete { host, source },
        })
    }
}

impl Body for Download {
    type Data = Bytes;
    type Error = OutboundError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, OutboundError>>> {
        if self.home.is_none() {
            return Poll::Ready(None);
        }
        let frame = match Pin::new(&mut self.incoming).poll_frame(cx) {
            // Even a body that never stops coming has an end.
            Poll::Ready(Some(Ok(_))) if Instant::now() >= self.end => {
                let host = self.host.clone();
                Some(Err(OutboundError::TimeOver { host, stage: Stage::Body }))
            }
            Poll::Ready(Some(Ok(frame))) => Some(self.count(frame)),
            Poll::Ready(Some(Err(source))) => Some(Err(self.broken(source))),
            Poll::Ready(None) => None,
            Poll::Pending => Some(Err(ready!(self.poll_late(cx)))),
        };
        self.is_waiting = false;
        match &frame {
            Some(Ok(_)) if self.incoming.is_end_stream() => self.finish(),
            Some(Ok(_)) => {}
            Some(Err(error)) => self.give_up(error),
            None => self.finish(),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.home.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        if self.home.is_none() { SizeHint::with_exact(0) } else { self.incoming.size_hint() }
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download").field("host", &self.host).field("left", &self.left).finish_non_exhaustive()
    }
}

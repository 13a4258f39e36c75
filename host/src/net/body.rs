//! Hands out the body of a response piece by piece, within its limits.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use tokio::time::Instant;

use super::connection::{Connection, within};
use super::error::{NetError, Stage};
use super::idle::Idle;
use super::origin::Origin;
use crate::clock::Clock;

/// The body of a response. A connection whose body was read to its end is used again; dropping the body earlier closes
/// it.
#[derive(Debug)]
pub struct Body {
    incoming: Incoming,
    origin: Origin,
    connection: Option<Connection<Full<Bytes>>>,
    idle: Arc<Idle<Full<Bytes>>>,
    clock: Clock,
    left: u64,
    limits: Limits,
}

/// The limits of a body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// The most bytes.
    pub(super) max_bytes: u64,
    /// The longest time for a read.
    pub(super) read_timeout: Duration,
    /// The end of all reads.
    pub(super) end: Instant,
}

impl Body {
    /// Makes the body of a response whose head has arrived.
    ///
    /// # Errors
    ///
    /// Fails if the head says that the body is larger than the limit.
    pub(super) fn new(
        incoming: Incoming,
        connection: Connection<Full<Bytes>>,
        idle: Arc<Idle<Full<Bytes>>>,
        clock: Clock,
        limits: Limits,
    ) -> Result<Self, NetError> {
        let (origin, left) = (connection.origin.clone(), limits.max_bytes);
        let body = Self { incoming, origin, connection: Some(connection), idle, clock, left, limits };
        let mut body = body.of_at_most(limits.max_bytes)?;
        if body.incoming.is_end_stream() {
            body.finish();
        }
        Ok(body)
    }

    /// Lowers the bound of a body of which nothing was read yet: a caller that has seen the head may want less.
    ///
    /// # Errors
    ///
    /// Fails if the head says that the body is larger than `max_bytes`.
    pub fn of_at_most(mut self, max_bytes: u64) -> Result<Self, NetError> {
        if self.incoming.size_hint().lower() > max_bytes {
            return Err(NetError::TooLarge { origin: self.origin.to_string(), max_bytes });
        }
        (self.left, self.limits.max_bytes) = (max_bytes, max_bytes);
        Ok(self)
    }

    /// Returns the number of bytes that the head promised, if it did.
    pub fn length(&self) -> Option<u64> {
        self.incoming.size_hint().exact()
    }

    /// Returns the next piece; `None` at the end.
    ///
    /// # Errors
    ///
    /// Fails if the connection ends early, a read or the whole request takes too long, or there is more than the
    /// caller's rules allow.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, NetError> {
        while self.connection.is_some() {
            let (frame, Limits { max_bytes, read_timeout, end }) = (self.incoming.frame(), self.limits);
            let frame = within(&self.origin, Stage::Body, read_timeout, end, frame).await?;
            let Some(frame) = frame else {
                self.finish();
                return Ok(None);
            };
            let failed = |source| NetError::Body { origin: self.origin.to_string(), source };
            let Ok(data) = frame.map_err(failed)?.into_data() else { continue };
            let Some(left) = self.left.checked_sub(data.len() as u64) else {
                return Err(NetError::TooLarge { origin: self.origin.to_string(), max_bytes });
            };
            self.left = left;
            return Ok(Some(data));
        }
        Ok(None)
    }

    /// Reads the body to its end.
    ///
    /// # Errors
    ///
    /// As [`Body::chunk`].
    pub async fn collect(mut self) -> Result<Bytes, NetError> {
        let mut all = BytesMut::new();
        while let Some(data) = self.chunk().await? {
            all.extend_from_slice(&data);
        }
        Ok(all.freeze())
    }

    /// Gives the connection back.
    fn finish(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.idle.put(connection, self.clock.now());
        }
    }
}

//! Passes the body of a request on, counts it, and stops it where it grows too large.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Instant;

use super::{OutboundError, RequestBody};

/// The body of a request while it is sent.
#[derive(Debug)]
pub(super) struct Upload {
    body: RequestBody,
    host: String,
    left: u64,
    max_bytes: u64,
    /// The length that the head of the request tells, and what is left of it.
    told: Option<(u64, u64)>,
    progress: Arc<Progress>,
}

/// How a body gets on, for those who wait for the response.
#[derive(Debug)]
pub(super) struct Progress(Mutex<State>);

#[derive(Debug)]
struct State {
    /// When the last piece was handed on.
    last: Instant,
    /// Whether the plugin has to go on.
    is_waiting: bool,
    /// Why the body broke off.
    failure: Option<OutboundError>,
    /// True if nobody asks for another piece.
    has_ended: bool,
    /// The pieces that HTTP has not sent yet.
    pieces: usize,
}

/// A piece of a body, until HTTP has sent it: the owner of the bytes that it gets, so that it is compiled for no type of our
/// own. A server of HTTP/2 that opens no window may never take it.
#[derive(Debug)]
struct Piece {
    bytes: Bytes,
    progress: Arc<Progress>,
}

impl Upload {
    /// Bounds a body, whose length the head of the request may tell.
    ///
    /// # Errors
    ///
    /// Fails if the body says itself that it is larger than `max_bytes`, or that it has another length.
    pub(super) fn new(
        body: RequestBody,
        host: &str,
        max_bytes: u64,
        length: Option<u64>,
    ) -> Result<Self, OutboundError> {
        let size = body.size_hint();
        if size.lower() > max_bytes {
            return Err(OutboundError::RequestTooLarge { host: host.to_owned(), max_bytes });
        }
        if let (Some(length), Some(exact)) = (length, size.exact())
            && length != exact
        {
            return Err(OutboundError::WrongLength { host: host.to_owned(), length });
        }
        let state = State {
            last: Instant::now(),
            is_waiting: false,
            failure: None,
            has_ended: body.is_end_stream(),
            pieces: 0,
        };
        let progress = Arc::new(Progress(Mutex::new(state)));
        Ok(Self {
            body,
            host: host.to_owned(),
            left: max_bytes,
            max_bytes,
            told: length.map(|length| (length, length)),
            progress,
        })
    }

    /// Returns how the body gets on, also after it was handed on.
    pub(super) fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// Takes a piece off what is left. HTTP/2 would send more or less than the head tells, and a gateway that speaks
    /// HTTP/1.1 to a server behind it may take the rest for another request.
    fn count(&mut self, frame: Frame<Bytes>) -> Result<Frame<Bytes>, OutboundError> {
        let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
        match self.left.checked_sub(bytes) {
            Some(left) => self.left = left,
            None => {
                let (host, max_bytes) = (self.host.clone(), self.max_bytes);
                return Err(OutboundError::RequestTooLarge { host, max_bytes });
            }
        }
        if let Some((length, left)) = &mut self.told {
            let wrong = || OutboundError::WrongLength { host: self.host.clone(), length: *length };
            *left = left.checked_sub(bytes).ok_or_else(wrong)?;
        }
        if frame.is_trailers() { self.end().map(|()| frame) } else { Ok(frame) }
    }

    /// Checks that a body which ends is as long as the head of the request tells.
    fn end(&self) -> Result<(), OutboundError> {
        match self.told {
            Some((length, 1..)) => Err(OutboundError::WrongLength { host: self.host.clone(), length }),
            _ => Ok(()),
        }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = OutboundError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, OutboundError>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        self.progress.state().is_waiting = frame.is_pending();
        let frame = ready!(frame);
        let frame = match frame {
            Some(frame) => Some(frame.and_then(|frame| self.count(frame))),
            None => self.end().err().map(Err),
        };
        let has_ended = !matches!(frame, Some(Ok(_))) || self.is_end_stream();
        let mut state = self.progress.state();
        state.last = Instant::now();
        state.has_ended = has_ended;
        Poll::Ready(match frame {
            Some(Ok(frame)) => Some(Ok(frame.map_data(|bytes| {
                state.pieces += 1;
                Bytes::from_owner(Piece { bytes, progress: Arc::clone(&self.progress) })
            }))),
            Some(Err(failure)) => {
                // HTTP only learns that the body ends early; the reason goes to those who wait for the response.
                let reason = failure.to_string();
                state.failure = Some(failure);
                Some(Err(OutboundError::RequestBody { reason }))
            }
            None => None,
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream() && self.end().is_ok()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        self.progress.state().has_ended = true;
    }
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.progress.state().pieces -= 1;
    }
}

impl Progress {
    /// Begins to wait for the server.
    pub(super) fn begin(&self) {
        self.state().last = Instant::now();
    }

    /// Returns since when the server has to act: now, as long as the plugin has to.
    pub(super) fn since(&self) -> Instant {
        let state = self.state();
        if state.is_waiting { Instant::now() } else { state.last }
    }

    /// Tells whether nothing of the body is still on its way.
    pub(super) fn is_over(&self) -> bool {
        let state = self.state();
        state.has_ended && state.pieces == 0
    }

    /// Takes the reason why the body broke off, if it did.
    pub(super) fn failure(&self) -> Option<OutboundError> {
        self.state().failure.take()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

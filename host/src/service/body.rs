//! The body of an answer: all of it at once, or events as they come.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::sync::mpsc::Receiver;

use super::call_task::CallOver;
use super::stream::EventStream;

/// The body of an answer. It never fails: what goes wrong is said inside it.
#[derive(Debug)]
pub struct Body(Kind);

#[derive(Debug)]
enum Kind {
    Whole(Option<Bytes>),
    Events(EventStream),
    Pieces(Receiver<Bytes>),
}

impl Body {
    /// Returns what tells the end of the call that still runs, once; `None` if there is none.
    ///
    /// The call ends when the body is read to its end, and soon after the body is dropped.
    pub fn take_call_over(&mut self) -> Option<CallOver> {
        match &mut self.0 {
            Kind::Whole(_) | Kind::Pieces(_) => None,
            Kind::Events(events) => events.take_call_over(),
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(Kind::Whole(Some(bytes).filter(|bytes| !bytes.is_empty())))
    }
}

/// Pieces that come from elsewhere; the body ends when their sender is dropped.
impl From<Receiver<Bytes>> for Body {
    fn from(pieces: Receiver<Bytes>) -> Self {
        Self(Kind::Pieces(pieces))
    }
}

impl From<EventStream> for Body {
    fn from(events: EventStream) -> Self {
        Self(Kind::Events(events))
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = match &mut self.get_mut().0 {
            Kind::Whole(bytes) => Poll::Ready(bytes.take()),
            Kind::Events(events) => events.poll_next(context),
            Kind::Pieces(pieces) => pieces.poll_recv(context),
        };
        next.map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.0, Kind::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
            Kind::Events(_) | Kind::Pieces(_) => SizeHint::default(),
        }
    }
}

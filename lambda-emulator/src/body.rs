//! Bodies of responses: whole, or streamed in pieces from a channel that ends with an explicit end.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;

/// A part of a streamed response.
#[derive(Debug)]
pub(crate) enum Piece {
    Data(Bytes),
    End,
}

/// The response broke off: hyper closes the connection without the last chunk.
#[derive(Debug, thiserror::Error)]
#[error("the function's response was cut")]
pub(crate) struct Cut;

/// The body that the client is sent.
#[derive(Debug)]
pub(crate) enum ReplyBody {
    /// All of it at once; `None` after it was sent.
    Whole(Option<Bytes>),
    /// Each piece as it comes.
    Stream(Pieces),
}

/// The pieces of a streamed response.
#[derive(Debug)]
pub(crate) struct Pieces {
    received: mpsc::Receiver<Piece>,
    /// The response is cut; the pieces before the cut are sent first.
    is_cut: bool,
}

impl Pieces {
    pub(crate) fn new(received: mpsc::Receiver<Piece>) -> Self {
        Self { received, is_cut: false }
    }

    fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        if self.is_cut {
            return Poll::Ready(Some(Err(Cut)));
        }
        match self.received.poll_recv(context) {
            Poll::Ready(Some(Piece::Data(bytes))) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            Poll::Ready(Some(Piece::End)) => Poll::Ready(None),
            Poll::Ready(None) => {
                // hyper flushes when it has nothing to send, and drops its buffer at an error.
                self.is_cut = true;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        match self.get_mut() {
            ReplyBody::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            ReplyBody::Stream(pieces) => pieces.poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            ReplyBody::Whole(bytes) => bytes.as_ref().is_none_or(Bytes::is_empty),
            ReplyBody::Stream(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            ReplyBody::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
            ReplyBody::Stream(_) => SizeHint::default(),
        }
    }
}

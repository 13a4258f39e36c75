//! Ends a connection whose peer sends the head of a request too slowly, and lets one that has been answered be idle for
//! longer.
//!
//! hyper has one time limit for both: it starts when a head may come, not when it comes. A connection that is closed while
//! it is idle loses the request that its client sends in that moment, so the limit for idle connections is longer than
//! clients keep theirs. The limit for heads is short, because whoever sends half a head means no good.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};
use toolcell_host::service::Body;

/// Counts the heads and the answers of a connection. Its stream, handler and answers share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Exchanges(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    heads: AtomicUsize,
    answers: AtomicUsize,
}

impl Exchanges {
    /// Notes that a whole head has come.
    pub(super) fn begin(&self) {
        self.0.heads.fetch_add(1, Ordering::Relaxed);
    }

    fn end(&self) {
        self.0.answers.fetch_add(1, Ordering::Relaxed);
    }

    fn heads(&self) -> usize {
        self.0.heads.load(Ordering::Relaxed)
    }

    /// Tells whether each request has its answer.
    fn are_over(&self) -> bool {
        self.heads() == self.0.answers.load(Ordering::Relaxed)
    }
}

/// The body of an answer; once it is sent or dropped, the exchange is over.
#[derive(Debug)]
pub(super) struct AnswerBody {
    body: Body,
    exchanges: Exchanges,
}

impl AnswerBody {
    pub(super) fn new(body: Body, exchanges: Exchanges) -> Self {
        Self { body, exchanges }
    }
}

impl Drop for AnswerBody {
    fn drop(&mut self) {
        self.exchanges.end();
    }
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream whose reads fail when a head does not come in time: the first one from the start, each later one from its
/// first byte.
#[derive(Debug)]
pub(super) struct HeadTimeout<S> {
    stream: S,
    limit: Duration,
    exchanges: Exchanges,
    /// The heads that had come when `waiting` was last looked at.
    heads: usize,
    /// Runs while a head is awaited.
    waiting: Option<Pin<Box<Sleep>>>,
}

impl<S> HeadTimeout<S> {
    pub(super) fn new(stream: S, limit: Duration, exchanges: Exchanges) -> Self {
        Self { stream, limit, exchanges, heads: 0, waiting: Some(Box::pin(sleep(limit))) }
    }

    /// Stops waiting for a head that has come.
    fn settle(&mut self) {
        let heads = self.exchanges.heads();
        if heads != self.heads {
            (self.heads, self.waiting) = (heads, None);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for HeadTimeout<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.settle();
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_ready() {
            let is_head = buffer.filled().len() > before && self.exchanges.are_over();
            if is_head && self.waiting.is_none() {
                self.waiting = Some(Box::pin(sleep(self.limit)));
            }
            return read;
        }
        let Some(waiting) = &mut self.waiting else { return Poll::Pending };
        ready!(waiting.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the head of a request does not come")))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for HeadTimeout<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::time::Instant;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    fn pair() -> (HeadTimeout<DuplexStream>, Exchanges, DuplexStream) {
        let (ours, theirs) = duplex(64);
        let exchanges = Exchanges::default();
        (HeadTimeout::new(ours, LIMIT, exchanges.clone()), exchanges, theirs)
    }

    async fn read(stream: &mut HeadTimeout<DuplexStream>) -> io::Result<usize> {
        stream.read(&mut [0; 16]).await
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_head_must_come_in_time() {
        let (mut stream, _, mut theirs) = pair();
        let start = Instant::now();
        theirs.write_all(b"POST /mcp").await.unwrap();
        assert_eq!(read(&mut stream).await.unwrap(), 9);
        assert_eq!(read(&mut stream).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(start.elapsed(), LIMIT, "the time runs from the start");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_was_answered_may_be_idle_and_then_has_the_whole_time_for_a_head() {
        let (mut stream, exchanges, mut theirs) = pair();
        for _ in 0..2 {
            theirs.write_all(b"head").await.unwrap();
            assert_eq!(read(&mut stream).await.unwrap(), 4);
            exchanges.begin();
            theirs.write_all(b"body").await.unwrap();
            assert_eq!(read(&mut stream).await.unwrap(), 4);
            let answering = tokio::time::timeout(LIMIT * 5, read(&mut stream));
            assert!(answering.await.is_err(), "nobody waits for a head while a request is answered");
            drop(AnswerBody::new(Body::from(Bytes::new()), exchanges.clone()));
            assert!(tokio::time::timeout(LIMIT * 10, read(&mut stream)).await.is_err(), "it is idle");
        }
        theirs.write_all(b"half").await.unwrap();
        assert_eq!(read(&mut stream).await.unwrap(), 4);
        let start = Instant::now();
        assert_eq!(read(&mut stream).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(start.elapsed(), LIMIT);
    }
}

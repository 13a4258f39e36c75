//! Passes the bodies of a request and of its response on, counts them, and checks trailers.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};
use wasmtime_wasi_http::{Error, WasiBody};

use super::injection::AddedSecret;
use super::ledger::Exchange;
use crate::net::{self, OutboundError};

/// Tells whether the call is over, so that its bodies do not look complete when its store is dropped.
#[derive(Clone, Debug, Default)]
pub(in crate::sandbox) struct Ended(Arc<AtomicBool>);

impl Ended {
    fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Reads the first piece of a body; `None` if it is empty.
///
/// # Errors
///
/// The body breaks off, also because the call is over.
pub(super) async fn first(body: &mut WasiBody, ended: &Ended) -> Result<Option<Frame<Bytes>>, Error> {
    let frame = body.frame().await.transpose();
    // Dropping the store closes the guest's end of a body as if it were complete.
    if ended.is_set() { Err(Error::HttpProtocolError) } else { frame }
}

/// Sets [`Ended`] when it is dropped.
#[derive(Debug)]
pub(in crate::sandbox) struct EndGuard(pub(in crate::sandbox) Ended);

impl Drop for EndGuard {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Release);
    }
}

/// The body of a request, as the guest writes it.
pub(super) struct Upload<C, T> {
    pub(super) body: WasiBody,
    /// The piece that was read to see whether there is any.
    pub(super) first: Option<Frame<Bytes>>,
    /// Counts the bytes of each piece.
    pub(super) count: C,
    /// Refuses trailers, with the reason.
    pub(super) check: T,
    pub(super) ended: Ended,
}

impl<C, T> Upload<C, T>
where
    C: Fn(&[u8]),
    T: Fn(&HeaderMap) -> Result<(), String>,
{
    fn pass(&self, frame: Frame<Bytes>) -> Result<Frame<Bytes>, OutboundError> {
        match frame.into_data() {
            Ok(data) => {
                (self.count)(&data);
                Ok(Frame::data(data))
            }
            Err(frame) => {
                if let Some(Err(reason)) = frame.trailers_ref().map(&self.check) {
                    return Err(OutboundError::RequestBody { reason });
                }
                Ok(frame)
            }
        }
    }
}

impl<C, T> Body for Upload<C, T>
where
    C: Fn(&[u8]) + Unpin,
    T: Fn(&HeaderMap) -> Result<(), String> + Unpin,
{
    type Data = Bytes;
    type Error = OutboundError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, OutboundError>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(self.pass(first)));
        }
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else { return Poll::Pending };
        // Dropping the store closes the guest's end of a body as if it were complete.
        if self.ended.is_set() {
            let reason = "the call is over".to_owned();
            return Poll::Ready(Some(Err(OutboundError::RequestBody { reason })));
        }
        Poll::Ready(frame.map(|frame| match frame {
            Ok(frame) => self.pass(frame),
            Err(error) => Err(OutboundError::RequestBody { reason: error.to_string() }),
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        match self.first {
            None => self.body.size_hint(),
            Some(_) => SizeHint::default(),
        }
    }
}

/// The body of a response, as the guest reads it.
pub(super) struct Download<B> {
    open: Arc<Mutex<Open<B>>>,
    secret: Option<AddedSecret>,
    timer: Option<AbortHandle>,
}

/// The part of the process that a response holds until it has ended.
struct Open<B> {
    /// The body, until the time of the request is over.
    body: Option<B>,
    /// The request, until its response has ended.
    exchange: Option<Exchange>,
    /// The error that is left of a body whose time is over.
    late: Option<Error>,
    /// The task that waits for the next piece.
    waiting: Option<Waker>,
}

impl<B> Download<B> {
    /// Passes the body of a response on. The request is over if there is no `exchange`; `secret` is what it held.
    pub(super) fn new(body: B, exchange: Option<Exchange>, secret: Option<AddedSecret>) -> Self {
        let open = Open { body: Some(body), exchange, late: None, waiting: None };
        Self { open: Arc::new(Mutex::new(open)), secret, timer: None }
    }

    fn open(&self) -> MutexGuard<'_, Open<B>> {
        lock(&self.open)
    }
}

impl<B: Body<Data = Bytes, Error = Error> + Unpin + Send + 'static> Download<B> {
    /// Lets go of everything at the end of the request's time, also where the guest reads nothing.
    pub(super) fn ending_at(mut self, end: Instant) -> Self {
        if self.open().exchange.is_some() {
            let open = Arc::downgrade(&self.open);
            let timer = net::spawn(async move {
                sleep_until(end).await;
                if let Some(open) = open.upgrade() {
                    lock(&open).end();
                }
            });
            self.timer = Some(timer.abort_handle());
        }
        self
    }
}

impl<B: Body<Data = Bytes, Error = Error> + Unpin> Open<B> {
    /// Lets go of a body whose time is over, and keeps its error.
    fn end(&mut self) {
        if self.exchange.take().is_none() {
            return; // it has ended by itself
        }
        let Some(mut body) = self.body.take() else { return };
        self.late = match Pin::new(&mut body).poll_frame(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(None) => None,
            Poll::Ready(Some(Err(error))) => Some(error),
            Poll::Ready(Some(Ok(_))) | Poll::Pending => Some(Error::HttpResponseTimeout),
        };
        if let Some(waiting) = self.waiting.take() {
            waiting.wake();
        }
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(self.late.take().map(Err)) };
        let Poll::Ready(frame) = Pin::new(&mut *body).poll_frame(cx) else {
            self.waiting = Some(cx.waker().clone());
            return Poll::Pending;
        };
        match (&frame, &self.exchange) {
            (Some(Ok(frame)), Some(exchange)) => {
                exchange.received(frame.data_ref().map_or(0, Bytes::len));
            }
            _ => self.exchange = None,
        }
        if body.is_end_stream() {
            self.exchange = None;
        }
        Poll::Ready(frame)
    }
}

fn lock<B>(open: &Mutex<Open<B>>) -> MutexGuard<'_, Open<B>> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<B> Drop for Download<B> {
    fn drop(&mut self) {
        if let Some(timer) = &self.timer {
            timer.abort();
        }
    }
}

impl<B: Body<Data = Bytes, Error = Error> + Unpin> Body for Download<B> {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let mut frame = ready!(self.open().poll_frame(cx));
        if let (Some(Ok(frame)), Some(secret)) = (&mut frame, &self.secret)
            && let Some(trailers) = frame.trailers_mut()
        {
            secret.scrub(trailers);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        let open = self.open();
        open.body.as_ref().map_or(open.late.is_none(), Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.open().body.as_ref().map_or(SizeHint::default(), Body::size_hint)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http_body_util::{Empty, StreamBody};
    use tokio::time::timeout;

    use super::super::ledger::Ledger;
    use super::*;
    use crate::catalog::HttpGrant;
    use crate::sandbox::holder::Holder;
    use crate::sandbox::slots::{Sharing, Slots};

    #[tokio::test]
    async fn a_body_that_the_end_of_the_call_closes_is_not_an_empty_one() {
        let empty = || Empty::new().map_err(|never| match never {}).boxed_unsync();
        let ended = Ended::default();
        let guard = EndGuard(ended.clone());
        assert!(first(&mut empty(), &ended).await.unwrap().is_none());
        drop(guard);
        assert!(first(&mut empty(), &ended).await.is_err());
    }

    /// A body that never goes on, and counts itself.
    fn stuck(count: &Arc<()>) -> impl Body<Data = Bytes, Error = Error> + Unpin + Send + use<> {
        let count = Arc::clone(count);
        StreamBody::new(futures_util::stream::poll_fn(move |_| {
            let _counted = &count;
            Poll::<Option<Result<Frame<Bytes>, Error>>>::Pending
        }))
    }

    #[tokio::test(start_paused = true)]
    async fn a_response_that_nobody_reads_holds_nothing_after_its_time() {
        let rules = [HttpGrant { requests: 4, at_once: 1, ..HttpGrant::new("a.example".parse().unwrap()) }];
        let (ledger, count) = (Arc::new(Ledger::new(rules.iter())), Arc::new(()));
        let (slots, holder) = (Slots::new(2, Sharing::Fair), Holder::new(&"one".into(), None));
        let end = Instant::now() + Duration::from_secs(10);
        let mut exchange = ledger.begin(0, String::new).unwrap();
        exchange.admit(&slots, &holder).await;
        let mut unread = Download::new(stuck(&count), Some(exchange), None).ending_at(end);
        let mut next = ledger.begin(0, String::new).unwrap();
        let admitted = timeout(Duration::from_secs(60), next.admit(&slots, &holder)).await;
        assert!(admitted.is_ok(), "the permits are still there");
        assert!(Instant::now() >= end, "two at once");
        assert_eq!(Arc::strong_count(&count), 1, "the connection is still there");
        assert!(matches!(unread.frame().await, Some(Err(Error::HttpResponseTimeout))));
        assert!(unread.frame().await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_for_a_response_learns_that_its_time_is_over() {
        let rules = [HttpGrant::new("a.example".parse().unwrap())];
        let exchange = Arc::new(Ledger::new(rules.iter())).begin(0, String::new);
        let end = Instant::now() + Duration::from_secs(10);
        let mut read = Download::new(stuck(&Arc::new(())), exchange, None).ending_at(end);
        let next = timeout(Duration::from_secs(60), read.frame()).await.expect("somebody wakes the guest");
        assert!(matches!(next, Some(Err(Error::HttpResponseTimeout))));
    }
}

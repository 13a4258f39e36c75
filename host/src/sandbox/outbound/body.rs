//! Passes the bodies of a request and of its response on, counts them, and checks trailers.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use wasmtime_wasi_http::{Error, WasiBody};

use super::injection::AddedSecret;
use super::ledger::Exchange;
use crate::net::OutboundError;

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
    pub(super) body: B,
    /// The request, until its response has ended.
    pub(super) exchange: Option<Exchange>,
    /// The secret that the request held.
    pub(super) secret: Option<AddedSecret>,
}

impl<B: Body<Data = Bytes, Error = Error> + Unpin> Body for Download<B> {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let Poll::Ready(mut frame) = Pin::new(&mut self.body).poll_frame(cx) else { return Poll::Pending };
        if let (Some(Ok(frame)), Some(secret)) = (&mut frame, &self.secret)
            && let Some(trailers) = frame.trailers_mut()
        {
            secret.scrub(trailers);
        }
        match (&frame, &self.exchange) {
            (Some(Ok(frame)), Some(exchange)) => {
                exchange.received(frame.data_ref().map_or(0, Bytes::len));
            }
            _ => self.exchange = None,
        }
        if self.body.is_end_stream() {
            self.exchange = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::Empty;

    use super::*;

    #[tokio::test]
    async fn a_body_that_the_end_of_the_call_closes_is_not_an_empty_one() {
        let empty = || Empty::new().map_err(|never| match never {}).boxed_unsync();
        let ended = Ended::default();
        let guard = EndGuard(ended.clone());
        assert!(first(&mut empty(), &ended).await.unwrap().is_none());
        drop(guard);
        assert!(first(&mut empty(), &ended).await.is_err());
    }
}

//! Catches the panic of one call: the server goes on, the client gets an answer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

/// A call panicked; the log holds its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Panicked;

/// A future whose panic is a value.
///
/// Unwind safety: after a panic the future is never polled again, only dropped, and calls share nothing
/// mutable but what is made for it (atomics, channels).
pub(super) struct CatchPanic<F>(Pin<Box<F>>);

impl<F> std::fmt::Debug for CatchPanic<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CatchPanic")
    }
}

impl<F: Future> CatchPanic<F> {
    pub(super) fn new(future: F) -> Self {
        Self(Box::pin(future))
    }
}

impl<F: Future> Future for CatchPanic<F> {
    type Output = Result<F::Output, Panicked>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let future = self.0.as_mut();
        match catch_unwind(AssertUnwindSafe(|| future.poll(context))) {
            Ok(poll) => poll.map(Ok),
            Err(_) => Poll::Ready(Err(Panicked)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_a_value_and_the_rest_goes_on() {
        #[allow(clippy::unreachable, reason = "the test wants a panic")]
        let panicked = CatchPanic::new(async { unreachable!("on purpose") }).await;
        assert_eq!(panicked, Err::<(), _>(Panicked));
        assert_eq!(CatchPanic::new(async { 1 }).await, Ok(1));
    }
}

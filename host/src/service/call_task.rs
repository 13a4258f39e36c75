//! Runs the rest of a streamed call in a task of its own: it goes on while its client does not read.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::catch_panic::Panicked;
use crate::protocol::Rejection;

/// A call on its way to the JSON-RPC response that ends the stream; a refusal has lost its status by then.
pub(super) type Running = Pin<Box<dyn Future<Output = Result<Bytes, Rejection>> + Send>>;

/// A call in its own task. The response waits here until it is asked for; dropping this ends the call.
#[derive(Debug)]
pub(super) struct CallTask {
    task: JoinHandle<Result<Bytes, Rejection>>,
    over: Option<CallOver>,
}

/// Resolves when nothing of a call is left, however it ended.
#[derive(Debug)]
pub struct CallOver(oneshot::Receiver<Infallible>);

impl CallTask {
    /// Starts the task.
    pub(super) fn spawn(running: Running) -> Self {
        let (alive, over) = oneshot::channel();
        let task = tokio::spawn(async move {
            let _alive = alive; // goes with the call, also if the task is aborted
            running.await
        });
        Self { task, over: Some(CallOver(over)) }
    }

    /// Returns what tells the end of the call, once.
    pub(super) fn take_over(&mut self) -> Option<CallOver> {
        self.over.take()
    }
}

impl Future for CallTask {
    type Output = Result<Result<Bytes, Rejection>, Panicked>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.task).poll(context).map(|ended| ended.map_err(|_| Panicked))
    }
}

impl Drop for CallTask {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Future for CallOver {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(context).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_call_ends_without_anyone_who_waits_for_it() {
        let (ended, told) = oneshot::channel();
        let running: Running = Box::pin(async move {
            let _ = ended.send(());
            Ok(Bytes::from_static(b"{}"))
        });
        let call = CallTask::spawn(running);
        told.await.expect("it ran");
        assert_eq!(call.await.unwrap().unwrap(), "{}", "its response was kept");
    }

    #[tokio::test]
    async fn a_call_that_is_dropped_is_over_soon() {
        let mut call = CallTask::spawn(Box::pin(std::future::pending()));
        let over = call.take_over().unwrap();
        drop(call);
        over.await;
    }
}

//! Starts tasks of one type: each type of a future would have the runtime's code for tasks in the program again.

use std::pin::Pin;

use tokio::task::JoinHandle;

/// A future that a task runs.
pub(super) type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Makes a future one that a task can run.
pub(super) fn work(future: impl Future<Output = ()> + Send + 'static) -> Work {
    Box::pin(future)
}

/// Starts a task.
pub(crate) fn spawn(future: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    tokio::spawn(work(future))
}

//! The requests that are running, each in a task of its own.

use std::collections::HashMap;

use tokio::task::{AbortHandle, JoinSet};
use toolcell_host::protocol::Id;

/// The requests that are running; dropping it ends them.
#[derive(Debug)]
pub(super) struct Running {
    tasks: JoinSet<()>,
    ids: HashMap<tokio::task::Id, (Id, AbortHandle)>,
}

impl Running {
    pub(super) fn new() -> Self {
        Self { tasks: JoinSet::new(), ids: HashMap::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Starts the answer to a request.
    pub(super) fn start(&mut self, id: Id, answer: impl Future<Output = ()> + Send + 'static) {
        let task = self.tasks.spawn(answer);
        self.ids.insert(task.id(), (id, task));
    }

    /// Ends the request of this id, if it is running; a message without an id of its own cannot be named.
    pub(super) fn cancel(&self, id: &Id) {
        let named = self.ids.values().filter(|(other, _)| other == id && *id != Id::NULL);
        named.for_each(|(_, task)| task.abort());
    }

    /// Waits for the next request that ends, and forgets it; for ever if none is running.
    pub(super) async fn forget_ended(&mut self) {
        let ended = match self.tasks.join_next_with_id().await {
            Some(Ok((task, ()))) => task,
            Some(Err(error)) => {
                if error.is_panic() {
                    tracing::error!("the answer to a request panicked");
                }
                error.id()
            }
            None => return std::future::pending().await,
        };
        self.ids.remove(&ended);
    }

    /// Waits until all have ended.
    pub(super) async fn drain(&mut self) {
        while !self.tasks.is_empty() {
            self.forget_ended().await;
        }
    }
}

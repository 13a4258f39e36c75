//! How many calls run side by side: as many as the pool has room for; the others wait.

use std::sync::Arc;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::pool::CALLS;

/// Hands out turns, first come, first served. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Turns(Arc<Semaphore>);

impl Default for Turns {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(CALLS)))
    }
}

impl Turns {
    /// Waits for a turn; it ends when the returned value is dropped.
    pub(super) async fn take(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed.
        self.0.acquire().await.ok()
    }
}

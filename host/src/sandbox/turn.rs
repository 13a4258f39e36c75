//! How many calls run side by side: as many as the pool has room for; the others wait.

use std::sync::Arc;

use tokio::sync::{Semaphore, SemaphorePermit};

/// Hands out turns, first come, first served. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Turns(Arc<Semaphore>);

impl Turns {
    /// Turns for so many calls at a time.
    pub(super) fn new(calls: u32) -> Self {
        Self(Arc::new(Semaphore::new(calls as usize)))
    }

    /// Waits for a turn; it ends when the returned value is dropped.
    pub(super) async fn take(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed.
        self.0.acquire().await.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn as_many_calls_as_there_is_room_for_get_a_turn_and_the_next_one_waits_for_an_end() {
        const CALLS: u32 = 3;
        let turns = Turns::new(CALLS);
        let mut running = Vec::new();
        for _ in 0..CALLS {
            running.push(turns.take().await.unwrap());
        }
        let wait = Duration::from_secs(3600);
        assert!(tokio::time::timeout(wait, turns.take()).await.is_err(), "one call too many got a turn");
        running.pop();
        assert!(tokio::time::timeout(wait, turns.take()).await.is_ok(), "the turn of an ended call was lost");
    }
}

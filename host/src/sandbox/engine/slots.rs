//! Limits how many calls run at a time to the room in the pool; the others wait.

use std::sync::Arc;

use tokio::sync::{Semaphore, SemaphorePermit};

/// Hands out slots to calls, first come, first served. Clones share them.
#[derive(Clone, Debug)]
pub(in crate::sandbox) struct CallSlots(Arc<Semaphore>);

impl CallSlots {
    /// Creates slots for this many calls at a time.
    pub(in crate::sandbox) fn new(calls: u32) -> Self {
        Self(Arc::new(Semaphore::new(calls as usize)))
    }

    /// Waits for a slot, which is free again when the returned value is dropped.
    pub(in crate::sandbox) async fn acquire(&self) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed.
        self.0.acquire().await.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn as_many_calls_as_there_is_room_for_get_a_slot_and_the_next_one_waits_for_an_end() {
        const CALLS: u32 = 3;
        let slots = CallSlots::new(CALLS);
        let mut running = Vec::new();
        for _ in 0..CALLS {
            running.push(slots.acquire().await.unwrap());
        }
        let wait = Duration::from_secs(3600);
        assert!(tokio::time::timeout(wait, slots.acquire()).await.is_err(), "one call too many got a slot");
        running.pop();
        assert!(
            tokio::time::timeout(wait, slots.acquire()).await.is_ok(),
            "the slot of an ended call was lost"
        );
    }
}

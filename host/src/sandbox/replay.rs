//! Repeats the randomness and the wall clock of a call: in every round of a call that asks, and in every run of a
//! golden case.
//!
//! A call that asks runs again from its start. Until its question it must see the same randomness and the same time,
//! or it would ask another question. The monotonic clock runs on, because guests wait by it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng as _;
use sha2::{Digest as _, Sha256};
use wasmtime_wasi::{HostWallClock, WasiCtxBuilder};

/// A wall clock that advances by a microsecond with each reading, and to the time of each answer. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Clock(Arc<AtomicU64>);

impl Clock {
    /// Creates a clock that shows `start_ms`, in milliseconds since 1970.
    pub(super) fn new(start_ms: u64) -> Self {
        Self(Arc::new(AtomicU64::new(start_ms.saturating_mul(1000))))
    }

    /// Advances to `at_ms`, unless the clock is already later.
    pub(super) fn advance(&self, at_ms: u64) {
        self.0.fetch_max(at_ms.saturating_mul(1000), Ordering::Relaxed);
    }
}

impl HostWallClock for Clock {
    fn resolution(&self) -> Duration {
        Duration::from_micros(1)
    }

    fn now(&self) -> Duration {
        Duration::from_micros(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// Gives a guest a clock and randomness that repeat.
pub(super) fn repeat(builder: &mut WasiCtxBuilder, clock: Clock, seed: [u8; 32]) {
    let number = u128::from_le_bytes(std::array::from_fn(|at| part(seed, b"number")[at]));
    builder
        .wall_clock(clock)
        .secure_random(ChaCha20Rng::from_seed(part(seed, b"secure")))
        .insecure_random(ChaCha20Rng::from_seed(part(seed, b"insecure")))
        .insecure_random_seed(number);
}

/// Derives the seed for a purpose.
fn part(seed: [u8; 32], purpose: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(b"toolcell replay ").chain_update(purpose).chain_update(seed).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_moves_by_microseconds_and_forward_alone() {
        let clock = Clock::new(5);
        assert_eq!([clock.now(), clock.now()], [Duration::from_micros(5000), Duration::from_micros(5001)]);
        clock.advance(4);
        assert_eq!(clock.now(), Duration::from_micros(5002));
        clock.advance(9);
        assert_eq!(clock.now(), Duration::from_micros(9000));
    }
}

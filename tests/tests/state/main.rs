//! The state of plugins: its stores, what guests see of it, and who sees whose.
//!
//! ```text
//! contract ────> each store alone: memory, the file, DynamoDB (dynalite)
//! recount ─────> a bucket of DynamoDB that is counted again while others write
//! full ────────> a bucket of the file that is full
//! killed ──────> the file, while its process is killed
//! buckets ─────> `wasi:keyvalue` as the fixture `keeper` uses it, in both drafts
//! asking ──────> the fixture `scripted`, whose calls end in questions
//! interleaved ─> two plugins and four callers at the same time
//! command ─────> `toolcell serve` and `toolcell state`
//! function ────> `bootstrap` in the Lambda emulator, with a table
//! ```
//!
//! `make test` runs short forms of `killed` and `interleaved`, and `make soak` the whole ones.

mod asking;
mod buckets;
mod command;
mod contract;
mod full;
mod function;
mod interleaved;
mod keeper;
mod killed;
mod recount;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use toolcell_host::clock::Clock;

/// A clock that a test moves.
#[derive(Clone)]
struct HandClock(Arc<AtomicU64>);

impl HandClock {
    fn new() -> Self {
        Self(Arc::new(AtomicU64::new(1_800_000_000_000)))
    }

    fn clock(&self) -> Clock {
        let now = Arc::clone(&self.0);
        Clock::new(move || UNIX_EPOCH + Duration::from_millis(now.load(Ordering::Relaxed)))
    }

    fn pass(&self, time: Duration) {
        self.0.fetch_add(u64::try_from(time.as_millis()).unwrap(), Ordering::Relaxed);
    }
}

/// The number in a variable, or how often `make test` does it.
fn times(variable: &str, short: u64) -> u64 {
    std::env::var(variable).ok().map_or(short, |number| number.parse().expect("a number"))
}

/// Numbers that depend on a seed alone (xorshift).
struct Dice(u64);

impl Dice {
    fn of_below(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

//! Limits how much of a streamed response passes, and how fast.

use std::time::Duration;

use tokio::time::Instant;

use crate::limit;

/// Counts a stream's bytes.
#[derive(Debug)]
pub(crate) struct Throttle {
    passed: usize,
    most: usize,
    throttled: bool,
    burst_over: Option<Instant>,
}

/// The stream is longer than it may be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

impl Throttle {
    pub(crate) fn new(most: usize, throttled: bool) -> Self {
        Self { passed: 0, most, throttled, burst_over: None }
    }

    /// Counts a piece of this many bytes, and waits until it may pass.
    pub(crate) async fn pass(&mut self, bytes: usize) -> Result<(), TooLong> {
        self.passed = self.passed.saturating_add(bytes);
        if self.passed > self.most {
            return Err(TooLong);
        }
        if self.throttled
            && let Some(over) = self.passed.checked_sub(limit::BURST_BYTES)
        {
            let begun = *self.burst_over.get_or_insert_with(Instant::now);
            tokio::time::sleep_until(begun + time_for(over)).await;
        }
        Ok(())
    }
}

fn time_for(bytes: usize) -> Duration {
    let microseconds = bytes as u64 * 1_000_000 / limit::STREAM_BYTES_PER_SECOND as u64;
    Duration::from_micros(microseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_exceeds_the_burst_takes_its_time() {
        assert_eq!(time_for(0), Duration::ZERO);
        assert_eq!(time_for(limit::STREAM_BYTES_PER_SECOND), Duration::from_secs(1));
        assert_eq!(time_for(limit::STREAM_BYTES - limit::BURST_BYTES), Duration::from_secs(97));
    }
}

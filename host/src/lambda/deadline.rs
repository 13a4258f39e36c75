//! Works out when an invocation must be answered.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The time reserved for the answer after the guest was stopped.
const MARGIN: Duration = Duration::from_millis(250);

/// No function may run longer, so no deadline is further away.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MAX_TIMEOUT: Duration = Duration::from_secs(900);

/// The moment at which a call must end so that its answer still arrives, from the deadline that the platform
/// gives in milliseconds since 1970 and the wall clock's time now.
///
/// The wall clock may have jumped while the environment was frozen, or be wrong. A deadline that is past or
/// further away than any function may run is no deadline: the tool's own one holds.
pub(super) fn not_after(deadline_ms: u64, now: SystemTime) -> Option<Instant> {
    let now = now.duration_since(UNIX_EPOCH).ok()?;
    let left = Duration::from_millis(deadline_ms).checked_sub(now)?;
    if left.is_zero() || left > MAX_TIMEOUT {
        return None;
    }
    // Of a short function at most a quarter goes into the margin.
    Instant::now().checked_add(left - MARGIN.min(left / 4))
}

/// The moment at which a call must end so that its answer arrives within a time from now.
pub(super) fn within(time: Duration) -> Option<Instant> {
    Instant::now().checked_add(time - MARGIN.min(time / 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: u64 = 1_800_000_000_000;

    fn left(deadline_ms: u64) -> Option<Duration> {
        let now = UNIX_EPOCH + Duration::from_millis(NOW_MS);
        not_after(deadline_ms, now).map(|end| end.saturating_duration_since(Instant::now()))
    }

    #[test]
    fn a_call_ends_a_margin_before_its_environment_would() {
        let left = left(NOW_MS + 30_000).unwrap();
        assert!(left <= Duration::from_secs(30) - MARGIN, "{left:?}");
        assert!(left > Duration::from_secs(29), "{left:?}");
    }

    #[test]
    fn the_margin_of_a_short_function_is_a_quarter() {
        let left = left(NOW_MS + 400).unwrap();
        assert!(left > Duration::from_millis(200) && left <= Duration::from_millis(300), "{left:?}");
    }

    #[test]
    fn a_clock_that_is_wrong_gives_no_deadline() {
        for deadline in [0, NOW_MS - 1, NOW_MS, NOW_MS + 900_001, u64::MAX] {
            assert_eq!(left(deadline), None, "{deadline}");
        }
        assert!(left(NOW_MS + 900_000).is_some());
    }
}

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

/// The longest way of a request to the function: a cold start with an init of ten seconds, and room.
const MAX_DELAY: Duration = Duration::from_secs(15);

/// The moment at which a call must end so that its answer arrives within a time from `accepted_ms`, when the front end
/// took the request, in milliseconds since 1970.
///
/// The front end's clock and this one may differ. A request from the future, or one that took longer than any cold
/// start, says nothing: the time starts now.
pub(super) fn within(time: Duration, accepted_ms: Option<u64>, now: SystemTime) -> Option<Instant> {
    let since_epoch = now.duration_since(UNIX_EPOCH).ok();
    let delay = since_epoch.zip(accepted_ms).and_then(|(now, accepted_ms)| {
        now.checked_sub(Duration::from_millis(accepted_ms)).filter(|delay| *delay <= MAX_DELAY)
    });
    let left = time.saturating_sub(delay.unwrap_or_default());
    Instant::now().checked_add(left - MARGIN.min(left / 4))
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
    fn the_time_of_a_front_end_starts_with_its_event_unless_a_clock_is_wrong() {
        let whole = Duration::from_secs(30);
        let left = |accepted_ms| {
            let now = UNIX_EPOCH + Duration::from_millis(NOW_MS);
            within(whole, accepted_ms, now).unwrap().saturating_duration_since(Instant::now())
        };
        for (delay_ms, expected_ms) in
            [(0, 29_750), (1, 29_749), (8_000, 21_750), (15_000, 14_750), (15_001, 29_750)]
        {
            let (left, expected) = (left(Some(NOW_MS - delay_ms)), Duration::from_millis(expected_ms));
            assert!(left <= expected, "{delay_ms}: {left:?}");
            assert!(left > expected - Duration::from_millis(500), "{delay_ms}: {left:?}");
        }
        for wrong in [None, Some(0), Some(NOW_MS + 1), Some(u64::MAX)] {
            assert!(left(wrong) > Duration::from_secs(29), "{wrong:?}");
        }
    }

    #[test]
    fn a_clock_that_is_wrong_gives_no_deadline() {
        for deadline in [0, NOW_MS - 1, NOW_MS, NOW_MS + 900_001, u64::MAX] {
            assert_eq!(left(deadline), None, "{deadline}");
        }
        assert!(left(NOW_MS + 900_000).is_some());
    }
}

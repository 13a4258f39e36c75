//! Limits the times and sizes of a request.

use std::time::{Duration, Instant};

use wasmtime_wasi_http::RequestOptions;

use crate::catalog::HttpGrant;
use crate::net::OutboundLimits;

/// The shortest time that a guest can set, so that "at once" is no special case.
const MIN_TIMEOUT: Duration = Duration::from_millis(1);

/// Returns the limits of a request: those of the rule, of the guest and of the call, whichever comes first.
pub(super) fn of_request(
    grant: &HttpGrant,
    options: Option<RequestOptions>,
    deadline: Instant,
) -> OutboundLimits {
    let now = Instant::now();
    let end = deadline.min(now + Duration::from_millis(grant.time_ms));
    let left = end.saturating_duration_since(now).max(MIN_TIMEOUT);
    let options = options.unwrap_or_default();
    let limit = |asked: Option<Duration>| asked.unwrap_or(left).clamp(MIN_TIMEOUT, left);
    OutboundLimits {
        connect: limit(options.connect_timeout),
        first_byte: limit(options.first_byte_timeout),
        between_bytes: limit(options.between_bytes_timeout),
        end: end.into(),
        max_request_bytes: grant.request_bytes,
        max_response_bytes: grant.response_bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_of_a_guest_lie_between_a_millisecond_and_what_is_left() {
        let grant = HttpGrant { time_ms: 5_000, ..HttpGrant::new("a.example".parse().unwrap()) };
        let far = Instant::now() + Duration::from_secs(60);
        let asked = |time| RequestOptions {
            connect_timeout: Some(time),
            first_byte_timeout: Some(time),
            between_bytes_timeout: Some(time),
        };
        for (time, least) in [
            (Duration::ZERO, MIN_TIMEOUT),
            (Duration::from_nanos(1), MIN_TIMEOUT),
            (Duration::from_secs(1), Duration::from_secs(1)),
            (Duration::MAX, Duration::from_secs(5)),
        ] {
            let limits = of_request(&grant, Some(asked(time)), far);
            for limit in [limits.connect, limits.first_byte, limits.between_bytes] {
                assert_eq!(limit, least, "{time:?}");
            }
        }
        let near = Instant::now() + Duration::from_secs(2);
        assert!(of_request(&grant, None, near).end <= near.into(), "no request outlives its call");
        assert!(of_request(&grant, None, Instant::now()).connect >= MIN_TIMEOUT);
    }
}

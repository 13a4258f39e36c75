//! Decides when a request that S3 had no time for is sent again.

use std::time::Duration;

use super::Call;
use super::error::S3Error;

/// The shortest pause before each further attempt; the longest is twice as long.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance-design-patterns.html>
const PAUSES: [Duration; 2] = [Duration::from_millis(50), Duration::from_millis(200)];

/// Returns the pauses before further attempts, each of a random length, so that environments that were refused together
/// do not come back together.
pub(super) fn pauses() -> impl Iterator<Item = Duration> {
    PAUSES.into_iter().map(|least| {
        let mut random = [0];
        // Without randomness the pause is the shortest one.
        let _ = getrandom::fill(&mut random);
        least + least * u32::from(random[0]) / 256
    })
}

/// Tells whether a request may succeed if it is sent again.
pub(super) fn is_worth_it(call: &Call<'_>, error: &S3Error) -> bool {
    match error {
        S3Error::Throttled { .. } => true,
        S3Error::Failed { .. } => !call.writes_on_a_condition(),
        _ => false,
    }
}

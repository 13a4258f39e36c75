//! Writes moments as text, in UTC.

use std::fmt::Write as _;
use std::time::Duration;

/// Days of four hundred years, after which the calendar repeats.
const ERA_DAYS: u64 = 146_097;

/// Days from March 1, 0000 to January 1, 1970.
const DAYS_BEFORE_1970: u64 = 719_468;

/// Appends a moment, given as the time since 1970, as in RFC 3339, to the microsecond: `2026-11-30T04:41:31.001500Z`.
pub(super) fn push(text: &mut String, since_1970: Duration) {
    let seconds = since_1970.as_secs();
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let micros = since_1970.subsec_micros();
    // Writing to a text cannot fail.
    let _ = write!(text, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z");
}

/// Returns year, month and day of the Gregorian calendar. It counts years from March, so that the leap day ends a year.
fn date(days_since_1970: u64) -> (u64, u64, u64) {
    let days = days_since_1970 + DAYS_BEFORE_1970;
    let day_of_era = days % ERA_DAYS;
    let leap_days = day_of_era / 1460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let year = days / ERA_DAYS * 400 + year_of_era + u64::from(month_from_march >= 10);
    (year, (month_from_march + 2) % 12 + 1, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_in_rfc_3339() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (951_782_399, "2000-02-28T23:59:59.000000Z"),
            (951_782_400, "2000-02-29T00:00:00.000000Z"),
            (1_798_761_599, "2026-12-31T23:59:59.000000Z"),
            (1_798_761_600, "2027-01-01T00:00:00.000000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000000Z"),
            (253_402_300_799, "9999-12-31T23:59:59.000000Z"),
        ] {
            let mut text = String::new();
            push(&mut text, Duration::from_secs(seconds));
            assert_eq!(text, expected, "{seconds}");
        }
        let mut text = String::new();
        push(&mut text, Duration::new(1, 1_500_999));
        assert_eq!(text, "1970-01-01T00:00:01.001500Z");
    }

    #[test]
    fn each_day_follows_the_one_before() {
        let mut before = date(0);
        for days in 1..200_000 {
            let (year, month, day) = date(days);
            let next = match before {
                (_, _, last) if day == last + 1 => (before.0, before.1, day),
                (_, 12, 31) => (before.0 + 1, 1, 1),
                (year, month, _) => (year, month + 1, 1),
            };
            assert_eq!((year, month, day), next, "{days} days after {before:?}");
            before = next;
        }
    }
}

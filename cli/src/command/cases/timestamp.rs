//! The wall clock of a case: a moment as RFC 3339 writes it.

use toml::value::{Datetime, Offset};

/// Milliseconds since 1970 of a moment such as `2026-11-24T12:00:00Z`; none for anything else, or for one before 1970.
pub(super) fn milliseconds(text: &str) -> Option<u64> {
    let Datetime { date: Some(date), time: Some(time), offset: Some(offset) } = text.parse().ok()? else {
        return None;
    };
    let offset_minutes = match offset {
        Offset::Z => 0,
        Offset::Custom { minutes } => i64::from(minutes),
    };
    let days = days_since_1970(date.year.into(), date.month.into(), date.day.into());
    let minutes = (days * 24 + i64::from(time.hour)) * 60 + i64::from(time.minute) - offset_minutes;
    let seconds = minutes * 60 + i64::from(time.second.unwrap_or(0));
    let ms = seconds * 1000 + i64::from(time.nanosecond.unwrap_or(0) / 1_000_000);
    u64::try_from(ms).ok()
}

/// Days from the first of January 1970, in the Gregorian calendar. The year starts in March here: so the day that
/// leap years have more is their last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    /// From the first of March of the year 0 to the first of January 1970.
    const EPOCH: i64 = 719_468;
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days_before_month = (153 * month + 2) / 5;
    year * 365 + leap_days + days_before_month + day - 1 - EPOCH
}

#[cfg(test)]
mod tests {
    use super::milliseconds;

    #[test]
    fn moments_are_counted_in_milliseconds() {
        let table = [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T00:00:00Z", 951_782_400_000),
            ("2026-11-24T12:00:00Z", 1_795_521_600_000),
            ("2026-11-24T13:00:00.250+01:00", 1_795_521_600_250),
        ];
        for (text, expected) in table {
            assert_eq!(milliseconds(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn anything_else_is_no_moment() {
        for text in ["", "now", "2026-11-24", "12:00:00", "2026-11-24T12:00:00", "1969-12-31T23:59:59Z"] {
            assert_eq!(milliseconds(text), None, "{text}");
        }
    }
}

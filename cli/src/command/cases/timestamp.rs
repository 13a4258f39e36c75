//! The wall clock of a case: a moment as RFC 3339 writes it.

use toml::value::{Datetime, Offset};
use toolcell_host::timestamp::{Timestamp, days_since_1970};

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

/// Writes such a moment.
pub(super) fn text(ms: u64) -> String {
    let whole = Timestamp::of_seconds(ms / 1000).to_string();
    match ms % 1000 {
        0 => whole,
        rest => whole.replace('Z', &format!(".{rest:03}Z")),
    }
}

#[cfg(test)]
mod tests {
    use super::{milliseconds, text};

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
    fn a_moment_is_written_as_it_is_read() {
        for moment in ["1970-01-01T00:00:00Z", "2026-11-24T12:00:00Z", "2026-11-24T12:00:00.250Z"] {
            assert_eq!(text(milliseconds(moment).unwrap()), moment);
        }
    }

    #[test]
    fn anything_else_is_no_moment() {
        for text in ["", "now", "2026-11-24", "12:00:00", "2026-11-24T12:00:00", "1969-12-31T23:59:59Z"] {
            assert_eq!(milliseconds(text), None, "{text}");
        }
    }
}

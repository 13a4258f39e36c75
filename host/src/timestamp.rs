//! A moment in whole seconds, and its text form.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::text_form::serde_as_text;

/// The seconds of a day.
const DAY: u64 = 24 * 3600;

/// The days from the first of March of the year 0 to the first of January 1970.
const EPOCH: i64 = 719_468;

/// A moment from 1970 to 9999, in seconds since 1970; as a text it is RFC 3339 in UTC, such as `2026-11-30T12:00:00Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

/// The error for a text that is not a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a moment in UTC, such as 2026-11-30T12:00:00Z, from 1970 to 9999")]
pub struct NotATimestamp;

impl Timestamp {
    /// The last second of the year 9999.
    pub const LAST: Self = Self(253_402_300_799);

    /// Makes a moment of seconds since 1970; what is after the year 9999 becomes [`Timestamp::LAST`].
    pub fn of_seconds(seconds: u64) -> Self {
        Self(seconds).min(Self::LAST)
    }

    /// Makes a moment of the system's time; what is before 1970 becomes 1970.
    pub fn of(time: SystemTime) -> Self {
        Self::of_seconds(time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs())
    }

    /// Returns the seconds since 1970.
    pub fn seconds(self) -> u64 {
        self.0
    }

    /// Returns the moment that is later by `duration`, at most [`Timestamp::LAST`].
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self::of_seconds(self.0.saturating_add(duration.as_secs()))
    }
}

/// Counts the days from the first of January 1970 to a day, in the Gregorian calendar.
pub fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    // A year that starts in March ends with its leap day.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days_before_month = (153 * month + 2) / 5;
    year * 365 + leap_days + days_before_month + day - 1 - EPOCH
}

/// Returns year, month and day of a day that is counted from the first of January 1970.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + EPOCH;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097)); // eras have 400 years
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (year * 365 + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let year = era * 400 + year;
    if month < 10 { (year, month + 3, day) } else { (year + 1, month - 9, day) }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date((self.0 / DAY).cast_signed());
        let second = self.0 % DAY;
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

impl FromStr for Timestamp {
    type Err = NotATimestamp;

    /// Accepts exactly the texts that [`fmt::Display`] writes.
    fn from_str(text: &str) -> Result<Self, NotATimestamp> {
        let number = |at: std::ops::Range<usize>| text.get(at)?.parse::<u32>().ok().map(i64::from);
        let read = || {
            let days = days_since_1970(number(0..4)?, number(5..7)?, number(8..10)?);
            let seconds = (number(11..13)? * 60 + number(14..16)?) * 60 + number(17..19)?;
            u64::try_from(days * DAY.cast_signed() + seconds).ok().map(Self::of_seconds)
        };
        // The thirteenth month, the thirtieth of February or a space is not what a moment is written as.
        read().filter(|moment| moment.to_string() == text).ok_or(NotATimestamp)
    }
}

serde_as_text!(Timestamp);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_it_is_read() {
        let table = [
            ("1970-01-01T00:00:00Z", 0),
            ("1999-12-31T23:59:59Z", 946_684_799),
            ("2000-02-29T00:00:00Z", 951_782_400),
            ("2026-11-24T12:00:00Z", 1_795_521_600),
            ("9999-12-31T23:59:59Z", Timestamp::LAST.seconds()),
        ];
        for (text, seconds) in table {
            assert_eq!(text.parse(), Ok(Timestamp::of_seconds(seconds)), "{text}");
            assert_eq!(Timestamp::of_seconds(seconds).to_string(), text);
        }
        for seconds in (0..Timestamp::LAST.seconds()).step_by(86_399 * 7) {
            let moment = Timestamp::of_seconds(seconds);
            assert_eq!(moment.to_string().parse(), Ok(moment), "{seconds}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let table = [
            "",
            "now",
            "2026-11-24",
            "2026-11-24T12:00:00",
            "2026-11-24T12:00:00+00:00",
            "2026-11-24T12:00:00.5Z",
            "2026-11-24t12:00:00z",
            "2026-02-30T12:00:00Z",
            "2026-13-01T12:00:00Z",
            "2026-11-24T24:00:00Z",
            "2026-11-24T12:60:00Z",
            "1969-12-31T23:59:59Z",
            "+026-11-24T12:00:00Z",
            "2026-11-24T12:00:00Zé",
            "ééééééééééé",
        ];
        for text in table {
            assert_eq!(text.parse::<Timestamp>(), Err(NotATimestamp), "{text:?}");
        }
    }

    #[test]
    fn time_stops_at_the_ends() {
        assert_eq!(Timestamp::of(UNIX_EPOCH - Duration::from_secs(1)), Timestamp::of_seconds(0));
        assert_eq!(Timestamp::of(UNIX_EPOCH + Duration::from_millis(1_900)), Timestamp::of_seconds(1));
        assert_eq!(Timestamp::LAST.after(Duration::MAX), Timestamp::LAST);
    }
}

//! Formats points in time as Lambda writes them.

use std::time::{Duration, SystemTime};

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A point in time in UTC.
struct Civil {
    year: i64,
    month: usize,
    day: u64,
    hour: u64,
    minute: u64,
    second: u64,
    millisecond: u32,
}

impl Civil {
    /// Splits a time into its parts. Counts years from March, so that the leap day is the last day of a year.
    fn new(time: SystemTime) -> Self {
        let since = since_epoch(time);
        let (days, rest) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
        let days = days + 719_468; // from 0000-03-01 to 1970-01-01
        let (era, day) = (days / 146_097, days % 146_097);
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let (day, month) = (day - (153 * month + 2) / 5 + 1, (month + 2) % 12);
        let year = era * 400 + year + u64::from(month < 2);
        Self {
            year: i64::try_from(year).unwrap_or(i64::MAX),
            month: usize::try_from(month).unwrap_or_default(),
            day,
            hour: rest / 3600,
            minute: rest / 60 % 60,
            second: rest % 60,
            millisecond: since.subsec_millis(),
        }
    }
}

fn since_epoch(time: SystemTime) -> Duration {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

/// Returns the milliseconds since 1970.
pub(crate) fn epoch_ms(time: SystemTime) -> u64 {
    u64::try_from(since_epoch(time).as_millis()).unwrap_or(u64::MAX)
}

/// Formats `12/Mar/2020:19:03:58 +0000`, as in `requestContext.time`.
pub(crate) fn common_log(time: SystemTime) -> String {
    let Civil { year, month, day, hour, minute, second, .. } = Civil::new(time);
    let month = MONTHS[month];
    format!("{day:02}/{month}/{year}:{hour:02}:{minute:02}:{second:02} +0000")
}

/// Formats `2020-03-12T19:03:58.000Z`, as in front of a message of the platform.
pub(crate) fn iso(time: SystemTime) -> String {
    let Civil { year, month, day, hour, minute, second, millisecond } = Civil::new(time);
    let month = month + 1;
    format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z")
}

/// Formats `2020/03/12`, as in the name of a log stream.
pub(crate) fn day(time: SystemTime) -> String {
    let Civil { year, month, day, .. } = Civil::new(time);
    format!("{year}/{:02}/{day:02}", month + 1)
}

/// Formats milliseconds with two decimal places.
pub(crate) fn milliseconds(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_lambda_writes_it() {
        let times = [
            (0, "01/Jan/1970:00:00:00 +0000", "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "29/Feb/2000:00:00:00 +0000", "2000-02-29T00:00:00.000Z"),
            (1_583_348_638_390, "04/Mar/2020:19:03:58 +0000", "2020-03-04T19:03:58.390Z"),
            (1_704_067_199_999, "31/Dec/2023:23:59:59 +0000", "2023-12-31T23:59:59.999Z"),
            (4_107_542_400_000, "01/Mar/2100:00:00:00 +0000", "2100-03-01T00:00:00.000Z"),
        ];
        for (ms, common, machine) in times {
            let time = SystemTime::UNIX_EPOCH + Duration::from_millis(ms);
            assert_eq!(common_log(time), common);
            assert_eq!(iso(time), machine);
            assert_eq!(epoch_ms(time), ms);
        }
    }
}

//! Reads the time of each phase of a call, and of the adoption of a release, from toolcell's own log.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context;
use measure::summary::Summary;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Microseconds by phase, the members of a log line that end in `_us`.
type Spent = BTreeMap<String, f64>;

/// The phases of a process's calls, and of its first release.
#[derive(Debug, Default, Deserialize, PartialEq, Serialize)]
pub(crate) struct Phases {
    /// The phases in which it adopted the release.
    #[serde(default)]
    pub(crate) release: Spent,
    /// The phases of the first call.
    pub(crate) first: Spent,
    /// The medians over the other calls.
    pub(crate) warm: Spent,
}

impl Phases {
    /// Reads a log; returns `None` if it holds neither a call nor a release.
    ///
    /// # Errors
    /// Fails when the file is missing.
    pub(crate) fn read(log: &Path) -> anyhow::Result<Option<Self>> {
        let log = fs::read(log).with_context(|| format!("cannot read {}", log.display()))?;
        Ok(Self::of(&String::from_utf8_lossy(&log)))
    }

    fn of(log: &str) -> Option<Self> {
        let release = log.lines().find_map(|line| spent(line, "update_us"));
        let mut calls = log.lines().filter_map(|line| spent(line, "run_us"));
        let first = calls.next();
        if release.is_none() && first.is_none() {
            return None;
        }
        let (release, first) = (release.unwrap_or_default(), first.unwrap_or_default());
        let others: Vec<Spent> = calls.collect();
        let median = |name: &String| {
            let times: Vec<f64> = others.iter().filter_map(|call| call.get(name).copied()).collect();
            (!times.is_empty()).then(|| (name.clone(), Summary::of(times).median))
        };
        let warm = first.keys().filter_map(median).collect();
        Some(Phases { release, first, warm })
    }
}

/// Returns the phases that a line reports, if `member` is among them.
fn spent(line: &str, member: &str) -> Option<Spent> {
    let Value::Object(line) = serde_json::from_str(line).ok()? else { return None };
    let times = line.iter().filter(|(name, _)| name.ends_with("_us"));
    let times: Spent = times.filter_map(|(name, time)| Some((name.clone(), time.as_f64()?))).collect();
    times.contains_key(member).then_some(times)
}

#[cfg(test)]
mod tests {
    use super::Phases;

    #[test]
    fn the_first_call_is_kept_apart_and_other_lines_are_passed_over() {
        let log = "plain\n{\"message\":\"started\"}\n{\"run_us\":9}\n{\"run_us\":1}\n{\"run_us\":3}\n{\"run_us\":2}";
        let phases = Phases::of(log).unwrap();
        assert_eq!((phases.first["run_us"], phases.warm["run_us"]), (9.0, 2.0));
        assert_eq!(Phases::of("{\"message\":\"started\"}"), None);
        let release = Phases::of("{\"update_us\":7,\"map_us\":2}").unwrap().release;
        assert_eq!((release["update_us"], release["map_us"]), (7.0, 2.0));
    }
}

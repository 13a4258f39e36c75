//! Reads the time of each phase of a call from toolcell's own log.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context;
use measure::summary::Summary;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Microseconds by phase, the members of a log line that end in `_us`.
type Spent = BTreeMap<String, f64>;

/// The phases of a process's calls.
#[derive(Debug, Default, Deserialize, PartialEq, Serialize)]
pub(crate) struct Phases {
    /// The phases of the first call.
    pub(crate) first: Spent,
    /// The medians over the other calls.
    pub(crate) warm: Spent,
}

impl Phases {
    /// Reads a log; returns `None` if it holds no call.
    ///
    /// # Errors
    /// Fails when the file is missing.
    pub(crate) fn read(log: &Path) -> anyhow::Result<Option<Self>> {
        let log = fs::read(log).with_context(|| format!("cannot read {}", log.display()))?;
        Ok(Self::of(&String::from_utf8_lossy(&log)))
    }

    fn of(log: &str) -> Option<Self> {
        let mut calls = log.lines().filter_map(spent);
        let first = calls.next()?;
        let others: Vec<Spent> = calls.collect();
        let median = |name: &String| {
            let times: Vec<f64> = others.iter().filter_map(|call| call.get(name).copied()).collect();
            (!times.is_empty()).then(|| (name.clone(), Summary::of(times).median))
        };
        let warm = first.keys().filter_map(median).collect();
        Some(Phases { first, warm })
    }
}

/// Returns the phases of the call that a line reports.
fn spent(line: &str) -> Option<Spent> {
    let Value::Object(line) = serde_json::from_str(line).ok()? else { return None };
    let times = line.iter().filter(|(name, _)| name.ends_with("_us"));
    let times: Spent = times.filter_map(|(name, time)| Some((name.clone(), time.as_f64()?))).collect();
    times.contains_key("run_us").then_some(times)
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
    }
}

//! Prints the state of the builds: what was built, and what fails since when.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::json;

use super::workbench::{Feed, Tone};
use crate::ui::problem::{Problem, ProblemKind};
use crate::ui::terminal::{Style, Terminal};

/// For how long an error is new.
const NEW: Duration = Duration::from_secs(1);

/// The failing plugins and when each began to fail.
pub(super) struct Status {
    terminal: Terminal,
    feed: Feed,
    failures: BTreeMap<String, Failure>,
}

struct Failure {
    problem: Problem,
    fallback: Fallback,
    since: Instant,
}

/// Describes what clients see of a failing plugin or configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fallback {
    /// Its last good build.
    LastGood,
    /// Nothing.
    LeftOut,
    /// The last good configuration.
    AsBefore,
}

/// Tells whether to report a known error again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Somebody has changed something, and wants to know.
    Told,
    /// Nobody has.
    Untold,
}

impl Status {
    /// Nothing fails yet.
    pub(super) fn new(terminal: Terminal, feed: Feed) -> Self {
        Self { terminal, feed, failures: BTreeMap::new() }
    }

    /// Says something about a plugin.
    pub(super) fn say(&self, name: &str, text: &str) {
        self.terminal.note(format!("{}: {text}", self.terminal.style_note(Style::Strong, name)));
        self.feed.build(name, text, Tone::Plain);
    }

    /// Says something beside the point.
    pub(super) fn note_dim(&self, name: &str, text: &str) {
        self.terminal.note(self.terminal.style_note(Style::Faint, format!("{name}: {text}")));
        self.feed.build(name, text, Tone::Faint);
    }

    /// Says that a plugin is as it should be, and what else is not.
    pub(super) fn good(&mut self, name: &str, text: &str) {
        self.failures.remove(name);
        self.terminal.note(format!("{}: {text}", self.terminal.style_note(Style::Good, name)));
        self.feed.build(name, text, Tone::Good);
        self.publish();
        self.remind(name);
    }

    /// Puts up an error.
    pub(super) fn bad(&mut self, name: &str, problem: Problem, fallback: Fallback, repeat: Repeat) {
        let standing = self.failures.get(name);
        let since = standing.map_or_else(Instant::now, |failure| failure.since);
        let known = standing.is_some_and(|failure| failure.problem == problem);
        if !known || repeat == Repeat::Told {
            self.show(name, &problem, fallback, since);
        }
        self.failures.insert(name.to_owned(), Failure { problem, fallback, since });
        self.publish();
    }

    /// Tells the pages that clients see what is served now.
    pub(super) fn served(&self) {
        self.feed.lists();
    }

    /// Tells the pages what fails.
    fn publish(&self) {
        let failures = self.failures.iter().map(|(name, Failure { problem, fallback, .. })| {
            json!({ "name": name, "text": problem.to_string(), "served": fallback.text() })
        });
        self.feed.failures(failures.collect());
    }

    fn show(&self, name: &str, problem: &Problem, fallback: Fallback, since: Instant) {
        if (problem.kind, fallback) == (ProblemKind::Missing, Fallback::LeftOut) {
            let Problem { at, wrong, found, next, .. } = problem;
            return self.say(name, &format!("left out: {at} {wrong} ({found}); {next}"));
        }
        self.feed.build(name, &format!("{}: {}", problem.at, problem.wrong), Tone::Bad);
        match fallback {
            Fallback::AsBefore => self.terminal.problem(problem),
            Fallback::LastGood | Fallback::LeftOut => self.terminal.problem(&problem.clone().in_plugin(name)),
        }
        self.say(name, &format!("{}{}", fallback.text(), lasting(since)));
    }

    /// Takes the error of a plugin down, without a word.
    pub(super) fn clear(&mut self, name: &str) {
        self.failures.remove(name);
        self.publish();
    }

    /// Tells whether a plugin fails.
    pub(super) fn fails(&self, name: &str) -> bool {
        self.failures.contains_key(name)
    }

    /// Plugins that wait for a program to be installed.
    pub(super) fn missing(&self) -> Vec<String> {
        let missing =
            self.failures.iter().filter(|(_, failure)| failure.problem.kind == ProblemKind::Missing);
        missing.map(|(name, _)| name.clone()).collect()
    }

    /// Says what still fails beside `name`.
    fn remind(&self, name: &str) {
        let (missing, failing): (Vec<_>, Vec<_>) = self
            .failures
            .iter()
            .filter(|(other, _)| *other != name)
            .partition(|(_, failure)| failure.problem.kind == ProblemKind::Missing);
        for (other, Failure { problem, since, .. }) in failing {
            let text = format!("still fails{}: {}: {}", lasting(*since), problem.at, problem.wrong);
            self.note_dim(other, &text);
        }
        let mut waiting: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (other, failure) in missing {
            waiting.entry(&failure.problem.at).or_default().push(other);
        }
        for (program, plugins) in waiting {
            self.note_dim(&plugins.join(", "), &format!("waiting for {program} to be installed"));
        }
    }
}

impl Fallback {
    fn text(self) -> &'static str {
        match self {
            Fallback::LastGood => "the last good version is served",
            Fallback::LeftOut => "left out",
            Fallback::AsBefore => "all is served as it was before",
        }
    }
}

/// `, for 3 min 20 s now`; nothing of what has just begun.
fn lasting(since: Instant) -> String {
    match since.elapsed() {
        new if new < NEW => String::new(),
        lasting => format!(", for {} now", duration(lasting)),
    }
}

/// `0.4 s`, `12 s`, `3 min 20 s`
pub(super) fn duration(duration: Duration) -> String {
    match duration.as_secs() {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        seconds @ 10..60 => format!("{seconds} s"),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_as_exact_as_people_want_them() {
        for (millis, text) in [(420, "0.4 s"), (12_900, "12 s"), (200_000, "3 min 20 s")] {
            assert_eq!(duration(Duration::from_millis(millis)), text);
        }
    }

    #[test]
    fn an_error_that_lasts_keeps_its_beginning_and_a_good_build_ends_it() {
        let mut status = Status::new(Terminal::new(), Feed::new());
        let missing = Problem::missing("zig", "is needed");
        status.bad("x", missing.clone(), Fallback::LeftOut, Repeat::Told);
        let since = status.failures["x"].since;
        status.bad("x", missing, Fallback::LeftOut, Repeat::Untold);
        assert_eq!((status.failures["x"].since, status.missing()), (since, vec!["x".to_owned()]));
        status.good("x", "built");
        assert!(!status.fails("x"));
    }
}

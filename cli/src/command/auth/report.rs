//! The steps of `toolcell auth check`, as people and programs read them.

use std::fmt::Write as _;

use serde::Serialize;
use toolcell_host::text::Shown;

use crate::ui::terminal::{Style, Terminal};

/// The most characters of what was found at a step.
const MAX_CHARS: usize = 1000;

/// How a step went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum State {
    /// As clients expect.
    Ok,
    /// Clients cope with it, some of them worse.
    Note,
    /// Clients fail there.
    Wrong,
}

/// One step of a client.
#[derive(Debug, Serialize)]
pub(super) struct Step {
    state: State,
    step: &'static str,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<&'static str>,
}

/// The steps so far.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    url: String,
    steps: Vec<Step>,
}

impl Report {
    pub(super) fn of(url: &str) -> Self {
        Self { url: url.to_owned(), steps: Vec::new() }
    }

    /// Adds a step that is as clients expect.
    pub(super) fn ok(&mut self, step: &'static str, found: impl Into<String>) {
        self.add(State::Ok, step, found.into(), None);
    }

    /// Adds a step that some clients cannot take.
    pub(super) fn note(&mut self, step: &'static str, found: impl Into<String>, next: &'static str) {
        self.add(State::Note, step, found.into(), Some(next));
    }

    /// Adds a step at which clients fail.
    pub(super) fn wrong(&mut self, step: &'static str, found: impl Into<String>, next: &'static str) {
        self.add(State::Wrong, step, found.into(), Some(next));
    }

    /// Tells whether there is a step at which clients fail.
    pub(super) fn has_wrong(&self) -> bool {
        self.steps.iter().any(|step| step.state == State::Wrong)
    }

    /// Writes a line for each step, and what to do below it.
    pub(super) fn render(&self, terminal: &Terminal) -> String {
        let mut text = format!("{}\n", self.url);
        for Step { state, step, found, next } in &self.steps {
            let sign = match state {
                State::Ok => terminal.style(Style::Good, format!("{:<6}", "ok")),
                State::Note => terminal.style(Style::Strong, format!("{:<6}", "note")),
                State::Wrong => terminal.style(Style::Bad, format!("{:<6}", "wrong")),
            };
            let _ = writeln!(text, "{sign} {step}: {}", one_line(found));
            if let Some(next) = next {
                let _ = writeln!(text, "       {next}");
            }
        }
        text.truncate(text.trim_end().len());
        text
    }

    /// Adds a step. What was found comes from a stranger, who may send a lot of it.
    fn add(&mut self, state: State, step: &'static str, found: String, next: Option<&'static str>) {
        let found = match found.char_indices().nth(MAX_CHARS) {
            Some((end, _)) => format!("{}...", &found[..end]),
            None => found,
        };
        self.steps.push(Step { state, step, found, next });
    }
}

/// Writes what a stranger sent so that it stays one line, and nothing in it hides.
fn one_line(found: &str) -> String {
    Shown(found).to_string().replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_sends_stays_one_line_of_the_report() {
        let mut report = Report::of("https://a.example/mcp");
        report.wrong("keys", "none\nok     keys: 3\u{1b}[2J\u{202e}", "publish keys");
        let text = report.render(&Terminal::new());
        assert!(
            text.contains("wrong  keys: none\\nok     keys: 3\\u{1b}[2J\\u{202e}\n       publish keys"),
            "{text}"
        );
        report.note("keys", "k".repeat(MAX_CHARS + 1), "publish fewer");
        assert!(report.render(&Terminal::new()).contains(&format!(": {}...\n", "k".repeat(MAX_CHARS))));
    }
}

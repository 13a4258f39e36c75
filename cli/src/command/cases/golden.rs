//! Writes what came back into a case, with the state after it, and the answers that were given and the exchanges that
//! were recorded on the way.

use serde_json::value::RawValue;

use super::case::{Case, Response};
use super::json::written;
use super::record::Recording;
use super::state::{self, State};
use super::{exchange, pretty};
use crate::ui::problem::{Problem, Result};
use crate::ui::write;

/// The keys of what is expected, which stand last in the file.
const EXPECTED: [&str; 3] = ["expect", "error", state::AFTER];

/// The outcome of a run of a case.
pub(super) struct Outcome<'a> {
    /// The response.
    pub(super) found: &'a Response,
    /// The entries of the plugin's buckets.
    pub(super) state: &'a State,
    /// The recording, if requests were sent.
    pub(super) recorded: Option<&'a Recording>,
}

/// Writes a case's file with its outcome and every answer; the rest stays as the author has it, in one layout.
///
/// # Errors
/// The file cannot be written.
pub(super) fn write(case: &mut Case, outcome: &Outcome<'_>) -> Result<()> {
    let Outcome { found, state, recorded } = outcome;
    case.members.retain(|(key, _)| !EXPECTED.contains(&key.as_str()));
    if !case.answers.is_empty() {
        put(&mut case.members, "answers", written(&case.answers));
    }
    if let Some(recording) = recorded {
        put(&mut case.members, exchange::KEY, recording.exchanges.clone());
    }
    put(&mut case.members, found.key(), found.raw().to_owned());
    let [before, after] = case.state.alive(case.replay.now_ms).beside(state);
    if before != after {
        put(&mut case.members, state::AFTER, state.written());
    }
    let members = case.members.iter().map(|(key, value)| (key.as_str(), &**value));
    let text = pretty::file(members);
    if recorded.is_some_and(|recording| recording.secrets.are_in(&text)) {
        return Err(Problem::refused(case.file.display().to_string(), "would hold a secret")
            .found("a real value in what was recorded, or already in the case")
            .expected("values for tests alone")
            .next("replace the value in the case by one for tests, and record it again"));
    }
    write::write_atomically(&case.file, text.as_bytes())
}

/// Replaces a member where it stands, or adds it at the end.
fn put(members: &mut Vec<(String, Box<RawValue>)>, key: &str, value: Box<RawValue>) {
    match members.iter_mut().find(|(other, _)| other == key) {
        Some((_, there)) => *there = value,
        None => members.push((key.to_owned(), value)),
    }
}

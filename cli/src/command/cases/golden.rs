//! Writes what came back into a case, and the answers that were given on the way.

use serde_json::value::RawValue;

use super::case::{Case, Response};
use super::json::written;
use super::pretty;
use crate::ui::problem::Result;
use crate::ui::write;

/// The keys of the expected response, which stands last in the file.
const EXPECTED: [&str; 2] = ["expect", "error"];

/// Writes a case's file with what came back and every answer; the rest stays as the author has it, in one layout.
///
/// # Errors
/// The file cannot be written.
pub(super) fn write(case: &mut Case, found: &Response) -> Result<()> {
    case.members.retain(|(key, _)| !EXPECTED.contains(&key.as_str()));
    if !case.answers.is_empty() {
        put(&mut case.members, "answers", written(&case.answers));
    }
    put(&mut case.members, found.key(), found.raw().to_owned());
    let members = case.members.iter().map(|(key, value)| (key.as_str(), &**value));
    write::write_atomically(&case.file, pretty::file(members).as_bytes())
}

/// Replaces a member where it stands, or adds it at the end.
fn put(members: &mut Vec<(String, Box<RawValue>)>, key: &str, value: Box<RawValue>) {
    match members.iter_mut().find(|(other, _)| other == key) {
        Some((_, there)) => *there = value,
        None => members.push((key.to_owned(), value)),
    }
}

//! Reads a client's responses and never repeats them: they may be secrets.

use serde::Deserialize;
use serde_json::value::RawValue;

/// The user's action on a form or a page (MCP `ElicitResult`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Action {
    Accept,
    Decline,
    Cancel,
}

/// MCP `ElicitResult`.
#[derive(Deserialize)]
pub(super) struct Elicited<'a> {
    pub(super) action: Action,
    #[serde(borrow, default)]
    pub(super) content: Option<&'a RawValue>,
}

/// Reads an answer to an elicitation.
pub(super) fn elicited<'a>(response: &'a RawValue, path: &str) -> Result<Elicited<'a>, String> {
    read(response, path, "an object whose `action` is accept, decline or cancel")
}

/// Reads JSON into a type; the error says what was expected and never shows the value, which may be a secret.
pub(super) fn read<'a, T: Deserialize<'a>>(
    json: &'a RawValue,
    path: &str,
    expected: &str,
) -> Result<T, String> {
    serde_json::from_str(json.get()).map_err(|_| format!("{path}: expected {expected}"))
}

//! Requests, and what must come back.

use serde_json::Value;
use toolcell_tests::Called;
use toolcell_tests::http::Request;

/// A request whose answer is known.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) name: &'static str,
    pub(super) request: Request,
    pub(super) expected: Expected,
}

/// What must come back.
#[derive(Debug)]
pub(super) enum Expected {
    /// A result with this text.
    Text(String),
    /// A result with a text of this many bytes.
    Length(usize),
    /// A result with this structured content.
    Structured(Value),
    /// Any result that is no failure.
    Success,
    /// Questions; the answer to them makes a line that contains this text.
    Questions(String),
    /// A result with the lines that contain this text.
    Line(String),
    /// A failure with this text.
    Failure(&'static str),
    /// A JSON-RPC error with this code.
    Error(i64),
    /// A batch of this many texts `still here`.
    Batch(usize),
}

impl Expected {
    /// Compares the last message of a response.
    ///
    /// # Errors
    /// It is something else.
    pub(super) fn judge(&self, message: &Value) -> Result<(), String> {
        let called = || Called::read(&message["result"]);
        let is_right = match self {
            Self::Error(code) => message["error"]["code"] == *code,
            Self::Batch(count) => message.as_array().is_some_and(|answers| {
                let texts = answers.iter().filter(|one| one["result"]["content"][0]["text"] == "still here");
                (answers.len(), texts.count()) == (*count, *count)
            }),
            Self::Questions(_) => message["result"]["resultType"] == "input_required",
            _ if !message["result"]["content"].is_array() => false,
            Self::Text(text) => !called().is_error && called().text.as_ref() == Some(text),
            Self::Length(bytes) => {
                !called().is_error && called().text.is_some_and(|text| text.len() == *bytes)
            }
            Self::Structured(value) => !called().is_error && called().structured.as_ref() == Some(value),
            Self::Line(text) => called().structured.is_some_and(|lines| lines.to_string().contains(text)),
            Self::Failure(text) => called().is_error && called().text.as_deref() == Some(*text),
            Self::Success => !called().is_error,
        };
        let mut found = message.to_string();
        found.truncate(found.floor_char_boundary(300));
        if is_right { Ok(()) } else { Err(format!("expected {self:?}, found {found}")) }
    }
}

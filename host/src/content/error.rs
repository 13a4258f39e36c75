//! Describes to the operator content that MCP does not allow.

use std::fmt::{self, Display, Formatter};

use serde::{Deserialize, Serialize};

/// Most characters of a plugin's own text that an error repeats.
const FOUND_CHARS: usize = 60;

/// Content that cannot be sent: the plugin is at fault.
///
/// Its text is one line, and repeats a piece of what the plugin said: a client never sees it, and the log takes path and
/// expectation alone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}expected {expected}, found {found}", place = Place(path))]
pub struct ContentError {
    /// The place, under the names of the WIT: `resources[3].annotations.priority`; empty for the value as a whole.
    pub path: String,
    /// The path of the value.
    pub expected: &'static str,
    /// The value found: a short, escaped excerpt, or words.
    pub found: String,
}

/// A path before the rest of a message.
struct Place<'e>(&'e str);

impl Display for Place<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, "{}: ", self.0) }
    }
}

impl ContentError {
    /// An error about the value at hand, which is `text`.
    pub(super) fn new(expected: &'static str, text: &str) -> ContentError {
        ContentError { path: String::new(), expected, found: excerpt(text) }
    }

    /// Moves the error below `parent`.
    pub(super) fn under(mut self, parent: &str) -> ContentError {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{parent}{dot}{}", self.path);
        self
    }
}

/// Moves an error from the field `key` to the record that holds it.
pub(super) fn at(key: &'static str) -> impl Fn(ContentError) -> ContentError {
    move |error| error.under(key)
}

/// Normalizes every item of the list `key`.
pub(super) fn normalize_each<T>(
    key: &'static str,
    items: &mut [T],
    mut normalize: impl FnMut(&mut T) -> Result<(), ContentError>,
) -> Result<(), ContentError> {
    items.iter_mut().enumerate().try_for_each(|(index, item)| {
        normalize(item).map_err(|error| error.under(&format!("[{index}]"))).map_err(at(key))
    })
}

/// Reads a value that `codec` wrote.
///
/// # Errors
/// For anything that is not of the type: the plan of the function is not that of the interface.
pub(super) fn read<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, ContentError> {
    serde_json::from_slice(json)
        .map_err(|error| ContentError::new("the JSON of a type of toolcell:plugin", &error.to_string()))
}

/// Writes a normalized value.
///
/// # Errors
/// None for a normalized value.
pub(super) fn write(value: &impl Serialize) -> Result<Vec<u8>, ContentError> {
    serde_json::to_vec(value)
        .map_err(|error| ContentError::new("content that is normalized", &error.to_string()))
}

/// Shortens text and escapes what would not show on one line.
fn excerpt(text: &str) -> String {
    let mut chars = text.chars();
    let mut shown = String::from("'");
    for char in chars.by_ref().take(FOUND_CHARS) {
        match char {
            '"' | '\'' => shown.push(char),
            _ => shown.extend(char.escape_debug()),
        }
    }
    shown.push_str(if chars.next().is_some() { "...'" } else { "'" });
    shown
}

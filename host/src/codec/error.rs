//! Reports what is wrong with arguments, for a model, and with plans, for their authors.

use std::fmt::{self, Write as _};

use serde::de::IgnoredAny;

use super::pattern::{MAX_PATTERNS_BYTES, PatternError};
use super::scalar;

/// The most characters of the caller's own text that an error repeats.
const FOUND_CHARS: usize = 60;

/// An invalid argument, in one line of text from which a model can correct the call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: expected {expected}, found {found}")]
pub struct ArgumentError {
    /// The place, for example `arguments.size.width` or `arguments.points[3]`.
    pub path: String,
    /// A short, escaped piece of the caller's JSON, or a description of it.
    pub found: String,
    /// A description of what is accepted.
    pub expected: String,
}

/// The reason why a function's plan is refused, for its author or deployer.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A constraint does not apply to the type.
    #[error("parameter `{param}`: `{keyword}` does not apply to its type")]
    Unfitting {
        /// JSON name of the parameter.
        param: String,
        /// The constraint's key.
        keyword: &'static str,
    },
    /// Constraint and type together leave no value.
    #[error("parameter `{param}`: its bounds leave no value of its type")]
    Empty {
        /// JSON name of the parameter.
        param: String,
    },
    /// The regular expression is malformed, or too large.
    #[error("parameter `{param}`: `pattern` {source}")]
    Pattern {
        /// JSON name of the parameter.
        param: String,
        /// The error in it.
        source: PatternError,
    },
    /// The regular expressions of a function are too large together.
    #[error(
        "parameter `{param}`: with this `pattern`, the patterns of the function take tables of more than {} MiB \
         together: repeat less in them, and limit lengths with `max-length`",
        MAX_PATTERNS_BYTES >> 20
    )]
    Patterns {
        /// JSON name of the parameter whose pattern is one too many.
        param: String,
    },
    /// A default or an example is not a valid argument.
    #[error("the {what} of parameter `{param}` is invalid ({source})")]
    Sample {
        /// JSON name of the parameter.
        param: String,
        /// `default` or `example`.
        what: &'static str,
        /// The error in it.
        source: ArgumentError,
    },
    /// A header may only mirror strings, booleans and integers that fit a JSON number.
    #[error("parameter `{param}`: `x-mcp-header` needs a type whose schema is a string, integer or boolean")]
    Header {
        /// JSON name of the parameter.
        param: String,
    },
}

/// The path from the root of the arguments to the current value.
#[derive(Debug, Default)]
pub(crate) struct Path<'p> {
    steps: Vec<Step<'p>>,
}

#[derive(Debug)]
enum Step<'p> {
    Key(&'p str),
    Index(usize),
}

impl<'p> Path<'p> {
    pub(crate) fn enter_key(&mut self, key: &'p str) {
        self.steps.push(Step::Key(key));
    }

    pub(crate) fn enter_index(&mut self, index: usize) {
        self.steps.push(Step::Index(index));
    }

    pub(crate) fn leave(&mut self) {
        self.steps.pop();
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("arguments")?;
        self.steps.iter().try_for_each(|step| match step {
            Step::Key(key) => write!(f, ".{key}"),
            Step::Index(index) => write!(f, "[{index}]"),
        })
    }
}

/// Shortens raw JSON for a message and escapes invisible characters.
pub(crate) fn excerpt(raw: &str) -> String {
    let mut text = String::new();
    let mut chars = raw.chars();
    for char in chars.by_ref().take(FOUND_CHARS) {
        match char {
            '\n' | '\r' | '\t' => text.push(' '),
            '"' | '\'' | '\\' => text.push(char),
            // Controls, direction marks and other invisible characters.
            _ => text.extend(char.escape_debug()),
        }
    }
    if chars.next().is_some() {
        let _ = write!(text, "...");
    }
    text
}

/// Describes raw JSON that was found in place of an array or an object. If it is a string that holds the JSON of one, as
/// models often write it, the description shows what to send.
pub(crate) fn found_in_place(raw: &str) -> String {
    let text = scalar::unquoted(raw);
    let inner = text.as_deref().map(|text| text.trim_matches([' ', '\t', '\n', '\r']));
    match inner.filter(|inner| is_array_or_object(inner)) {
        Some(inner) => format!("JSON inside a string: send {}, not {}", excerpt(inner), excerpt(raw)),
        None => excerpt(raw),
    }
}

fn is_array_or_object(text: &str) -> bool {
    text.starts_with(['[', '{']) && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Quotes a string of the caller as a JSON excerpt.
pub(crate) fn quoted(text: &str) -> String {
    let head: String = text.chars().take(FOUND_CHARS + 1).collect();
    excerpt(&serde_json::to_string(&head).unwrap_or_default())
}

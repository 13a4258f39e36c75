//! A string that is borrowed from the JSON wherever that holds no escape, and the rule for those that people and models
//! read.

use std::borrow::Cow;
use std::fmt::{self, Formatter};
use std::ops::Deref;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::{Serialize, Serializer};

use super::error::ContentError;
use crate::text::{self, TextError};

/// A plugin's string. Also inside of options and lists it is copied only to take escapes out, which serde does not
/// do for a `Cow`: base64 is never copied before it is written.
#[derive(Clone, Debug)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

/// The kind of a text that people and models read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The name of a resource, a template or an argument.
    Name,
    /// A title.
    Title,
    /// A description.
    Description,
}

impl Kind {
    fn cap(self) -> usize {
        match self {
            Kind::Name => text::RESOURCE_NAME_CHARS,
            Kind::Title => text::TITLE_CHARS,
            Kind::Description => text::DESCRIPTION_CHARS,
        }
    }

    fn within_cap(self) -> &'static str {
        match self {
            Kind::Name => "at most 255 characters",
            Kind::Title => "at most 128 characters",
            Kind::Description => "at most 8192 characters",
        }
    }

    /// Checks that a text is short enough, and that its reader sees all of it.
    pub(super) fn check(self, text: &str) -> Result<(), ContentError> {
        text::check(text, self.cap()).map_err(|error| {
            let expected = match error {
                TextError::Long { .. } => self.within_cap(),
                TextError::Hidden { .. } | TextError::Joins { .. } => SEEN,
            };
            ContentError::new(expected, text)
        })
    }

    /// As [`check`](Self::check), where there is a text.
    pub(super) fn check_any(self, text: Option<&Text<'_>>) -> Result<(), ContentError> {
        text.map_or(Ok(()), |text| self.check(text))
    }
}

/// The expectation for a text that hides something.
pub(super) const SEEN: &str = "text without control, bidirectional or invisible characters";

impl Text<'_> {
    /// Puts `prefix` before it.
    pub(super) fn prepend(&mut self, prefix: &str) {
        if !prefix.is_empty() {
            self.0.to_mut().insert_str(0, prefix);
        }
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Borrowing).map(Text)
    }
}

struct Borrowing;

impl<'de> Visitor<'de> for Borrowing {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cap_is_told_as_it_is() {
        for kind in [Kind::Name, Kind::Title, Kind::Description] {
            assert_eq!(kind.within_cap(), format!("at most {} characters", kind.cap()));
            assert_eq!(kind.check(&"x".repeat(kind.cap())), Ok(()));
            assert_eq!(kind.check(&"x".repeat(kind.cap() + 1)).unwrap_err().expected, kind.within_cap());
        }
    }
}

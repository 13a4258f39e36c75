//! Reads a file of names and values of which no error shows a value.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::origin::{Lines, Origin};
use super::{HIDDEN_LINE, article, utf8};
use crate::ui::problem::{Problem, Result};

/// Parses `bytes`, lines of the form `NAME = "value"`.
///
/// # Errors
/// The file is not TOML, or a value is not a string.
pub(crate) fn parse_values(file: &str, bytes: &[u8]) -> Result<BTreeMap<String, String>> {
    let text = utf8(file, bytes)?;
    let root = DeTable::parse(text).map_err(|error| {
        let line = error.span().map_or(1, |span| Lines::of(text).number(span.start));
        Problem::refused(format!("{file}:{line}"), "is not TOML")
            .found(HIDDEN_LINE)
            .expected("NAME = \"value\"")
            .next("correct the line; put each value in quotes")
    })?;
    let mut origin = Origin::of(file);
    origin.index(&Lines::of(text), "", root.get_ref());
    let value = |(name, value): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| {
        let name: &std::borrow::Cow<'_, str> = name.get_ref();
        match value.get_ref() {
            DeValue::String(text) => Ok((name.to_string(), text.to_string())),
            other => Err(Problem::refused(origin.place(name), "is not a string")
                .found(article(other.type_str()))
                .expected("NAME = \"value\"")
                .next("put the value in quotes, below no table")),
        }
    };
    root.get_ref().iter().map(value).collect()
}

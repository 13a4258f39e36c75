//! Defines the types of `plugins/text/wit/world.wit` as users of rmcp would write them, with its docs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The size of a text.
#[derive(Serialize, JsonSchema)]
pub(crate) struct TextCounts {
    /// Unicode scalar values, white space included.
    pub(crate) characters: u32,
    /// Runs of characters other than white space.
    pub(crate) words: u32,
    /// Lines; a newline at the end does not start another line.
    pub(crate) lines: u32,
    /// Bytes in UTF-8.
    pub(crate) utf8_bytes: u32,
    /// Minutes that an adult needs to read it, at 238 words a minute.
    pub(crate) reading_minutes: f32,
}

/// The reason why a tool failed.
#[derive(Debug)]
pub(crate) enum TextError {
    /// The text contains no letter and no digit.
    NothingLeft,
}

bitflags::bitflags! {
    /// An option for sorting lines.
    #[derive(Clone, Copy)]
    pub(crate) struct SortOptions: u8 {
        const DESCENDING = 1;
        const IGNORE_CASE = 2;
        const UNIQUE = 4;
        const NATURAL = 8;
    }
}

/// One of [`SortOptions`], by its name in JSON.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SortOption {
    /// From last to first.
    Descending,
    /// Upper and lower case are the same.
    IgnoreCase,
    /// Repeated lines are removed.
    Unique,
    /// `item 9` comes before `item 10`.
    Natural,
}

impl FromIterator<SortOption> for SortOptions {
    fn from_iter<I: IntoIterator<Item = SortOption>>(options: I) -> Self {
        options.into_iter().map(|option| SortOptions::from_bits_retain(1 << option as u8)).collect()
    }
}

//! Compiles the pattern of a string into a table that reads any text in one step for each byte.
//!
//! Authors choose patterns and clients choose texts, and nobody trusts either. Engines that simulate a pattern need
//! time in proportion to its size *times* the text: minutes for megabytes. A complete table (a DFA) needs the same few
//! nanoseconds for each byte whatever the pattern is; what grows with the pattern is the table, and that has a limit.

use std::fmt::{self, Debug, Formatter};
use std::sync::Arc;

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::{Input, MatchKind};
use regex_syntax::ast::Span;
use regex_syntax::ast::parse::Parser;
use regex_syntax::hir::translate::Translator;

use super::ecmascript::{self, Disagreement};

/// The largest table of a pattern, in bytes.
const MAX_TABLE_BYTES: usize = 1 << 20;

/// The most bytes of the tables of one function together.
pub(super) const MAX_PATTERNS_BYTES: usize = 2 << 20;

/// The memory in which a table is made, in bytes: this bounds the time, too.
const MAX_WORK_BYTES: usize = 1 << 20;

/// A regular expression that finds out in one pass whether it matches anywhere in a text.
#[derive(Clone)]
pub(crate) struct Pattern {
    text: String,
    table: Arc<dense::DFA<Vec<u32>>>,
}

/// The reason why a pattern is refused.
#[derive(Debug, thiserror::Error)]
pub enum PatternError {
    /// Its syntax is wrong.
    #[error("is no regular expression: {reason} at character {column}")]
    Syntax {
        /// The words of the parser.
        reason: String,
        /// The place, from 1.
        column: usize,
    },
    /// Clients cannot compile it, or understand something else.
    #[error(transparent)]
    Disagreement(#[from] Disagreement),
    /// It takes too large a table.
    #[error(
        "takes a table of more than {} MiB: repeat less in it, start it with `^`, and limit lengths with `max-length`",
        MAX_TABLE_BYTES >> 20
    )]
    TooLarge,
}

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// The pattern is malformed, or its table would be too large.
    pub(crate) fn new(text: &str) -> Result<Self, PatternError> {
        let mut ast = Parser::new().parse(text).map_err(|error| refuse(error.kind(), error.span()))?;
        ecmascript::adapt(&mut ast, text)?;
        let hir =
            Translator::new().translate(text, &ast).map_err(|error| refuse(error.kind(), error.span()))?;
        let config =
            thompson::Config::new().which_captures(WhichCaptures::None).nfa_size_limit(Some(MAX_WORK_BYTES));
        let states = thompson::Compiler::new().configure(config).build_from_hir(&hir);
        let states = states.map_err(|_| PatternError::TooLarge)?;
        let config = dense::Config::new()
            .start_kind(StartKind::Unanchored)
            .match_kind(MatchKind::LeftmostFirst)
            .dfa_size_limit(Some(MAX_TABLE_BYTES))
            .determinize_size_limit(Some(MAX_WORK_BYTES));
        let table = dense::Builder::new().configure(config).build_from_nfa(&states);
        Ok(Self { text: text.to_owned(), table: Arc::new(table.map_err(|_| PatternError::TooLarge)?) })
    }

    /// Tells whether the pattern matches somewhere in `text`.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        let input = Input::new(text).earliest(true);
        // The search only fails at bytes on which a table is told to stop, and ours are told of none.
        self.table.try_search_fwd(&input).is_ok_and(|found| found.is_some())
    }

    /// Returns the pattern as its author wrote it.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the size of its table, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.table.memory_usage()
    }
}

impl Debug for Pattern {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.text).finish()
    }
}

fn refuse(reason: &impl ToString, span: &Span) -> PatternError {
    PatternError::Syntax { reason: reason.to_string(), column: span.start.column }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use serde::Deserialize;

    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::new(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}")).is_match(text)
    }

    #[test]
    fn a_pattern_matches_anywhere_unless_it_is_anchored() {
        for (pattern, text, expected) in [
            ("b", "abc", true),
            ("^b", "abc", false),
            ("^a.c$", "aéc", true),
            ("^a.c$", "a\nc", false),
            ("^$", "", true),
            ("^[^x]{2}$", "äö", true),
            ("^(?:ab|cd){2}$", "abcd", true),
            ("^a{2,3}?$", "aaaa", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} on {text:?}");
        }
    }

    /// Patterns, and how this server and the engine of JavaScript (`tests/patterns`) read them.
    #[derive(Deserialize)]
    struct Table {
        refused: Vec<Refused>,
        accepted: Vec<Accepted>,
    }

    #[derive(Deserialize)]
    struct Refused {
        pattern: String,
        has: String,
        advice: String,
    }

    #[derive(Deserialize)]
    struct Accepted {
        pattern: String,
        text: String,
        matches: bool,
    }

    fn table() -> Table {
        serde_json::from_str(include_str!("testing/patterns.json")).expect("the table is JSON of this form")
    }

    #[test]
    fn what_clients_cannot_compile_is_refused_with_what_to_write_instead() {
        for Refused { pattern, has, advice } in table().refused {
            let error = Pattern::new(&pattern).expect_err(&pattern).to_string();
            assert!(error.contains(&format!("has {has}")) && error.contains(&advice), "{pattern}: {error}");
        }
    }

    #[test]
    fn what_clients_compile_means_the_same_here() {
        for Accepted { pattern, text, matches: expected } in table().accepted {
            assert_eq!(matches(&pattern, &text), expected, "{pattern} on {text:?}");
        }
    }

    #[test]
    fn a_malformed_pattern_is_refused_with_its_place() {
        for (pattern, expected) in [
            ("a[", "is no regular expression: unclosed character class at character 2"),
            ("(a", "is no regular expression: unclosed group at character 1"),
        ] {
            assert_eq!(Pattern::new(pattern).unwrap_err().to_string(), expected);
        }
        for pattern in ["(a", "(?=a)", r"(a)\1", "a{2,1}", "a**{"] {
            assert!(Pattern::new(pattern).is_err() || pattern == "a**{", "{pattern}");
        }
    }

    #[test]
    fn a_long_text_takes_time_in_proportion_to_its_length_alone() {
        let start = Instant::now();
        let text = "a".repeat(3_000_000);
        for pattern in ["[a-z]{1,200}[0-9]", "(a|aa)+$b", "(a*)*b", "(.*)(.*)(.*)x", "^(a+)+$"] {
            assert_eq!(matches(pattern, &text), pattern.ends_with("+$"), "{pattern}");
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    }

    #[test]
    fn a_pattern_whose_table_would_be_large_is_refused_soon() {
        let start = Instant::now();
        for pattern in [
            "[ab]*a[ab]{30}",
            "((((a{100}){100}){100}){100}){100}",
            "[a-z]{1,2000}[0-9]",
            "(x.{1,400}){1,400}y",
        ] {
            let error = Pattern::new(pattern).unwrap_err();
            assert!(matches!(error, PatternError::TooLarge), "{pattern}: {error}");
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    }

    #[test]
    fn what_plugins_use_takes_small_tables() {
        for pattern in [
            "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$",
            "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
            "^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,255}\\.[A-Za-z]{2,24}$",
            "^data:image/[a-z]+;base64,[A-Za-z0-9+/]+=*$",
            "^(\\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?(Z|[+-]\\d{2}:\\d{2})$",
            "^.{1,280}$",
            "\\S",
        ] {
            let pattern = Pattern::new(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
            assert!(pattern.bytes() <= 900 << 10, "{}: {}", pattern.as_str(), pattern.bytes());
        }
    }
}

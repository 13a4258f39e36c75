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
use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{
    Assertion, AssertionKind, Ast, ClassAscii, ClassAsciiKind, ClassBracketed, ClassPerl, ClassPerlKind,
    ClassSet, ClassSetItem, Flag, Flags, FlagsItem, FlagsItemKind, Group, GroupKind, Span,
};
use regex_syntax::hir::translate::Translator;

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
        make_ascii(&mut ast)?;
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

/// Gives `\d`, `\s`, `\w` and `\b` the meaning that they have in JSON Schema, and refuses what it does not know: they
/// are about ASCII, while all else is about Unicode.
fn make_ascii(ast: &mut Ast) -> Result<(), PatternError> {
    match ast {
        Ast::ClassPerl(class) => {
            let kind = ClassSet::Item(ClassSetItem::Ascii(ascii_class(class)));
            *ast = Ast::class_bracketed(ClassBracketed { span: class.span, negated: false, kind });
        }
        Ast::Assertion(assertion) if is_about_words(&assertion.kind) => {
            *ast = without_unicode(Assertion::clone(assertion));
        }
        Ast::ClassUnicode(class) => return Err(no_unicode_class(&class.span)),
        Ast::ClassBracketed(class) => make_set_ascii(&mut class.kind)?,
        Ast::Repetition(repetition) => make_ascii(&mut repetition.ast)?,
        Ast::Group(group) => make_ascii(&mut group.ast)?,
        Ast::Alternation(alternation) => alternation.asts.iter_mut().try_for_each(make_ascii)?,
        Ast::Concat(concat) => concat.asts.iter_mut().try_for_each(make_ascii)?,
        Ast::Empty(_) | Ast::Flags(_) | Ast::Literal(_) | Ast::Dot(_) | Ast::Assertion(_) => {}
    }
    Ok(())
}

fn make_set_ascii(set: &mut ClassSet) -> Result<(), PatternError> {
    match set {
        ClassSet::Item(item) => make_item_ascii(item),
        ClassSet::BinaryOp(operation) => Err(refuse(&"a class has no set operations", &operation.span)),
    }
}

fn make_item_ascii(item: &mut ClassSetItem) -> Result<(), PatternError> {
    match item {
        ClassSetItem::Perl(class) => *item = ClassSetItem::Ascii(ascii_class(class)),
        ClassSetItem::Unicode(class) => return Err(no_unicode_class(&class.span)),
        ClassSetItem::Bracketed(class) => make_set_ascii(&mut class.kind)?,
        ClassSetItem::Union(union) => union.items.iter_mut().try_for_each(make_item_ascii)?,
        ClassSetItem::Empty(_)
        | ClassSetItem::Literal(_)
        | ClassSetItem::Range(_)
        | ClassSetItem::Ascii(_) => {}
    }
    Ok(())
}

fn ascii_class(class: &ClassPerl) -> ClassAscii {
    let kind = match class.kind {
        ClassPerlKind::Digit => ClassAsciiKind::Digit,
        ClassPerlKind::Space => ClassAsciiKind::Space,
        ClassPerlKind::Word => ClassAsciiKind::Word,
    };
    ClassAscii { span: class.span, kind, negated: class.negated }
}

/// Tells whether an assertion is about the words of a text, not about its start, its end or its lines.
fn is_about_words(kind: &AssertionKind) -> bool {
    use AssertionKind::{EndLine, EndText, StartLine, StartText};

    !matches!(kind, StartLine | EndLine | StartText | EndText)
}

/// Switches Unicode off for an assertion.
fn without_unicode(assertion: Assertion) -> Ast {
    let span = assertion.span;
    let item = |kind| FlagsItem { span, kind };
    let items = vec![item(FlagsItemKind::Negation), item(FlagsItemKind::Flag(Flag::Unicode))];
    let kind = GroupKind::NonCapturing(Flags { span, items });
    Ast::group(Group { span, kind, ast: Box::new(Ast::assertion(assertion)) })
}

fn no_unicode_class(span: &Span) -> PatternError {
    refuse(&"classes of Unicode (`\\p`) are not supported", span)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

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
            ("(?i)^AB$", "ab", true),
            ("^a{2,3}?$", "aaaa", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} on {text:?}");
        }
    }

    #[test]
    fn words_digits_and_spaces_are_those_of_ascii() {
        for (pattern, text, expected) in [
            (r"^\w$", "a", true),
            (r"^\w$", "ä", false),
            (r"^\W$", "ä", true),
            (r"^[\w-]$", "-", true),
            (r"^[^\d]$", "٣", true),
            (r"^\d$", "٣", false),
            (r"^\s$", "\u{a0}", false),
            (r"\bb", "äb", true),
            (r"^[[:alpha:]]$", "z", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} on {text:?}");
        }
    }

    #[test]
    fn a_malformed_pattern_is_refused_with_its_place() {
        for (pattern, expected) in [
            ("a[", "is no regular expression: unclosed character class at character 2"),
            (
                r"a\p{L}",
                "is no regular expression: classes of Unicode (`\\p`) are not supported at character 2",
            ),
            ("[a&&b]", "is no regular expression: a class has no set operations at character 2"),
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

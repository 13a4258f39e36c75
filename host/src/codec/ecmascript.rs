//! Gives a pattern the meaning that it has in JSON Schema, whose regular expressions are those of ECMA-262 with the flag
//! `u`: clients compile the same text.
//!
//! The parser of `regex-syntax` knows more, and means something else by some of it. What ECMA-262 does not have is refused
//! here, with its place and with what to write instead; what means something else there is replaced.

use regex_syntax::ast::{
    Assertion, AssertionKind, Ast, CaptureName, ClassAscii, ClassAsciiKind, ClassBracketed, ClassPerl,
    ClassPerlKind, ClassSet, ClassSetItem, ClassSetRange, ClassSetUnion, Flag, Flags, FlagsItem,
    FlagsItemKind, Group, GroupKind, HexLiteralKind, Literal, LiteralKind, Repetition, Span,
    SpecialLiteralKind,
};

/// Something in a pattern that clients cannot compile, or understand as something else.
#[derive(Debug, thiserror::Error)]
#[error("has {what} at character {column}, on which clients and this server do not agree: {instead}")]
pub struct Disagreement {
    what: &'static str,
    instead: &'static str,
    column: usize,
}

/// The characters that end a line, which `.` does not match.
const LINE_ENDS: &[(char, char)] = &[('\n', '\n'), ('\r', '\r'), ('\u{2028}', '\u{2029}')];

/// The characters that `\s` matches: white space and the ends of lines.
const SPACES: &[(char, char)] = &[
    ('\t', '\r'),
    (' ', ' '),
    ('\u{a0}', '\u{a0}'),
    ('\u{1680}', '\u{1680}'),
    ('\u{2000}', '\u{200a}'),
    ('\u{2028}', '\u{2029}'),
    ('\u{202f}', '\u{202f}'),
    ('\u{205f}', '\u{205f}'),
    ('\u{3000}', '\u{3000}'),
    ('\u{feff}', '\u{feff}'),
];

/// The characters that a backslash makes plain.
const ESCAPED: &str = "^$\\.*+?()[]{}|/";

/// Reads a parsed pattern as ECMA-262 does; `text` is what was parsed.
///
/// # Errors
/// It uses what ECMA-262 does not have.
pub(super) fn adapt(ast: &mut Ast, text: &str) -> Result<(), Disagreement> {
    match ast {
        Ast::Flags(flags) => return Err(no_flags(&flags.span)),
        Ast::ClassUnicode(class) => return Err(no_unicode_class(&class.span)),
        Ast::Literal(literal) => check_literal(literal, false)?,
        Ast::Assertion(assertion) => check_assertion(assertion)?,
        Ast::Group(group) => check_group(group)?,
        Ast::Repetition(repetition) => check_repetition(repetition, text)?,
        Ast::ClassBracketed(class) => adapt_set(&mut class.kind)?,
        Ast::ClassPerl(_) | Ast::Dot(_) | Ast::Alternation(_) | Ast::Concat(_) | Ast::Empty(_) => {}
    }
    match ast {
        Ast::ClassPerl(class) => *ast = bracketed(class.span, false, perl_class(class)),
        Ast::Dot(span) => *ast = bracketed(**span, true, set_of(**span, LINE_ENDS)),
        Ast::Assertion(assertion) if is_about_words(&assertion.kind) => {
            *ast = without_unicode(Assertion::clone(assertion));
        }
        Ast::Repetition(repetition) => adapt(&mut repetition.ast, text)?,
        Ast::Group(group) => adapt(&mut group.ast, text)?,
        Ast::Alternation(alternation) => alternation.asts.iter_mut().try_for_each(|ast| adapt(ast, text))?,
        Ast::Concat(concat) => concat.asts.iter_mut().try_for_each(|ast| adapt(ast, text))?,
        _ => {}
    }
    Ok(())
}

fn adapt_set(set: &mut ClassSet) -> Result<(), Disagreement> {
    match set {
        ClassSet::Item(item) => adapt_item(item),
        ClassSet::BinaryOp(operation) => Err(refuse(
            "a class with an operation (`&&`, `--`, `~~`)",
            "write its characters",
            &operation.span,
        )),
    }
}

fn adapt_item(item: &mut ClassSetItem) -> Result<(), Disagreement> {
    match item {
        ClassSetItem::Literal(literal) => check_literal(literal, true)?,
        ClassSetItem::Range(range) => {
            check_literal(&range.start, true)?;
            check_literal(&range.end, true)?;
        }
        ClassSetItem::Perl(class) => *item = perl_class(class),
        ClassSetItem::Ascii(class) => {
            return Err(refuse("a class with a name", "write its characters, as `[A-Za-z]`", &class.span));
        }
        ClassSetItem::Unicode(class) => return Err(no_unicode_class(&class.span)),
        ClassSetItem::Bracketed(class) => {
            return Err(refuse("a class in a class", "write `\\[` for the character", &class.span));
        }
        ClassSetItem::Union(union) => union.items.iter_mut().try_for_each(adapt_item)?,
        ClassSetItem::Empty(_) => {}
    }
    Ok(())
}

fn check_literal(literal: &Literal, in_class: bool) -> Result<(), Disagreement> {
    let span = &literal.span;
    match &literal.kind {
        LiteralKind::Verbatim => match literal.c {
            ']' => Err(refuse("a `]` that closes no class", "write `\\]` for the character", span)),
            '{' | '}' if !in_class => {
                Err(refuse("a brace that belongs to no repetition", "write a backslash before it", span))
            }
            _ => Ok(()),
        },
        LiteralKind::Meta | LiteralKind::Superfluous => {
            match ESCAPED.contains(literal.c) || in_class && literal.c == '-' {
                true => Ok(()),
                false => Err(refuse(
                    "a backslash before a character that needs none",
                    "leave the backslash out",
                    span,
                )),
            }
        }
        LiteralKind::HexFixed(HexLiteralKind::X | HexLiteralKind::UnicodeShort)
        | LiteralKind::HexBrace(HexLiteralKind::UnicodeShort) => Ok(()),
        LiteralKind::HexFixed(HexLiteralKind::UnicodeLong)
        | LiteralKind::HexBrace(HexLiteralKind::X | HexLiteralKind::UnicodeLong)
        | LiteralKind::Octal => {
            Err(refuse("a code in this form", "write `\\x41`, `\\u0041` or `\\u{41}`", span))
        }
        LiteralKind::Special(SpecialLiteralKind::Bell | SpecialLiteralKind::Space) => {
            Err(refuse("this escape", "write `\\x07` for a bell, a space as it is", span))
        }
        LiteralKind::Special(_) => Ok(()),
    }
}

fn check_assertion(assertion: &Assertion) -> Result<(), Disagreement> {
    use AssertionKind::{EndLine, NotWordBoundary, StartLine, WordBoundary};

    match assertion.kind {
        StartLine | EndLine | WordBoundary | NotWordBoundary => Ok(()),
        _ => Err(refuse("this assertion", "write `^`, `$`, `\\b` or `\\B`", &assertion.span)),
    }
}

fn check_group(group: &Group) -> Result<(), Disagreement> {
    match &group.kind {
        GroupKind::CaptureIndex(_) => Ok(()),
        GroupKind::CaptureName { starts_with_p: true, name } => {
            Err(refuse("a name with `?P<`", "write `?<` before the name", &name.span))
        }
        GroupKind::CaptureName { name, .. } if !is_identifier(name) => {
            Err(refuse("this name of a group", "write letters, digits and `_`", &name.span))
        }
        GroupKind::CaptureName { .. } => Ok(()),
        GroupKind::NonCapturing(flags) if flags.items.is_empty() => Ok(()),
        GroupKind::NonCapturing(flags) => Err(no_flags(&flags.span)),
    }
}

fn is_identifier(name: &CaptureName) -> bool {
    name.name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn check_repetition(repetition: &Repetition, text: &str) -> Result<(), Disagreement> {
    let span = &repetition.op.span;
    let operator = text.get(span.start.offset..span.end.offset).unwrap_or_default();
    if operator.contains(char::is_whitespace) {
        return Err(refuse("a repetition in this form", "write `{2}`, `{2,}` or `{2,3}`", span));
    }
    match *repetition.ast {
        Ast::Repetition(_) => {
            Err(refuse("a repetition of a repetition", "put parentheses around the first", span))
        }
        Ast::Assertion(_) => Err(refuse("a repetition of an assertion", "leave the repetition out", span)),
        _ => Ok(()),
    }
}

/// Returns what `\d`, `\s` and `\w` match: the digits and letters of ASCII, and the spaces of Unicode.
fn perl_class(class: &ClassPerl) -> ClassSetItem {
    let ascii = |kind| ClassSetItem::Ascii(ClassAscii { span: class.span, kind, negated: class.negated });
    match class.kind {
        ClassPerlKind::Digit => ascii(ClassAsciiKind::Digit),
        ClassPerlKind::Word => ascii(ClassAsciiKind::Word),
        ClassPerlKind::Space => {
            let kind = ClassSet::Item(set_of(class.span, SPACES));
            let negated = class.negated;
            ClassSetItem::Bracketed(Box::new(ClassBracketed { span: class.span, negated, kind }))
        }
    }
}

fn set_of(span: Span, ranges: &[(char, char)]) -> ClassSetItem {
    let literal = |c| Literal { span, kind: LiteralKind::Verbatim, c };
    let range = |(start, end): &(char, char)| {
        ClassSetItem::Range(ClassSetRange { span, start: literal(*start), end: literal(*end) })
    };
    ClassSetItem::Union(ClassSetUnion { span, items: ranges.iter().map(range).collect() })
}

fn bracketed(span: Span, negated: bool, item: ClassSetItem) -> Ast {
    Ast::class_bracketed(ClassBracketed { span, negated, kind: ClassSet::Item(item) })
}

/// Tells whether an assertion is about the words of a text, not about its start or its end.
fn is_about_words(kind: &AssertionKind) -> bool {
    matches!(kind, AssertionKind::WordBoundary | AssertionKind::NotWordBoundary)
}

/// Switches Unicode off for an assertion.
fn without_unicode(assertion: Assertion) -> Ast {
    let span = assertion.span;
    let item = |kind| FlagsItem { span, kind };
    let items = vec![item(FlagsItemKind::Negation), item(FlagsItemKind::Flag(Flag::Unicode))];
    let kind = GroupKind::NonCapturing(Flags { span, items });
    Ast::group(Group { span, kind, ast: Box::new(Ast::assertion(assertion)) })
}

fn no_flags(span: &Span) -> Disagreement {
    refuse("flags", "write both cases of a letter, as `[Aa]`", span)
}

fn no_unicode_class(span: &Span) -> Disagreement {
    refuse("a class of Unicode (`\\p`)", "write its characters, as `[A-Za-zÀ-ÿ]`", span)
}

fn refuse(what: &'static str, instead: &'static str, span: &Span) -> Disagreement {
    Disagreement { what, instead, column: span.start.column }
}

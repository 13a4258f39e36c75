//! Says in words what JSON a type accepts, for messages that a model corrects itself from.

use std::fmt::Write as _;

use super::check::Rule;
use super::leaf::{Expected, Integer};
use super::{Case, Label, Type};

/// Most alternatives that one message lists.
const LISTED: usize = 12;

/// The cases of a variant or of a nested result, seen alike.
#[derive(Clone, Copy)]
pub(crate) enum Cases<'p> {
    Variant(&'p [Case]),
    Result { ok: Option<&'p Type>, err: Option<&'p Type> },
}

impl<'p> Cases<'p> {
    /// The cases of `ty`, if it has any.
    pub(crate) fn of(ty: &'p Type) -> Option<Self> {
        match ty {
            Type::Variant(cases) => Some(Self::Variant(cases)),
            Type::Result { ok, err } => Some(Self::Result { ok: ok.as_deref(), err: err.as_deref() }),
            _ => None,
        }
    }

    pub(crate) fn len(self) -> usize {
        match self {
            Self::Variant(cases) => cases.len(),
            Self::Result { .. } => 2,
        }
    }

    /// JSON name and payload of a case, in WIT order (`ok` before `err`).
    pub(crate) fn get(self, index: usize) -> (&'p str, Option<&'p Type>) {
        match self {
            Self::Variant(cases) => (&cases[index].name, cases[index].payload.as_ref()),
            Self::Result { ok, .. } if index == 0 => ("ok", ok),
            Self::Result { err, .. } => ("err", err),
        }
    }

    pub(crate) fn iter(self) -> impl ExactSizeIterator<Item = (&'p str, Option<&'p Type>)> {
        (0..self.len()).map(move |index| self.get(index))
    }

    /// Finds a case by its JSON name.
    pub(crate) fn position(self, name: &str) -> Option<usize> {
        self.iter().position(|(case, _)| case == name)
    }
}

/// What `ty` accepts.
pub(crate) fn value(ty: &Type, rule: &Rule) -> Expected {
    Expected(match ty {
        Type::Bool => "true or false".into(),
        Type::F32 | Type::F64 => return rule.float.expected(),
        Type::Char => "a string of exactly one character".into(),
        Type::String => rule.text_expected().0,
        Type::Bytes => "bytes as a string of standard base64 (with padding, unused bits zero)".into(),
        Type::List(_) => rule.items_expected().0,
        Type::Tuple(types) => format!("an array of {}", counted(types.len(), "item")),
        Type::Record(fields) => keys(fields.iter().map(|field| field.name.as_str())),
        Type::Enum(names) => labels(names),
        Type::Flags(names) => format!("an array with any of {}", listed("", names.iter().map(quoted)).trim()),
        Type::Option(inner) if inner.accepts_null() => "null or {\"some\": ...}".into(),
        Type::Option(inner) => format!("{}, or null", value(inner, rule).0),
        Type::Variant(_) | Type::Result { .. } => {
            let cases: Vec<_> = Cases::of(ty).into_iter().flat_map(Cases::iter).collect();
            one_of(cases.into_iter().map(|(name, payload)| case(name, payload)))
        }
        _ => match Integer::of(ty) {
            Some(integer) => return rule.integer.unwrap_or(integer).expected(),
            None => "a value".into(),
        },
    })
}

/// An object's keys.
pub(crate) fn keys<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    match names.len() {
        0 => "an object without keys".into(),
        1 => listed("an object with the key", names.map(|name| format!("\"{name}\""))),
        _ => listed("an object with the keys", names.map(|name| format!("\"{name}\""))),
    }
}

/// The names of an enum's cases or of flags.
pub(crate) fn labels(labels: &[Label]) -> String {
    one_of(labels.iter().map(quoted))
}

fn quoted(label: &Label) -> String {
    format!("\"{}\"", label.name)
}

/// A case as its JSON begins: `"none"` or `{"circle": ...}`.
fn case(name: &str, payload: Option<&Type>) -> String {
    if payload.is_some() { format!("{{\"{name}\": ...}}") } else { format!("\"{name}\"") }
}

/// "1 item", "2 items".
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn one_of(items: impl ExactSizeIterator<Item = String>) -> String {
    let lead = if items.len() == 1 { "" } else { "one of" };
    listed(lead, items).trim_start().to_owned()
}

fn listed(lead: &str, items: impl ExactSizeIterator<Item = String>) -> String {
    let total = items.len();
    let mut text = String::from(lead);
    for (index, item) in items.take(LISTED).enumerate() {
        let _ = write!(text, "{} {item}", if index == 0 { "" } else { "," });
    }
    if total > LISTED {
        let _ = write!(text, " and {} more", total - LISTED);
    }
    text
}

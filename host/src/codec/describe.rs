//! Describes in words the JSON that a type accepts, for messages from which a model corrects itself.

use super::cases::Cases;
use super::phrase::{counted, keys, listed, one_of};
use super::plan::{Label, Type};
use super::rule::Rule;
use super::scalar::{Expected, IntegerRange};

/// Describes the JSON that `ty` accepts.
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
        _ => match IntegerRange::of(ty) {
            Some(integer) => return rule.integer.unwrap_or(integer).expected(),
            None => "a value".into(),
        },
    })
}

/// Lists the names of an enum's cases or of flags.
pub(crate) fn labels(labels: &[Label]) -> String {
    one_of(labels.iter().map(quoted))
}

fn quoted(label: &Label) -> String {
    format!("\"{}\"", label.name)
}

/// Shows the JSON of a case: `"none"` or `{"circle": ...}`.
fn case(name: &str, payload: Option<&Type>) -> String {
    if payload.is_some() { format!("{{\"{name}\": ...}}") } else { format!("\"{name}\"") }
}

//! The state of one decoding: where it is, what memory is left, what went wrong first.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error;
use wasmtime::component::Val;

use super::budget::{Budget, Exceeded};
use crate::codec::describe;
use crate::codec::error::{ArgumentError, Path, excerpt};
use crate::codec::plan::{Label, Type};
use crate::codec::rule::{ANY, Rule};
use crate::codec::scalar::{self, Expected, IntegerRange};

/// The state while reading. Serde carries errors as text, so the first one is kept here.
pub(super) struct Reader<'p> {
    pub(super) path: Path<'p>,
    budget: Budget,
    pub(super) error: Option<ArgumentError>,
}

impl<'p> Reader<'p> {
    pub(super) fn new(budget_bytes: usize) -> Self {
        Self { path: Path::default(), budget: Budget::new(budget_bytes), error: None }
    }

    /// Remembers malformed JSON at the innermost place that met it.
    pub(super) fn note(&mut self, error: &impl fmt::Display) {
        if self.error.is_none() {
            let text = error.to_string();
            let expected = if text.contains("hex escape") {
                "well-formed JSON with surrogate escapes in pairs only"
            } else {
                "well-formed JSON in UTF-8"
            };
            self.refuse::<serde_json::Error>(expected.into(), text);
        }
    }

    pub(super) fn refuse<E: Error>(&mut self, expected: String, found: String) -> E {
        self.error = Some(ArgumentError { path: self.path.to_string(), found, expected });
        E::custom("refused")
    }

    fn pay<E: Error>(&mut self, paid: Result<(), Exceeded>) -> Result<(), E> {
        paid.map_err(|Exceeded { limit_bytes }| {
            let expected = format!("arguments that take at most {limit_bytes} bytes of memory in all");
            self.refuse(expected, "more".into())
        })
    }

    pub(super) fn take<E: Error>(&mut self, count: usize, size: usize) -> Result<(), E> {
        let paid = self.budget.take(count, size);
        self.pay(paid)
    }

    pub(super) fn push<E: Error>(&mut self, list: &mut Vec<Val>, item: Val) -> Result<(), E> {
        let paid = self.budget.push(list, item);
        self.pay(paid)
    }

    pub(super) fn boxed<E: Error>(&mut self, value: Val) -> Result<Box<Val>, E> {
        self.take(1, size_of::<Val>())?;
        Ok(Box::new(value))
    }

    pub(super) fn name<E: Error>(&mut self, json_name: &str) -> Result<String, E> {
        self.take(1, json_name.len())?;
        Ok(json_name.replace('_', "-"))
    }

    /// A value that JSON writes without brackets, from its raw text.
    pub(super) fn scalar<E: Error>(&mut self, ty: &'p Type, rule: &'p Rule, raw: &str) -> Result<Val, E> {
        let value = match ty {
            Type::String => return self.string(rule, raw),
            Type::Bytes => return self.bytes(raw),
            Type::Enum(labels) => match label(labels, raw) {
                Some(index) => return self.name(&labels[index].name).map(Val::Enum),
                None => None,
            },
            Type::Bool => scalar::boolean(raw).map(Val::Bool),
            Type::Char => scalar::character(raw).map(Val::Char),
            Type::F32 => rule.float.read_f32(raw).ok().map(Val::Float32),
            Type::F64 => rule.float.read_f64(raw).ok().map(Val::Float64),
            _ => IntegerRange::of(ty)
                .and_then(|all| rule.integer.unwrap_or(all).read(raw).ok())
                .and_then(|value| integer(ty, value)),
        };
        value.ok_or_else(|| self.refuse(describe::value(ty, rule).0, excerpt(raw)))
    }

    fn string<E: Error>(&mut self, rule: &'p Rule, raw: &str) -> Result<Val, E> {
        self.take(1, raw.len())?;
        let Some(text) = scalar::unquoted(raw) else { return Err(self.not_text(rule.text_expected(), raw)) };
        if !rule.allows_text(&text) {
            return Err(self.refuse(rule.text_expected().0, excerpt(raw)));
        }
        Ok(Val::String(text.into_owned()))
    }

    fn bytes<E: Error>(&mut self, raw: &str) -> Result<Val, E> {
        let expected = describe::value(&Type::Bytes, &ANY);
        let Some(text) = scalar::unquoted(raw) else { return Err(self.not_text(expected, raw)) };
        let len = scalar::bytes_len(&text);
        self.take(len, 1 + size_of::<Val>())?;
        let Some(bytes) = STANDARD.decode(&*text).ok() else {
            return Err(self.refuse(expected.0, excerpt(raw)));
        };
        Ok(Val::List(bytes.into_iter().map(Val::U8).collect()))
    }

    /// Tells a string that is no text (a lone surrogate) from another kind of value.
    fn not_text<E: Error>(&mut self, expected: Expected, raw: &str) -> E {
        let surrogates = if raw.starts_with('"') { " with surrogate escapes in pairs only" } else { "" };
        self.refuse(format!("{}{surrogates}", expected.0), excerpt(raw))
    }
}

/// Narrows an integer that is known to be in range.
fn integer(ty: &Type, value: i128) -> Option<Val> {
    Some(match ty {
        Type::S8 => Val::S8(value.try_into().ok()?),
        Type::U8 => Val::U8(value.try_into().ok()?),
        Type::S16 => Val::S16(value.try_into().ok()?),
        Type::U16 => Val::U16(value.try_into().ok()?),
        Type::S32 => Val::S32(value.try_into().ok()?),
        Type::U32 => Val::U32(value.try_into().ok()?),
        Type::S64 => Val::S64(value.try_into().ok()?),
        Type::U64 => Val::U64(value.try_into().ok()?),
        _ => return None,
    })
}

/// Finds the enum case or flag that raw JSON names.
pub(super) fn label(labels: &[Label], raw: &str) -> Option<usize> {
    let name = scalar::unquoted(raw)?;
    labels.iter().position(|label| label.name == name)
}

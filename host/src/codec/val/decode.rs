//! Raw JSON to values: a serde visitor that follows the plan, without a JSON tree in between.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use wasmtime::component::Val;

use super::reader::Reader;
use crate::codec::cases::Cases;
use crate::codec::checked::{CheckedFunction, CheckedParam};
use crate::codec::error::{ArgumentError, found_in_place};
use crate::codec::plan::Type;
use crate::codec::rule::Rule;
use crate::codec::{describe, phrase};

/// Memory for a default or an example, which its author wrote and no caller chooses.
const SAMPLE_BUDGET_BYTES: usize = 16 << 20;

/// Reads the arguments of a call: one JSON object, as it came from the client.
///
/// # Errors
/// Values that are not of the parameters' types, malformed JSON, and values that together would take more than
/// `budget_bytes` of memory.
pub(crate) fn decode(
    plan: &CheckedFunction,
    arguments: &[u8],
    budget_bytes: usize,
) -> Result<Vec<Val>, ArgumentError> {
    let mut reader = Reader::new(budget_bytes);
    match reader.read(serde_json::Deserializer::from_slice(arguments), Shape::Arguments(&plan.params))? {
        Val::Tuple(values) => Ok(values),
        other => unreachable!("arguments are read as a tuple, not {other:?}"),
    }
}

/// Reads one argument by itself.
pub(crate) fn decode_param(param: &CheckedParam, raw: &str) -> Result<Val, ArgumentError> {
    let mut reader = Reader::new(SAMPLE_BUDGET_BYTES);
    reader.path.enter_key(&param.param.name);
    let deserializer = serde_json::Deserializer::from_str(raw);
    reader
        .read(deserializer, Shape::Value(param.param.presented(), &param.rule))
        .map(|value| param.given(value))
}

impl CheckedParam {
    /// Puts back the option that [`Param::presented`] took off.
    pub(super) fn given(&self, value: Val) -> Val {
        if std::ptr::eq(self.param.presented(), &self.param.ty) {
            value
        } else {
            Val::Option(Some(Box::new(value)))
        }
    }
}

/// The form in which the next JSON value is read.
#[derive(Clone, Copy)]
pub(super) enum Shape<'p> {
    /// The arguments object; gives a tuple.
    Arguments(&'p [CheckedParam]),
    /// A value of that type.
    Value(&'p Type, &'p Rule),
    /// `{"some": ...}` around a value of that type; gives the value.
    Some(&'p Type, &'p Rule),
}

/// Reads one value; the serde face of [`Reader`].
pub(super) struct Seed<'a, 'p> {
    pub(super) reader: &'a mut Reader<'p>,
    pub(super) shape: Shape<'p>,
}

/// Reads one value, or null as nothing.
pub(super) struct OrNull<'a, 'p>(pub(super) Seed<'a, 'p>);

impl<'de> DeserializeSeed<'de> for OrNull<'_, '_> {
    type Value = Option<Val>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for OrNull<'_, '_> {
    type Value = Option<Val>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.shape.expected())
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        self.0.deserialize(deserializer).map(Some)
    }
}

impl<'p> Reader<'p> {
    fn read<'de, R: serde_json::de::Read<'de>>(
        &mut self,
        mut deserializer: serde_json::Deserializer<R>,
        shape: Shape<'p>,
    ) -> Result<Val, ArgumentError> {
        let value = Seed { reader: self, shape }.deserialize(&mut deserializer);
        let value = value.and_then(|value| deserializer.end().map(|()| value));
        value.map_err(|error| {
            self.note(&error);
            self.error.take().unwrap_or_else(|| unreachable!("noted just now"))
        })
    }

    pub(super) fn mismatch<E: Error>(&mut self, shape: Shape<'_>, found: String) -> E {
        let expected = shape.expected();
        self.refuse(expected, found)
    }

    pub(super) fn seed(&mut self, ty: &'p Type, rule: &'p Rule) -> Seed<'_, 'p> {
        Seed { reader: self, shape: Shape::Value(ty, rule) }
    }
}

impl Shape<'_> {
    fn expected(self) -> String {
        match self {
            Shape::Arguments(params) => phrase::keys(params.iter().map(|p| p.param.name.as_str())),
            Shape::Value(ty, rule) => describe::value(ty, rule).0,
            Shape::Some(..) => "null or {\"some\": ...}".into(),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_, '_> {
    type Value = Val;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Val, D::Error> {
        let reader = self.reader;
        let result = match self.shape {
            Shape::Value(Type::Option(_), _) => {
                deserializer.deserialize_option(Seed { reader: &mut *reader, shape: self.shape })
            }
            Shape::Value(ty, rule) if is_scalar(ty) => {
                <&RawValue>::deserialize(deserializer).and_then(|raw| reader.scalar(ty, rule, raw.get()))
            }
            shape => deserializer.deserialize_any(Seed { reader: &mut *reader, shape }),
        };
        result.inspect_err(|error| reader.note(error))
    }
}

fn is_scalar(ty: &Type) -> bool {
    !matches!(
        ty,
        Type::List(_)
            | Type::Tuple(_)
            | Type::Record(_)
            | Type::Variant(_)
            | Type::Flags(_)
            | Type::Result { .. }
            | Type::Option(_)
    )
}

impl<'de> Visitor<'de> for Seed<'_, '_> {
    type Value = Val;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shape.expected())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Val, E> {
        Err(self.reader.mismatch(self.shape, value.to_string()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Val, E> {
        Err(self.reader.mismatch(self.shape, value.to_string()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Val, E> {
        Err(self.reader.mismatch(self.shape, value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Val, E> {
        Err(self.reader.mismatch(self.shape, value.to_string()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Val, E> {
        let cases = if let Shape::Value(ty, _) = self.shape { Cases::of(ty) } else { None };
        let case = cases.and_then(|cases| Some((cases, cases.position(text)?)));
        match case {
            Some((cases, index)) if cases.get(index).1.is_none() => self.reader.case(cases, index, None),
            _ => {
                let raw = serde_json::to_string(text).map_err(E::custom)?;
                Err(self.reader.mismatch(self.shape, found_in_place(&raw)))
            }
        }
    }

    /// Null.
    fn visit_unit<E: Error>(self) -> Result<Val, E> {
        match self.shape {
            Shape::Value(Type::Option(_), _) => Ok(Val::Option(None)),
            shape => Err(self.reader.mismatch(shape, "null".into())),
        }
    }

    fn visit_none<E: Error>(self) -> Result<Val, E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Val, D::Error> {
        let Shape::Value(Type::Option(inner), rule) = self.shape else {
            return Err(self.reader.mismatch(self.shape, "a value".into()));
        };
        let shape = if inner.accepts_null() { Shape::Some(inner, rule) } else { Shape::Value(inner, rule) };
        let value = Seed { reader: &mut *self.reader, shape }.deserialize(deserializer)?;
        Ok(Val::Option(Some(self.reader.boxed(value)?)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Val, A::Error> {
        match self.shape {
            Shape::Value(Type::List(item), rule) => self.reader.list(item, rule, items),
            Shape::Value(Type::Tuple(types), _) => self.reader.tuple(types, items),
            Shape::Value(Type::Flags(labels), _) => self.reader.flags(labels, items),
            shape => Err(self.reader.mismatch(shape, "an array".into())),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Val, A::Error> {
        match self.shape {
            Shape::Arguments(params) => self.reader.arguments(params, map),
            Shape::Value(Type::Record(fields), _) => self.reader.record(fields, map),
            Shape::Some(inner, rule) => self.reader.some(inner, rule, map),
            Shape::Value(ty, _) => match Cases::of(ty) {
                Some(cases) => self.reader.payload(self.shape, cases, map),
                None => Err(self.reader.mismatch(self.shape, "an object".into())),
            },
        }
    }
}

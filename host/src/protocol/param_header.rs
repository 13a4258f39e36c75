//! `Mcp-Param-*`: headers that repeat arguments, so that intermediaries can route on them (step 14).

use std::borrow::Cow;
use std::fmt::{self, Formatter};

use http::HeaderMap;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::fault::{Fault, HeaderError, ShapeError};
use super::header::Header;
use super::json;
use super::message::Name;
use super::number;

/// An argument that a header repeats (`x-mcp-header` in the tool's `inputSchema`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamHeader {
    header: Header,
    argument: String,
    kind: ParamKind,
}

/// The kind of a mirrored parameter, which decides when header and argument are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// A number, or its digits as a string: equal by value.
    Integer,
    /// A string or a boolean: equal as text.
    Text,
}

impl ParamHeader {
    /// The header `Mcp-Param-<name>` for the argument of that JSON name.
    ///
    /// None if `name` cannot stand in the name of a header.
    pub fn new(name: &str, argument: &str, kind: ParamKind) -> Option<ParamHeader> {
        let header = Header::named(format!("Mcp-Param-{name}")).filter(|_| !name.is_empty())?;
        Some(ParamHeader { header, argument: argument.to_owned(), kind })
    }
}

/// Compares the headers of a modern `tools/call` with its arguments (JSON text of an object).
///
/// A header equals what the tool gets: a number by its value, also where its digits stand in a string, text and booleans
/// exactly. An argument that is absent or null has no header; one that is an array or object fits no parameter with such
/// a header, and is left to the decoder.
///
/// # Errors
/// [`Fault::HeaderMismatch`] for a header that is missing, unexpected, repeated, badly encoded or
/// that says anything else; [`Fault::Shape`] for such an argument given twice.
pub fn check(headers: &HeaderMap, expected: &[ParamHeader], arguments: &[u8]) -> Result<(), Fault> {
    if expected.is_empty() {
        return Ok(());
    }
    let mut reader = serde_json::Deserializer::from_slice(arguments);
    let values = Wanted(expected).deserialize(&mut reader).map_err(|_| ShapeError::Arguments)?;
    for (expected, value) in expected.iter().zip(values) {
        match value {
            Value::Repeated => {
                let (path, name) = ("params.arguments".to_owned(), expected.argument.clone());
                return Err(ShapeError::RepeatedName { path, name }.into());
            }
            Value::Absent => compare(headers, expected, None)?,
            Value::Once(raw) => compare(headers, expected, Some(raw))?,
        }
    }
    Ok(())
}

fn compare(headers: &HeaderMap, expected: &ParamHeader, value: Option<&RawValue>) -> Result<(), Fault> {
    let header = &expected.header;
    let path = || format!("params.arguments.{}", expected.argument);
    let found = header.decoded(headers)?;
    let Some(value) = value.filter(|raw| raw.get() != "null") else {
        return match found {
            None => Ok(()),
            Some(_) => {
                Err(HeaderError::Unexpected { header: header.shown().to_owned(), path: path() }.into())
            }
        };
    };
    let text = match value.get().as_bytes()[0] {
        b'"' => json::text(value).ok_or_else(|| ShapeError::Argument { path: path() })?,
        b'[' | b'{' => return Ok(()),
        b't' | b'f' => Cow::Borrowed(value.get()),
        _ => Cow::Borrowed(value.get()),
    };
    let is_number = expected.kind == ParamKind::Integer || value.get() == text;
    if is_number && found.as_deref().is_some_and(|found| number::equal(found, &text)) {
        return Ok(());
    }
    header.agree(found.as_deref(), &path(), &text)
}

/// Finds the values of the expected arguments.
struct Wanted<'e>(&'e [ParamHeader]);

enum Value<'a> {
    Absent,
    Once(&'a RawValue),
    Repeated,
}

impl<'de> DeserializeSeed<'de> for Wanted<'_> {
    type Value = Vec<Value<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Wanted<'_> {
    type Value = Vec<Value<'de>>;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values: Vec<Value<'de>> = self.0.iter().map(|_| Value::Absent).collect();
        while let Some(Name(name)) = map.next_key()? {
            match self.0.iter().position(|expected| expected.argument == name) {
                None => map.next_value::<IgnoredAny>().map(drop)?,
                Some(place) => {
                    let value = map.next_value()?;
                    values[place] = match values[place] {
                        Value::Absent => Value::Once(value),
                        Value::Once(_) | Value::Repeated => Value::Repeated,
                    };
                }
            }
        }
        Ok(values)
    }
}

//! The text of a JSON object that a plugin wrote itself: `meta`, schemas, structured results.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Deref;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use super::error::{ContentError, at};
use super::line::one_line;
use super::text::{SEEN, Text};
use crate::text::schema::{self, SchemaError};

/// A JSON object as text; written as the object itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Object<'a> {
    #[serde(borrow)]
    text: Text<'a>,
}

impl Object<'_> {
    /// Puts it on one line, its tokens untouched.
    ///
    /// # Errors
    /// For what is no JSON object, and for what `one_line` refuses.
    pub(super) fn normalize(&mut self) -> Result<(), ContentError> {
        let line = one_line(&self.text)?;
        if !line.starts_with('{') {
            return Err(ContentError::new("the text of a JSON object", &line));
        }
        self.text.0 = line.into();
        Ok(())
    }

    /// As [`normalize`](Self::normalize), for a JSON Schema of objects.
    ///
    /// # Errors
    /// Also for a schema whose `type` is missing, repeated, or another than `object`, and for one that no author may
    /// write by hand.
    pub(super) fn normalize_schema(&mut self) -> Result<(), ContentError> {
        self.normalize()?;
        let refuse = |error: SchemaError| ContentError::new(expected_schema(&error), &self.text);
        schema::read(&self.text).map(drop).map_err(refuse)
    }

    /// Tells whether it has a member of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        let members: Result<BTreeMap<Cow<'_, str>, IgnoredAny>, _> = serde_json::from_str(&self.text);
        members.is_ok_and(|members| members.contains_key(name))
    }

    /// The object's own bytes.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.text.0.into_owned().into_bytes()
    }
}

impl Deref for Object<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.text).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

fn expected_schema(error: &SchemaError) -> &'static str {
    match error {
        SchemaError::Malformed(_) | SchemaError::NotObject | SchemaError::Loose => {
            "a JSON Schema with \"type\":\"object\""
        }
        SchemaError::Long(_) => "a schema of at most 64 KiB",
        SchemaError::Deep(_) => "a schema that nests at most 64 deep",
        SchemaError::Remote(_) => "a schema that refers to no other machine",
        SchemaError::Header => "a schema without x-mcp-header",
        SchemaError::Text(_) => SEEN,
    }
}

/// Normalizes the `meta` of a record.
pub(super) fn normalize_meta(meta: &mut Option<Object<'_>>) -> Result<(), ContentError> {
    meta.as_mut().map_or(Ok(()), Object::normalize).map_err(at("meta"))
}

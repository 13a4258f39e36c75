//! The content of a body or of an entry of state: text, JSON or bytes, each under a key of its own.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::RawValue;

use super::json::{Members, Object, compact, written};
use crate::ui::problem::{Result, one_of};

/// The keys; content has one of them.
const KEYS: [&str; 3] = ["text", "json", "base64"];

/// Content as a case holds it.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// A text.
    Text(String),
    /// JSON, as it is written.
    Json(Box<RawValue>),
    /// Bytes that are no text.
    Base64(Vec<u8>),
}

/// Tells how content is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As JSON if it is an object or a list, else as text or bytes.
    Json,
    /// As text or bytes.
    Plain,
}

impl Content {
    /// Reads the content of an object; `None` if it has none.
    ///
    /// # Errors
    /// It has two of the keys, or a value that does not fit its key.
    pub(super) fn read(object: &Object<'_>) -> Result<Option<Self>> {
        let (text, json, base64) = (object.text("text")?, object.get("json"), object.text("base64")?);
        match (text, json, base64) {
            (None, None, None) => Ok(None),
            (Some(text), None, None) => Ok(Some(Self::Text(text))),
            (None, Some(json), None) => Ok(Some(Self::Json(json.to_owned()))),
            (None, None, Some(base64)) => match STANDARD.decode(&base64) {
                Ok(bytes) => Ok(Some(Self::Base64(bytes))),
                Err(error) => Err(object
                    .wrong("base64", "is not base64")
                    .found(error.to_string())
                    .expected("bytes as base64, with padding")
                    .next("write the output of `base64 -w0 FILE`, or use `text` for a text")),
            },
            (text, ..) => {
                let key = if text.is_some() { KEYS[0] } else { KEYS[1] };
                Err(object
                    .wrong(key, "cannot be combined with another form of the content")
                    .found("more than one")
                    .expected(one_of(&KEYS))
                    .next("keep one of them"))
            }
        }
    }

    /// Makes content of bytes.
    pub(super) fn of(bytes: &[u8], form: Form) -> Self {
        let text = std::str::from_utf8(bytes).ok().filter(|text| !text.contains(is_control));
        let Some(text) = text else { return Self::Base64(bytes.to_vec()) };
        match json(text) {
            Some(json) if form == Form::Json => Self::Json(json),
            _ => Self::Text(text.to_owned()),
        }
    }

    /// Returns the bytes.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.into_bytes(),
            Self::Json(json) => compact(&json).into_bytes(),
            Self::Base64(bytes) => bytes,
        }
    }

    /// Returns the key and the value of the content in a case.
    pub(super) fn member(&self) -> (&'static str, Box<RawValue>) {
        match self {
            Self::Text(text) => (KEYS[0], written(text)),
            Self::Json(json) => (KEYS[1], json.clone()),
            Self::Base64(bytes) => (KEYS[2], written(&STANDARD.encode(bytes))),
        }
    }
}

/// Tells whether a character makes a text hard to read as JSON shows it.
fn is_control(letter: char) -> bool {
    letter.is_control() && !matches!(letter, '\n' | '\r' | '\t')
}

/// Reads an object or a list which stays the same when it is written in the layout of a case: no member is repeated.
fn json(text: &str) -> Option<Box<RawValue>> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let json: &RawValue = serde_json::from_str(text.trim()).ok()?;
    has_unique_members(json).then(|| json.to_owned())
}

fn has_unique_members(json: &RawValue) -> bool {
    match json.get().as_bytes().first() {
        Some(b'{') => Members::of(json.get())
            .is_ok_and(|members| members.0.into_iter().all(|(_, value)| has_unique_members(value))),
        Some(b'[') => serde_json::from_str::<Vec<&RawValue>>(json.get())
            .is_ok_and(|items| items.into_iter().all(has_unique_members)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_recorded_in_the_form_that_people_can_read() {
        for (bytes, form, key, value) in [
            (&b"plain\n"[..], Form::Json, "text", r#""plain\n""#),
            (b" { \"a\": 1.0 }\n", Form::Json, "json", r#"{ "a": 1.0 }"#),
            (b"[1]", Form::Json, "json", "[1]"),
            (b"[1]", Form::Plain, "text", r#""[1]""#),
            (b"3", Form::Json, "text", r#""3""#),
            (b"[{\"a\":1,\"a\":2}]", Form::Json, "text", r#""[{\"a\":1,\"a\":2}]""#),
            (b"\xff\x00", Form::Json, "base64", r#""/wA=""#),
            (b"\x1b[0m", Form::Json, "base64", r#""G1swbQ==""#),
            (b"", Form::Json, "text", r#""""#),
        ] {
            let content = Content::of(bytes, form);
            let (found, raw) = content.member();
            assert_eq!((found, raw.get()), (key, value), "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn json_has_no_space_between_its_values() {
        let content = Content::of(b"{ \"a\" : [ 1.0 , \"x y\\\" {\" ] }", Form::Json);
        assert_eq!(content.into_bytes(), br#"{"a":[1.0,"x y\" {"]}"#);
    }
}

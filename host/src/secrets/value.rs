//! Holds the value of a secret.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde_json::value::RawValue;
use zeroize::{Zeroize, Zeroizing};

/// The value of a secret. Clones share one copy, which is overwritten when the last one goes; no text shows it.
#[derive(Clone)]
pub struct SecretValue(Arc<Text>);

/// The only owner of a text, but for clones that are lent while a [`SecretValue`] exists.
struct Text(Arc<str>);

/// The reason why a text has no such field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FieldError {
    /// The text is not a JSON object.
    NotJson,
    /// The object has no such field.
    Missing,
    /// The field is not a string.
    NotText,
}

impl SecretValue {
    /// The longest value, in bytes: as long as a secret of AWS Secrets Manager.
    pub const MAX_BYTES: usize = 64 << 10;

    /// Returns the value.
    pub fn as_str(&self) -> &str {
        &self.0.0
    }

    /// Lends the value to code that needs an owner. It must be dropped before this value.
    pub(crate) fn lend(&self) -> Arc<str> {
        Arc::clone(&self.0.0)
    }

    /// Returns a field of the JSON object that the text is.
    pub(super) fn field(&self, name: &str) -> Result<Self, FieldError> {
        let fields: HashMap<String, &RawValue> =
            serde_json::from_str(self.as_str()).map_err(|_| FieldError::NotJson)?;
        let field = fields.get(name).ok_or(FieldError::Missing)?;
        serde_json::from_str::<String>(field.get()).map(Self::from).map_err(|_| FieldError::NotText)
    }
}

impl From<String> for SecretValue {
    /// Takes over a text, and overwrites it.
    fn from(text: String) -> Self {
        let text = Zeroizing::new(text);
        Self(Arc::new(Text(text.as_str().into())))
    }
}

impl Text {
    /// Writes zeros over the text.
    fn overwrite(&mut self) {
        if let Some(text) = Arc::get_mut(&mut self.0) {
            text.zeroize();
        }
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        self.overwrite();
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretValue(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> SecretValue {
        SecretValue::from(text.to_owned())
    }

    #[test]
    fn no_text_shows_a_value() {
        assert_eq!(format!("{:?}", [value("canary")]), "[SecretValue(..)]");
    }

    #[test]
    fn a_field_is_a_string_of_a_json_object() {
        let json = value(r#" {"a": "one\n\"1\"", "b": 2, "a2": {"a": "x"}, "c": null} "#);
        assert_eq!(json.field("a").unwrap().as_str(), "one\n\"1\"");
        let error = |value: &SecretValue, name| value.field(name).unwrap_err();
        assert_eq!(error(&json, "d"), FieldError::Missing);
        for name in ["b", "a2", "c"] {
            assert_eq!(error(&json, name), FieldError::NotText, "{name}");
        }
        for text in ["", "canary", "[\"a\"]", "\"a\"", "{\"a\": \"b\"", "{\"a\": \"b\"} x"] {
            assert_eq!(error(&value(text), "a"), FieldError::NotJson, "{text}");
        }
    }

    #[test]
    fn a_value_is_overwritten_in_its_place() {
        let mut text = Text("canary".into());
        let place = text.0.as_ptr();
        text.overwrite();
        assert_eq!((&*text.0, text.0.as_ptr()), ("\0\0\0\0\0\0", place));
    }

    #[test]
    fn a_value_stays_while_a_clone_exists() {
        let (secret, lent) = (value("canary"), value("canary").clone().lend());
        let clone = secret.clone();
        drop(secret);
        assert_eq!((clone.as_str(), &*clone.lend(), &*lent), ("canary", "canary", "canary"));
    }
}

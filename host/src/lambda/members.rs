//! The members of an event by which its form is recognized, unread.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Some members of a JSON object. `null` counts as absent.
///
/// Each member is there at most once: of two, one reader would see the first and another one the last.
#[derive(Debug)]
pub(super) struct Members<'e>(Vec<(Cow<'e, str>, &'e RawValue)>);

/// The most members that are kept. No event of AWS has so many; arguments of a tool may.
const MOST: usize = 256;

impl<'e> Members<'e> {
    /// Reads an object.
    ///
    /// # Errors
    /// It is none, or a member occurs twice among the first [`MOST`].
    pub(super) fn read(json: &'e [u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(json)
    }

    /// Tells whether a member is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// Tells whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns a member that is a text.
    pub(super) fn text(&self, name: &str) -> Option<Cow<'e, str>> {
        serde_json::from_str::<Text<'e>>(self.raw(name)?.get()).ok().map(|Text(text)| text)
    }

    /// Returns a member that is an object.
    pub(super) fn object(&self, name: &str) -> Option<Members<'e>> {
        serde_json::from_str(self.raw(name)?.get()).ok()
    }

    /// Returns the first item of a member that is an array of objects.
    pub(super) fn first(&self, name: &str) -> Option<Members<'e>> {
        let items: Vec<&'e RawValue> = serde_json::from_str(self.raw(name)?.get()).ok()?;
        serde_json::from_str(items.first()?.get()).ok()
    }

    fn raw(&self, name: &str) -> Option<&'e RawValue> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| *value)
    }
}

/// A text, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Text<'e>(#[serde(borrow)] Cow<'e, str>);

impl<'e> Deserialize<'e> for Members<'e> {
    fn deserialize<D: Deserializer<'e>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader)
    }
}

struct Reader;

impl<'e> Visitor<'e> for Reader {
    type Value = Members<'e>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'e>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members: Vec<(Cow<'e, str>, &'e RawValue)> = Vec::new();
        while members.len() < MOST {
            let Some((Text(name), value)) = map.next_entry::<Text<'e>, &'e RawValue>()? else {
                return Ok(Members(members));
            };
            if members.iter().any(|(other, _)| *other == name) {
                return Err(A::Error::custom("a member occurs twice"));
            }
            if value.get() != "null" {
                members.push((name, value));
            }
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_once_and_null_is_absent() {
        let json = br#"{"a":"\u0062","n":null,"o":{"x":1},"r":[{"y":2}],"\u0063":true}"#;
        let members = Members::read(json).unwrap();
        assert_eq!(members.text("a").as_deref(), Some("b"));
        assert!(members.has("c") && !members.has("n") && !members.has("x"));
        assert!(members.object("o").unwrap().has("x") && members.object("a").is_none());
        assert!(members.first("r").unwrap().has("y") && members.first("o").is_none());
        for wrong in
            [r#"{"a":1,"a":2}"#, r#"{"a":1,"\u0061":2}"#, "[]", "[1]", "\"a\"", "1", "", "{", "{} {}"]
        {
            assert!(Members::read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_object_with_many_members_costs_no_more_than_one_with_some() {
        let many: Vec<_> = (0..5000).map(|number| format!("\"k{number}\":{number}")).collect();
        let json = format!("{{{}}}", many.join(","));
        let members = Members::read(json.as_bytes()).unwrap();
        assert!(members.has("k0") && !members.has("k4999"));
    }
}

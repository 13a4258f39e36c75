//! The members of an object whose names are the client's own, or the plugin's.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::{self, Formatter};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::fault::{Expected, Fault, ShapeError};
use super::json;
use super::message::{Name, is_null};
use super::quoted::Quoted;

/// The members of an object, in their order; no two have the same name.
pub(super) struct Entries<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

/// Names the reason why the members of an object are ambiguous.
enum Unclear {
    /// A name occurs twice: two readers would take two values.
    Repeated(String),
    /// No object, or a name that no text can hold (half a surrogate pair).
    Unreadable,
}

impl<'a> Entries<'a> {
    /// Reads the object that stands at `path`.
    ///
    /// # Errors
    /// [`Fault::Params`] for anything but an object and for a name that is no Unicode text, [`Fault::Shape`] for
    /// a name that occurs twice.
    pub(super) fn read(raw: &'a RawValue, path: &str) -> Result<Entries<'a>, Fault> {
        if !json::is_object(raw) {
            return Err(Fault::unfit(path, Expected::Object, json::kind(raw)));
        }
        Entries::parse(raw.get()).map_err(|unclear| match unclear {
            Unclear::Repeated(name) => ShapeError::RepeatedName { path: path.to_owned(), name }.into(),
            Unclear::Unreadable => Fault::unfit(path, Expected::TextNames, "half a surrogate pair"),
        })
    }

    /// Reads JSON text that should be an object; none if it is not, or if a name occurs twice.
    pub(super) fn of(json: &'a [u8]) -> Option<Entries<'a>> {
        Entries::parse(std::str::from_utf8(json).ok()?).ok()
    }

    fn parse(json: &'a str) -> Result<Entries<'a>, Unclear> {
        let Listed(entries) = serde_json::from_str(json).map_err(|_| Unclear::Unreadable)?;
        let mut names = HashSet::with_capacity(entries.len());
        let repeated = entries.iter().find(|(name, _)| !names.insert(name.as_ref()));
        match repeated {
            Some((name, _)) => Err(Unclear::Repeated(name.clone().into_owned())),
            None => Ok(Entries(entries)),
        }
    }

    /// Returns the number of members.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Names and values, in their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), *value))
    }

    /// The value of that name; a member that is null counts as absent.
    pub(super) fn get(&self, name: &str) -> Option<&'a RawValue> {
        let found = self.iter().find(|(other, _)| *other == name).map(|(_, value)| value);
        found.filter(|value| !is_null(value))
    }

    /// The text that stands under `name` in the object at `path`.
    ///
    /// # Errors
    /// [`Fault::Params`] if it is missing or no text.
    pub(super) fn text(&self, name: &str, path: &str) -> Result<String, Fault> {
        let path = format!("{path}.{name}");
        json::required_text(self.get(name), &path).map(Cow::into_owned)
    }

    /// Names and values of the object at `path`, whose values are all texts; a member that is null counts as absent.
    ///
    /// # Errors
    /// [`Fault::Params`] for a value that is no text.
    pub(super) fn texts(&self, path: &str) -> Result<Vec<(String, String)>, Fault> {
        let text = |(name, raw): (&str, &'a RawValue)| match json::text(raw) {
            Some(text) => Ok((name.to_owned(), text.into_owned())),
            None => Err(Fault::unfit(&member(path, name), Expected::Text, json::kind(raw))),
        };
        self.iter().filter(|(_, raw)| !is_null(raw)).map(text).collect()
    }
}

/// The path of a member whose name the client chose.
pub(super) fn member(path: &str, name: &str) -> String {
    format!("{path}[{}]", Quoted(name))
}

/// Members as they stand there.
struct Listed<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Listed<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ListedVisitor)
    }
}

struct ListedVisitor;

impl<'de> Visitor<'de> for ListedVisitor {
    type Value = Listed<'de>;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Listed<'de>, A::Error> {
        let mut entries = Vec::new();
        while let Some((Name(name), value)) = map.next_entry()? {
            entries.push((name, value));
        }
        Ok(Listed(entries))
    }
}

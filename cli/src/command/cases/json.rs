//! Reads JSON strictly: every key is asked for by name, and whatever nobody asked for is refused.
//!
//! Reads JSON as `document` reads TOML. Values keep their text, because the tool receives them unchanged.

use std::cell::RefCell;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::ui::closest::closest;
use crate::ui::problem::{Problem, Result, one_of};

/// The page that explains every key.
const DOCUMENTATION: &str = "docs/testing-a-plugin.md shows every key";

/// The members of a JSON object in their order, each value as it is written. A name that is there twice is an error.
#[derive(Debug, Default)]
pub(super) struct Members<'t>(pub(super) Vec<(String, &'t RawValue)>);

impl<'de: 't, 't> Deserialize<'de> for Members<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Self::Value, A::Error> {
                let mut members: Vec<(String, &'de RawValue)> = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
                    if members.iter().any(|(other, _)| *other == name) {
                        return Err(A::Error::custom(format!("the member {name:?} is repeated")));
                    }
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Read)
    }
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<'t> Members<'t> {
    /// Reads the members of an object.
    pub(super) fn of(text: &'t str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    /// The value of a member.
    pub(super) fn get(&self, name: &str) -> Option<&'t RawValue> {
        self.0.iter().find_map(|(other, value)| (other == name).then_some(*value))
    }
}

/// A JSON object of a file being read: each getter makes its key known, [`Object::finish`] refuses the others.
pub(super) struct Object<'t> {
    file: String,
    /// The prefix of its keys: empty, or the parent key and a dot.
    path: String,
    text: &'t str,
    members: Members<'t>,
    known: RefCell<Vec<&'static str>>,
}

impl<'t> Object<'t> {
    /// Reads the object that a file holds.
    pub(super) fn read(file: &str, text: &'t str) -> Result<Self> {
        let members = Members::of(text).map_err(|error| {
            Problem::refused(format!("{file}:{}", error.line()), "is not a valid test case")
                .found(error.to_string())
                .expected("one JSON object")
                .next(format!("correct the line; {DOCUMENTATION}"))
        })?;
        Ok(Self { file: file.to_owned(), path: String::new(), text, members, known: RefCell::default() })
    }

    /// The object that is the value of a key.
    pub(super) fn nested(&self, key: &'static str) -> Result<Option<Self>> {
        if self.object(key)?.is_none() {
            return Ok(None);
        }
        let members = Members(self.members_of(key)?);
        let path = format!("{}{key}.", self.path);
        Ok(Some(Self { file: self.file.clone(), path, text: self.text, members, known: RefCell::default() }))
    }

    /// The object that is the value of one of the members.
    pub(super) fn child(&self, name: &str, value: &'t RawValue) -> Result<Self> {
        if !value.get().starts_with('{') {
            return Err(self.mistyped(name, value, "an object"));
        }
        let members = Members::of(value.get()).map_err(|error| self.repeated(name, &error))?;
        let path = format!("{}{name}.", self.path);
        Ok(Self { file: self.file.clone(), path, text: self.text, members, known: RefCell::default() })
    }

    /// The objects of the list that is the value of a key.
    pub(super) fn objects(&self, key: &'static str) -> Result<Option<Vec<Self>>> {
        const EXPECTED: &str = "a list of objects";
        let Some(value) = self.get(key) else { return Ok(None) };
        let items: Vec<&'t RawValue> =
            serde_json::from_str(value.get()).map_err(|_| self.mistyped(key, value, EXPECTED))?;
        let object = |(at, item): (usize, &&'t RawValue)| {
            let members = Members::of(item.get()).map_err(|error| {
                let text = error.to_string();
                let found = if item.get().starts_with('{') { text } else { shown(item) };
                let wrong =
                    Problem::refused(self.place_of(&format!("{key}[{at}]"), item), "is not an object");
                wrong.found(found).expected(EXPECTED).next(format!("correct it; {DOCUMENTATION}"))
            })?;
            let path = format!("{}{key}[{at}].", self.path);
            Ok(Self { file: self.file.clone(), path, text: self.text, members, known: RefCell::default() })
        };
        items.iter().enumerate().map(object).collect::<Result<_>>().map(Some)
    }

    /// Every member as it is written.
    pub(super) fn members(&self) -> impl Iterator<Item = (&str, &'t RawValue)> {
        self.members.0.iter().map(|(name, value)| (name.as_str(), *value))
    }

    /// `file:line: key`
    pub(super) fn place(&self, key: &str) -> String {
        match self.members.get(key.split(['.', '[']).next().unwrap_or(key)) {
            Some(value) => self.place_of(key, value),
            None => format!("{}: {}{key}", self.file, self.path),
        }
    }

    fn place_of(&self, key: &str, value: &RawValue) -> String {
        format!("{}:{}: {}{key}", self.file, self.line(value), self.path)
    }

    /// A value was read out of the text, so it tells where in there it stands.
    pub(super) fn line(&self, value: &RawValue) -> usize {
        let offset = (value.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        1 + self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
    }

    /// Starts a problem with the value of one of its keys.
    pub(super) fn wrong(&self, key: &str, wrong: impl Into<String>) -> Problem {
        Problem::refused(self.place(key), wrong)
    }

    /// Any value.
    pub(super) fn get(&self, key: &'static str) -> Option<&'t RawValue> {
        let mut known = self.known.borrow_mut();
        if !known.contains(&key) {
            known.push(key);
        }
        self.members.get(key)
    }

    /// A string.
    pub(super) fn text(&self, key: &'static str) -> Result<Option<String>> {
        let Some(value) = self.get(key) else { return Ok(None) };
        serde_json::from_str(value.get()).map(Some).map_err(|_| self.mistyped(key, value, "a string"))
    }

    /// A list of strings; nothing is an empty one.
    pub(super) fn texts(&self, key: &'static str) -> Result<Vec<String>> {
        let Some(value) = self.get(key) else { return Ok(Vec::new()) };
        serde_json::from_str(value.get()).map_err(|_| self.mistyped(key, value, "a list of strings"))
    }

    /// An object, as it is written.
    pub(super) fn object(&self, key: &'static str) -> Result<Option<&'t RawValue>> {
        match self.get(key) {
            Some(value) if !value.get().starts_with('{') => Err(self.mistyped(key, value, "an object")),
            value => Ok(value),
        }
    }

    /// The members of an object.
    pub(super) fn members_of(&self, key: &'static str) -> Result<Vec<(String, &'t RawValue)>> {
        let Some(value) = self.object(key)? else { return Ok(Vec::new()) };
        Ok(Members::of(value.get()).map_err(|error| self.repeated(key, &error))?.0)
    }

    fn repeated(&self, key: &str, error: &serde_json::Error) -> Problem {
        self.wrong(key, "cannot be read")
            .found(error.to_string())
            .expected("an object with unique keys")
            .next("keep one of them")
    }

    fn mistyped(&self, key: &str, value: &RawValue, expected: &str) -> Problem {
        self.wrong(key, "has the wrong type")
            .found(shown(value))
            .expected(expected)
            .next(format!("write {key} as {expected}; {DOCUMENTATION}"))
    }

    /// Refuses keys that nobody has asked for.
    pub(super) fn finish(&self) -> Result<()> {
        let known = self.known.borrow();
        let Some((name, _)) = self.members().find(|(name, _)| !known.contains(name)) else { return Ok(()) };
        let next = match closest(name, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("remove it; {DOCUMENTATION}"),
        };
        Err(self.wrong(name, "is an unknown key").found(name).expected(one_of(&known)).next(next))
    }
}

/// A value as an error shows it: its first characters.
pub(super) fn shown(value: &RawValue) -> String {
    const CHARS: usize = 60;
    let text = value.get();
    match text.char_indices().nth(CHARS) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// Writes JSON without the spaces between its values, which stay as they are written.
pub(super) fn compact(value: &RawValue) -> String {
    let (mut compact, mut is_quoted, mut is_escaped) = (String::new(), false, false);
    for letter in value.get().chars() {
        if is_quoted || !letter.is_ascii_whitespace() {
            compact.push(letter);
        }
        is_quoted ^= letter == '"' && !is_escaped;
        is_escaped = is_quoted && letter == '\\' && !is_escaped;
    }
    compact
}

/// A value that a program has made, or put together of such as are written.
pub(super) fn written(value: &impl Serialize) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).expect("members under names are JSON")
}

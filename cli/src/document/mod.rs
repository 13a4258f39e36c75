//! Reads TOML strictly: every key is asked for by name, and whatever nobody asked for is refused.
//!
//! `manifest` and `config` describe their files with [`Table`]; each error names file, line and key. What both files
//! write in the same way is read here: [names](name), [limits](limit), lists of scopes, [texts](text) for models.

mod depth;
pub(crate) mod item;
pub mod limit;
pub mod name;
pub mod origin;
pub(crate) mod scope;
pub mod text;
mod unknown_key;
mod values;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toolcell_host::catalog::TOKEN_PREFIX;

use crate::ui::closest::closest;
use crate::ui::problem::{Problem, Result};
use crate::ui::read::{MAX_TEXT_BYTES, read_at_most};

use depth::{MAX_DEPTH, too_deep};
use origin::{Lines, Origin, join};
use unknown_key::{UnknownKey, UnknownKeys};
pub(crate) use values::parse_values;

/// The table whose values no error shows: somebody may have put a token there.
const CONFIDENTIAL: &str = "auth";

/// Tables below any other whose values no error shows.
const SECRETS: [&str; 2] = ["secret", "secrets"];

/// The words with which the TOML library refuses a file that nests more deeply than it reads.
const PARSER_LIMIT: &str = "recurs";

/// The text that errors show in place of a line with a value that they must not show.
const HIDDEN_LINE: &str = "a line that is hidden because it may contain a token";

/// Reads a TOML file without decoding it; `next` tells the user what to do if it is missing.
pub(crate) fn bytes_of(path: &Path, next: &str) -> Result<Vec<u8>> {
    read_at_most(path, MAX_TEXT_BYTES).map_err(|error| {
        let shown = path.display().to_string();
        Problem::refused(shown, "cannot be read").found(error.to_string()).expected("a TOML file").next(next)
    })
}

/// Parses `bytes` and hands their root table to `read`, with the origin of its keys.
pub(crate) fn parse<T>(
    file: &str,
    bytes: &[u8],
    read: impl FnOnce(&Table<'_>) -> Result<T>,
) -> Result<(T, Origin)> {
    let text = utf8(file, bytes)?;
    let root = DeTable::parse(text).map_err(|error| not_toml(file, text, &error))?;
    if let Some(span) = too_deep(root.get_ref()) {
        return Err(nests_too_deeply(file, text, Some(span)));
    }
    let mut origin = Origin::of(file);
    origin.index(&Lines::of(text), "", root.get_ref());
    let unknown_keys = UnknownKeys::default();
    let table = Table::new(String::new(), root.get_ref(), &origin, &unknown_keys);
    let value = read(&table);
    if value.is_ok() {
        table.finish();
    }
    // A key that nobody knows is likely the reason why another one is missed.
    unknown_keys.refuse(file)?;
    Ok((value?, origin))
}

/// Hands a table to `read` that was put together of something else than a TOML file; `origin` knows its keys.
pub(crate) fn read_table<T>(
    table: &toml::Table,
    origin: &Origin,
    read: impl FnOnce(&Table<'_>) -> Result<T>,
) -> Result<T> {
    let text = table.to_string();
    let root = DeTable::parse(&text).map_err(|error| not_toml(origin.file(), &text, &error))?;
    let unknown_keys = UnknownKeys::default();
    let value = read(&Table::new(String::new(), root.get_ref(), origin, &unknown_keys));
    unknown_keys.refuse(origin.file())?;
    value
}

fn utf8<'b>(file: &str, bytes: &'b [u8]) -> Result<&'b str> {
    std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        Problem::refused(format!("{file}:{line}"), "is not UTF-8 text")
            .found(format!("byte 0x{:02x}", bytes[error.valid_up_to()]))
            .expected("UTF-8 text")
            .next("save the file as UTF-8")
    })
}

fn not_toml(file: &str, text: &str, error: &toml::de::Error) -> Problem {
    if error.message().contains(PARSER_LIMIT) {
        return nests_too_deeply(file, text, error.span());
    }
    let line = error.span().map_or(1, |span| Lines::of(text).number(span.start));
    Problem::refused(format!("{file}:{line}"), error.message().trim().replace('\n', "; "))
        .found(shown_line(text, line))
        .expected("TOML 1.0")
        .next("correct the line; docs/configuration.md lists every key")
}

/// Refuses a value; the TOML library does not tell where the one is that it cannot read.
fn nests_too_deeply(file: &str, text: &str, span: Option<Range<usize>>) -> Problem {
    let line = span.map(|span| Lines::of(text).number(span.start));
    let place = line.map_or_else(|| file.to_owned(), |line| format!("{file}:{line}"));
    let found = format!("more than {MAX_DEPTH} tables and arrays inside each other");
    Problem::refused(place, "nests too deeply")
        .found(line.map_or_else(|| found.clone(), |line| format!("{found}: {}", shown_line(text, line))))
        .expected(format!("at most {MAX_DEPTH} levels; each part of a dotted key is one"))
        .next("write the value with fewer levels")
}

/// A table being read: each getter makes its key known, [`Table::finish`] counts the others as unknown.
pub(crate) struct Table<'a> {
    path: String,
    entries: &'a DeTable<'a>,
    origin: &'a Origin,
    unknown_keys: &'a UnknownKeys,
    known: RefCell<Vec<&'static str>>,
}

impl<'a> Table<'a> {
    fn new(
        path: String,
        entries: &'a DeTable<'a>,
        origin: &'a Origin,
        unknown_keys: &'a UnknownKeys,
    ) -> Self {
        Self { path, entries, origin, unknown_keys, known: RefCell::default() }
    }

    /// The full name of one of its keys.
    pub(crate) fn path(&self, key: &str) -> String {
        join(&self.path, key)
    }

    /// Tells whether no error may show a value of it.
    pub(crate) fn is_confidential(&self) -> bool {
        is_confidential(&self.path)
    }

    /// Returns the folder of the file, from which its paths start.
    pub(crate) fn directory(&self) -> &Path {
        Path::new(self.origin.file()).parent().unwrap_or(Path::new(""))
    }

    /// Returns the position of a key as errors show it.
    pub(crate) fn place(&self, key: &str) -> String {
        self.origin.place(&self.path(key))
    }

    /// Starts a problem with the value of one of its keys.
    pub(crate) fn wrong(&self, key: &str, wrong: impl Into<String>) -> Problem {
        Problem::refused(self.place(key), wrong)
    }

    fn get(&self, key: &'static str) -> Option<&'a DeValue<'a>> {
        let mut known = self.known.borrow_mut();
        if !known.contains(&key) {
            known.push(key);
        }
        self.entries.get(key).map(Spanned::get_ref)
    }

    fn mistyped(&self, key: &str, value: &DeValue<'_>, expected: &str) -> Problem {
        let kind = article(value.type_str());
        let found = if is_confidential(&self.path(key)) { kind } else { format!("{kind} {}", shown(value)) };
        self.wrong(key, "has the wrong type")
            .found(found)
            .expected(expected)
            .next(format!("write {} as {expected}", self.path(key)))
    }

    /// A string.
    pub(crate) fn text(&self, key: &'static str) -> Result<Option<String>> {
        self.get(key)
            .map(|value| match value {
                DeValue::String(text) => Ok(text.to_string()),
                other => Err(self.mistyped(key, other, "a string in quotes")),
            })
            .transpose()
    }

    /// A string that has to be there.
    pub(crate) fn required(&self, key: &'static str, example: &str) -> Result<String> {
        self.text(key)?.ok_or_else(|| self.missing(key, example))
    }

    /// A key that has to be there, and is not: maybe it is there under a slip of the hand.
    fn missing(&self, key: &str, example: &str) -> Problem {
        let known = self.known.borrow();
        let given = self.entries.keys().map(|name| name.get_ref().as_ref());
        let slip = closest(key, given.filter(|name| !known.contains(name)));
        let problem = match slip {
            Some(slip) => self.wrong(slip, "is an unknown key").found(slip),
            None => self.wrong(key, "is missing").found("nothing"),
        };
        problem.expected(format!("{key} = {example}")).next(match slip {
            Some(_) => format!("did you mean `{key}`?"),
            None => format!("add `{key} = {example}`"),
        })
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&self, key: &'static str) -> Result<Option<bool>> {
        self.get(key)
            .map(|value| match value {
                DeValue::Boolean(yes) => Ok(*yes),
                other => Err(self.mistyped(key, other, "true or false")),
            })
            .transpose()
    }

    /// A whole number, zero or more.
    pub(crate) fn count(&self, key: &'static str) -> Result<Option<u64>> {
        let expected = "a whole number, zero or more";
        self.get(key)
            .map(|value| match value {
                DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix())
                    .map_err(|_| self.mistyped(key, value, expected)),
                other => Err(self.mistyped(key, other, expected)),
            })
            .transpose()
    }

    /// Any value, as JSON.
    pub(crate) fn json(&self, key: &'static str) -> Result<Option<Value>> {
        self.get(key)
            .map(|value| {
                json_of(value).ok_or_else(|| self.mistyped(key, value, "a JSON value (no date, no infinity)"))
            })
            .transpose()
    }

    /// A list of anything, as JSON.
    pub(crate) fn json_list(&self, key: &'static str) -> Result<Vec<Value>> {
        match self.json(key)? {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => Ok(items),
            Some(_) => Err(self.mistyped(key, &self.entries[key].get_ref().clone(), "a list [..]")),
        }
    }

    /// A list of strings.
    pub(crate) fn texts(&self, key: &'static str) -> Result<Option<Vec<String>>> {
        let expected = "a list of strings, like [\"one\", \"two\"]";
        let Some(value) = self.get(key) else { return Ok(None) };
        let DeValue::Array(items) = value else {
            return Err(self.mistyped(key, value, expected));
        };
        let texts = items.iter().map(|item| match item.get_ref() {
            DeValue::String(text) => Ok(text.to_string()),
            other => Err(self.mistyped(key, other, expected)),
        });
        texts.collect::<Result<_>>().map(Some)
    }

    /// A string, or a list of strings.
    pub(crate) fn text_or_texts(&self, key: &'static str) -> Result<Option<Vec<String>>> {
        match self.get(key) {
            Some(DeValue::String(text)) => Ok(Some(vec![text.to_string()])),
            Some(DeValue::Array(_)) => self.texts(key),
            Some(other) => Err(self.mistyped(key, other, "a string in quotes, or a list of them")),
            None => Ok(None),
        }
    }

    /// A table whose keys are names and whose values are lists of strings.
    pub(crate) fn text_lists(&self, key: &'static str) -> Result<BTreeMap<String, Vec<String>>> {
        let expected = "a list of strings, like [\"one\", \"two\"]";
        let Some(table) = self.subtable(key)? else { return Ok(BTreeMap::new()) };
        let mut all = BTreeMap::new();
        for (name, value) in table.entries {
            let mistyped = |value| table.mistyped(name.get_ref(), value, expected);
            let DeValue::Array(items) = value.get_ref() else { return Err(mistyped(value.get_ref())) };
            let texts = items.iter().map(|item| match item.get_ref() {
                DeValue::String(text) => Ok(text.to_string()),
                other => Err(mistyped(other)),
            });
            all.insert(name.get_ref().to_string(), texts.collect::<Result<_>>()?);
        }
        Ok(all)
    }

    /// A table whose keys are names and whose values are strings.
    pub(crate) fn text_map(&self, key: &'static str) -> Result<BTreeMap<String, String>> {
        let expected = "a string in quotes";
        let Some(table) = self.subtable(key)? else { return Ok(BTreeMap::new()) };
        let entries = table.entries.iter().map(|(name, value)| match value.get_ref() {
            DeValue::String(text) => Ok((name.get_ref().to_string(), text.to_string())),
            other => Err(table.mistyped(name.get_ref(), other, expected)),
        });
        entries.collect()
    }

    /// A table of fixed keys; absent is empty.
    pub(crate) fn table<T>(
        &self,
        key: &'static str,
        read: impl FnOnce(&Table<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let Some(table) = self.subtable(key)? else { return Ok(None) };
        let value = read(&table)?;
        table.finish();
        Ok(Some(value))
    }

    /// A table whose keys are names and whose values are tables: `[key.NAME]`.
    pub(crate) fn tables<T>(
        &self,
        key: &'static str,
        mut read: impl FnMut(&str, &Table<'_>) -> Result<T>,
    ) -> Result<BTreeMap<String, T>> {
        let Some(outer) = self.subtable(key)? else { return Ok(BTreeMap::new()) };
        let mut all = BTreeMap::new();
        for (name, value) in outer.entries {
            let DeValue::Table(entries) = value.get_ref() else {
                let expected = format!("a table [{}]", outer.path(name.get_ref()));
                return Err(outer.mistyped(name.get_ref(), value.get_ref(), &expected));
            };
            let table = Table::new(outer.path(name.get_ref()), entries, self.origin, self.unknown_keys);
            all.insert(name.get_ref().to_string(), read(name.get_ref(), &table)?);
            table.finish();
        }
        Ok(all)
    }

    /// A list of tables.
    pub(crate) fn list<T>(
        &self,
        key: &'static str,
        mut read: impl FnMut(&Table<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let expected = "a list of tables, like [{ .. }]";
        let Some(value) = self.get(key) else { return Ok(Vec::new()) };
        let DeValue::Array(items) = value else {
            return Err(self.mistyped(key, value, expected));
        };
        let mut all = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let DeValue::Table(entries) = item.get_ref() else {
                return Err(self.mistyped(key, item.get_ref(), expected));
            };
            let table =
                Table::new(format!("{}[{at}]", self.path(key)), entries, self.origin, self.unknown_keys);
            all.push(read(&table)?);
            table.finish();
        }
        Ok(all)
    }

    fn subtable(&self, key: &'static str) -> Result<Option<Table<'a>>> {
        match self.get(key) {
            None => Ok(None),
            Some(DeValue::Table(entries)) => {
                Ok(Some(Table::new(self.path(key), entries, self.origin, self.unknown_keys)))
            }
            Some(other) => {
                let expected = format!("a table [{}]", self.path(key));
                Err(self.mistyped(key, other, &expected))
            }
        }
    }

    fn finish(&self) {
        let known = self.known.borrow();
        for key in self.entries.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
            let (at, name) = (key.span().start, key.get_ref().to_string());
            let place = self.origin.place(&self.path(&name));
            self.unknown_keys.add(UnknownKey { at, place, name, known: known.clone() });
        }
    }
}

fn is_confidential(path: &str) -> bool {
    let key = path.split('=').next().unwrap_or_default();
    let mut parts = key.split(['.', '[', ']', ' ', '"']).filter(|part| !part.is_empty()).peekable();
    parts.peek() == Some(&CONFIDENTIAL) || parts.any(|part| SECRETS.contains(&part))
}

/// A line that is not TOML, as an error shows it.
fn shown_line(text: &str, line: usize) -> &str {
    let lines: Vec<&str> = text.lines().take(line).map(str::trim).collect();
    let shown = lines.last().copied().unwrap_or_default();
    let header = lines.iter().rfind(|line| line.starts_with('[')).copied().unwrap_or_default();
    let is_below = is_confidential(header.trim_start_matches(['[', ' '])) && !shown.starts_with('[');
    if is_below || is_confidential(shown) || shown.contains(TOKEN_PREFIX) {
        return HIDDEN_LINE;
    }
    shown
}

fn article(kind: &str) -> String {
    match kind.starts_with(['a', 'e', 'i', 'o', 'u']) {
        true => format!("an {kind}"),
        false => format!("a {kind}"),
    }
}

fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::Datetime(date) => date.to_string(),
        DeValue::Float(number) => number.as_str().to_string(),
        DeValue::Integer(number) => number.as_str().to_string(),
        other => json_of(other).map_or_else(String::new, |json| json.to_string()),
    }
}

fn json_of(value: &DeValue<'_>) -> Option<Value> {
    Some(match value {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Boolean(yes) => Value::from(*yes),
        DeValue::Integer(number) => Value::from(i64::from_str_radix(number.as_str(), number.radix()).ok()?),
        DeValue::Float(number) => Value::from(serde_json::Number::from_f64(number.as_str().parse().ok()?)?),
        DeValue::Datetime(_) => return None,
        DeValue::Array(items) => {
            Value::Array(items.iter().map(|item| json_of(item.get_ref())).collect::<Option<_>>()?)
        }
        DeValue::Table(table) => Value::Object(
            table
                .iter()
                .map(|(key, value)| Some((key.get_ref().to_string(), json_of(value.get_ref())?)))
                .collect::<Option<_>>()?,
        ),
    })
}

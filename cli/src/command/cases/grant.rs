//! The grants of a case: the tables of `[plugins.NAME.grants]` in `toolcell.toml`, as JSON, with the same errors.

use serde_json::value::RawValue;
use toml::{Table, Value};
use toolcell_host::catalog::Grants;

use super::json::{Members, Object, shown};
use crate::document::origin::Origin;
use crate::ui::problem::{Problem, Result};
use crate::{config, document};

/// The key of a case.
const KEY: &str = "grants";

/// Reads the grants of a case; nothing is granted without the key.
///
/// # Errors
/// A key that is unknown, missing or of the wrong form.
pub(super) fn read(case: &Object<'_>, file: &str) -> Result<Grants> {
    let Some(grants) = case.object(KEY)? else { return Ok(Grants::default()) };
    let mut reader = Reader { case, origin: Origin::of(file) };
    let table = Table::from_iter([(KEY.to_owned(), reader.value(KEY, grants)?)]);
    let grants = document::read_table(&table, &reader.origin, |table| table.table(KEY, config::read_grants))?;
    Ok(grants.unwrap_or_default())
}

/// Turns JSON into TOML, and takes down where the keys are.
struct Reader<'r, 't> {
    case: &'r Object<'t>,
    origin: Origin,
}

impl Reader<'_, '_> {
    fn value(&mut self, path: &str, raw: &RawValue) -> Result<Value> {
        self.origin.add(path, self.case.line(raw));
        Ok(match raw.get().as_bytes().first() {
            Some(b'{') => {
                let members =
                    Members::of(raw.get()).map_err(|error| self.wrong(path, without_place(&error)))?;
                let value = |(name, raw): (String, &RawValue)| {
                    let value = self.value(&format!("{path}.{name}"), raw)?;
                    Ok((name, value))
                };
                Value::Table(members.0.into_iter().map(value).collect::<Result<_>>()?)
            }
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(raw.get()).unwrap_or_default();
                let items = items.into_iter().enumerate();
                let items = items.map(|(at, raw)| self.value(&format!("{path}[{at}]"), raw));
                Value::Array(items.collect::<Result<_>>()?)
            }
            _ => scalar(raw).ok_or_else(|| self.wrong(path, shown(raw)))?,
        })
    }

    fn wrong(&self, path: &str, found: String) -> Problem {
        Problem::refused(self.origin.place(path), "is not a valid grant")
            .found(found)
            .expected("the tables of [plugins.NAME.grants] in toolcell.toml, as JSON")
            .next("correct it; docs/configuration.md shows every key of grants")
    }
}

/// Describes an error without line and column, which count from the value, not from the start of the file.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split_once(" at line ").map_or(text.clone(), |(wrong, _)| wrong.to_owned())
}

/// A text, a number or a truth value; TOML has no `null` and no larger numbers.
fn scalar(raw: &RawValue) -> Option<Value> {
    match serde_json::from_str(raw.get()).ok()? {
        serde_json::Value::String(text) => Some(Value::String(text)),
        serde_json::Value::Bool(is_true) => Some(Value::Boolean(is_true)),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(number) => Some(Value::Integer(number)),
            None if number.is_f64() => number.as_f64().map(Value::Float),
            None => None,
        },
        _ => None,
    }
}

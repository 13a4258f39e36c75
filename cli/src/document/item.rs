//! Reads texts that have a form of their own, such as a host, a method or a path.

use std::fmt::Display;
use std::str::FromStr;

use toolcell_host::catalog::HttpGrant;

use super::Table;
use super::scope::HIDDEN;
use crate::ui::problem::Result;

/// Reads a list of such texts, which is not empty; `None` if the key is not there.
pub(crate) fn list<T>(table: &Table<'_>, key: &'static str, example: &str) -> Result<Option<Vec<T>>>
where
    T: FromStr<Err: Display>,
{
    let Some(texts) = table.texts(key)? else { return Ok(None) };
    if texts.is_empty() || texts.len() > HttpGrant::MAX_ITEMS {
        return Err(table
            .wrong(key, "has no items, or too many")
            .found(texts.len().to_string())
            .expected(format!("1 to {} items, like {example}", HttpGrant::MAX_ITEMS))
            .next(format!("remove `{key}` for its default, or write {key} = {example}")));
    }
    let item = |(at, text): (usize, &String)| {
        let expected = format!("items like those in {key} = {example}");
        one(table, &format!("{key}[{at}]"), text, &expected, example)
    };
    texts.iter().enumerate().map(item).collect::<Result<_>>().map(Some)
}

/// Reads one such text, the value of `key`.
pub(crate) fn one<T>(table: &Table<'_>, key: &str, text: &str, expected: &str, example: &str) -> Result<T>
where
    T: FromStr<Err: Display>,
{
    text.parse().map_err(|error: T::Err| {
        let name = key.split('[').next().unwrap_or(key);
        table
            .wrong(key, error.to_string())
            .found(if table.is_confidential() { HIDDEN.to_owned() } else { format!("{text:?}") })
            .expected(expected)
            .next(format!("correct it, for example: {name} = {example}"))
    })
}

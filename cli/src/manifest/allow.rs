//! `[[check.allow]]` of `plugin.toml`: findings that the author has thought about.

use super::lint::{self, Lint};
use crate::document::Table;
use crate::ui::closest::closest;
use crate::ui::problem::Result;

/// A kind of finding that is meant to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Which kind.
    pub lint: Lint,
    /// The tool or prompt, by the name of its WIT function; `None` for the whole plugin.
    pub on: Option<String>,
    /// The author's reason.
    pub why: String,
}

/// Reads the table `[check]`.
///
/// # Errors
/// An id that no finding has, or no reason.
pub(crate) fn read(table: &Table<'_>) -> Result<Vec<Allowance>> {
    table.list("allow", |entry| {
        let id = entry.required("id", "\"wide-integer\"")?;
        let Some(rule) = lint::RULES.iter().find(|rule| rule.id == id) else {
            let next = match closest(&id, lint::RULES.iter().map(|rule| rule.id)) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "docs/checking-a-plugin.md lists every id".into(),
            };
            return Err(entry
                .wrong("id", "is not the id of a finding")
                .found(id)
                .expected("the id in brackets after a finding")
                .next(next));
        };
        let why = entry.required("why", "\"numbers of the register are longer\"")?;
        Ok(Allowance { lint: rule.lint, on: entry.text("on")?, why })
    })
}

//! `[[check.allow]]` of `plugin.toml`: findings that the author has thought about.

use super::{Finding, Lint, lint};
use crate::component::signature::wit_name;
use crate::document::Table;
use crate::source::Loaded;
use crate::ui::closest::closest;
use crate::ui::problem::Result;

/// A kind of finding that is meant to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Which kind.
    pub lint: Lint,
    /// What it is about, if not everything: a tool or prompt by the name of its WIT function.
    pub on: Option<String>,
    /// Why it is meant to be.
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
                .wrong("id", "is the id of no finding")
                .found(id)
                .expected("the id that stands in brackets behind a finding")
                .next(next));
        };
        let why = entry.required("why", "\"numbers of the register are longer\"")?;
        Ok(Allowance { lint: rule.lint, on: entry.text("on")?, why })
    })
}

/// Takes out what is allowed; beside the rest, says which allowances match nothing.
pub(super) fn apply(findings: Vec<Finding>, loaded: &Loaded) -> (Vec<Finding>, Vec<Finding>) {
    let allowed = loaded.written.as_ref().map_or(&[][..], |written| &written.manifest.allowed);
    let unused =
        allowed.iter().enumerate().filter(|(_, one)| !findings.iter().any(|found| one.covers(found)));
    let needless = unused.map(|(at, one)| {
        let place = loaded.origin.place(&format!("check.allow[{at}]"));
        Finding::new(Lint::NeedlessAllow, place, format!("allows `{}`, which was not found", one.lint.id()))
    });
    let needless = needless.collect();
    let kept = findings.into_iter().filter(|found| !allowed.iter().any(|one| one.covers(found)));
    (kept.collect(), needless)
}

impl Allowance {
    fn covers(&self, finding: &Finding) -> bool {
        let is_meant = |on: &String| *on == finding.subject || *on == wit_name(&finding.subject);
        self.lint == finding.id && self.on.as_ref().is_none_or(is_meant)
    }
}

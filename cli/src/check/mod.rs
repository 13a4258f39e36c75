//! `toolcell check`: what works, but could be better or will surprise.
//!
//! Each file finds one kind of thing. What each [`Lint`] means, and why, stands in [`lint`](crate::manifest::lint); what breaks clients of an
//! older component is found by [`against`].

pub mod against;
mod allow;
mod annotation;
mod description;
mod name;
mod shape;
mod toolchain;
mod whole;
mod wit_text;

use std::fmt;
use std::path::Path;

use serde::Serialize;

pub use against::Change;
pub use whole::skipped;

use crate::manifest::lint::Lint;
use crate::plugin::load::{self, Loaded};
use crate::ui::problem::Result;

/// Something worth changing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which kind of thing it is.
    pub id: Lint,
    /// What it is about: a tool, a prompt, the plugin, or a place in a file.
    pub subject: String,
    /// What is the matter, in one clause.
    pub text: String,
    /// What to do.
    pub next: String,
}

impl Finding {
    /// Says what is the matter, and what to do about it in general.
    fn new(id: Lint, subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self { id, subject: subject.into(), text: text.into(), next: id.rule().remedy.into() }
    }

    /// Says what to do about this one.
    fn next(mut self, next: impl Into<String>) -> Self {
        self.next = next.into();
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {} [{}]", self.subject, self.text, self.next, self.id.id())
    }
}

/// What `toolcell check` has to say.
#[derive(Debug, Serialize)]
pub struct Report {
    /// What could be better.
    pub findings: Vec<Finding>,
    /// What clients of the older component will notice, what breaks them first.
    pub changes: Vec<Change>,
}

/// Checks a component or a plugin directory, also against the component that clients know already.
///
/// # Errors
/// What makes one of them unusable; what is merely worth changing is in the report.
pub fn report(path: &Path, against: Option<&Path>) -> Result<Report> {
    let loaded = load::load(path)?;
    let old = against.map(load::load).transpose()?;
    let changes = old.map(|old| against::changes(&old, &loaded)).unwrap_or_default();
    Ok(Report { findings: findings(&loaded), changes })
}

/// Checks a component or a plugin directory.
///
/// # Errors
/// As [`report`].
pub fn check(path: &Path) -> Result<Vec<Finding>> {
    Ok(report(path, None)?.findings)
}

/// What toolchains got wrong about a plugin: whoever packs or builds it is told, too.
pub fn faults(loaded: &Loaded) -> Vec<Finding> {
    allow::apply(raw_faults(loaded), loaded).0
}

fn findings(loaded: &Loaded) -> Vec<Finding> {
    let mut all = whole::findings(loaded);
    all.extend(raw_faults(loaded));
    all.extend(name::findings(loaded));
    if loaded.component.packed.is_some() {
        all.extend(description::findings(&loaded.plugin));
        all.extend(annotation::findings(loaded));
    }
    all.extend(loaded.plugin.tools.iter().flat_map(shape::findings));
    let (mut kept, needless) = allow::apply(all, loaded);
    kept.extend(needless);
    kept
}

fn raw_faults(loaded: &Loaded) -> Vec<Finding> {
    let mut all = toolchain::findings(loaded);
    all.extend(loaded.written.iter().flat_map(|written| wit_text::findings(&written.manifest.wit)));
    all
}

//! Findings about a plugin: what works, but could be better or will surprise.
//!
//! Each file finds one kind of thing. What each kind means, and why, stands in [`lint`](crate::manifest::lint); what
//! breaks clients of an older component is found by [`against`].

pub mod against;
mod allow;
mod annotation;
mod description;
pub mod finding;
mod name;
mod plugin_wide;
mod portable;
mod shape;
mod toolchain;
mod wit_text;

use std::path::Path;

use serde::Serialize;

pub use plugin_wide::skipped;

use crate::plugin::load::{self, Loaded};
use crate::ui::problem::Result;

use against::Contract;
use against::change::Change;
use finding::Finding;

/// The result of `toolcell check`.
#[derive(Debug, Serialize)]
pub struct CheckReport {
    /// The findings.
    pub findings: Vec<Finding>,
    /// The changes since the older component, breaking changes first.
    pub changes: Vec<Change>,
}

/// Checks a component or a plugin directory, also against the component that clients know already.
///
/// # Errors
/// An error that makes one of the components unusable; findings are in the report.
pub fn report(path: &Path, against: Option<&Path>) -> Result<CheckReport> {
    let loaded = load::load(path)?;
    let old = against.map(load::load).transpose()?;
    let changes = old.map(|old| against::changes(&Contract::of(&old), &Contract::of(&loaded)));
    let changes = changes.unwrap_or_default();
    Ok(CheckReport { findings: findings(&loaded), changes })
}

/// Checks a component or a plugin directory.
///
/// # Errors
/// As [`report`].
pub fn check(path: &Path) -> Result<Vec<Finding>> {
    Ok(report(path, None)?.findings)
}

/// Returns the toolchain's faults in a plugin, which `pack` and `build` report as well.
pub fn faults(loaded: &Loaded) -> Vec<Finding> {
    allow::apply(raw_faults(loaded), loaded).0
}

fn findings(loaded: &Loaded) -> Vec<Finding> {
    let mut all = plugin_wide::findings(loaded);
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
    all.extend(loaded.author_files.iter().flat_map(|files| wit_text::findings(&files.manifest.wit)));
    all
}

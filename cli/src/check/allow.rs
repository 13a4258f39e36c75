//! Takes out the findings that `[[check.allow]]` of `plugin.toml` allows.

use super::finding::Finding;
use crate::component::signature::wit_name;
use crate::manifest::allow::Allowance;
use crate::manifest::lint::Lint;
use crate::plugin::load::Loaded;

/// Takes out what is allowed; beside the rest, says which allowances match nothing.
pub(super) fn apply(findings: Vec<Finding>, loaded: &Loaded) -> (Vec<Finding>, Vec<Finding>) {
    let allowed = loaded.author_files.as_ref().map_or(&[][..], |files| &files.manifest.allowed);
    let unused =
        allowed.iter().enumerate().filter(|(_, one)| !findings.iter().any(|found| covers(one, found)));
    let needless = unused.map(|(at, one)| {
        let place = loaded.origin.place(&format!("check.allow[{at}]"));
        Finding::new(Lint::NeedlessAllow, place, format!("allows `{}`, which was not found", one.lint.id()))
    });
    let needless = needless.collect();
    let kept = findings.into_iter().filter(|found| !allowed.iter().any(|one| covers(one, found)));
    (kept.collect(), needless)
}

fn covers(allowance: &Allowance, finding: &Finding) -> bool {
    let is_meant = |on: &String| *on == finding.subject || *on == wit_name(&finding.subject);
    allowance.lint == finding.id && allowance.on.as_ref().is_none_or(is_meant)
}

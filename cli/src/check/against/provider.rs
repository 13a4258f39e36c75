//! Compares resources and other items that are known only at run time.

use toolcell_host::catalog::ProviderRole;

use super::Contract;
use super::change::{Change, ChangeKind, Impact, NOTHING};
use crate::component::provider;

/// Compares what two plugins offer at run time, and whether they ask.
pub(super) fn changes(old: &Contract, new: &Contract) -> Vec<Change> {
    let name = &new.plugin;
    let change = |id, impact, path: &str, before: String, after: String| {
        let (subject, path) = (name.clone(), path.to_string());
        Change { id, impact, subject, path, before, after }
    };
    let mut all = Vec::new();
    let (had, offered) = (interfaces(old), interfaces(new));
    for interface in had.iter().filter(|interface| !offered.contains(interface)) {
        let before = provider::describe(interface, &old.uris);
        all.push(change(ChangeKind::Removed, Impact::Breaks, interface, before, NOTHING.into()));
    }
    let resources = ProviderRole::ReadResource.function().0;
    if had.contains(&resources) && offered.contains(&resources) {
        let (before, after) = (starts(&old.uris), starts(&new.uris));
        let lost = uris(&old.uris, &new.uris);
        all.extend(lost.map(|impact| change(ChangeKind::Removed, impact, "resources.uris", before, after)));
    }
    if new.asks && !old.asks {
        let (before, after) = ("never asks".into(), "may ask the user or the client".into());
        all.push(change(ChangeKind::Capability, Impact::MayBreak, "", before, after));
    }
    all
}

fn interfaces(contract: &Contract) -> Vec<&'static str> {
    provider::interfaces(contract.roles.iter().copied())
}

/// Tells whether a URI that was the plugin's is not any more; no starts at all means any URI.
fn uris(old: &[String], new: &[String]) -> Option<Impact> {
    let is_kept =
        |start: &String| new.is_empty() || new.iter().any(|other| start.starts_with(other.as_str()));
    match old {
        [] => (!new.is_empty()).then_some(Impact::MayBreak),
        old => (!old.iter().all(is_kept)).then_some(Impact::Breaks),
    }
}

fn starts(uris: &[String]) -> String {
    if uris.is_empty() { "any URI".into() } else { uris.join(", ") }
}

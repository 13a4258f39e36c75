//! Compares resources and other items that are known only at run time.

use toolcell_host::catalog::ProviderRole;

use super::change::{Change, ChangeKind, Impact, NOTHING};
use crate::component::provider;
use crate::plugin::load::Loaded;

/// Compares what two plugins offer at run time, and whether they ask.
pub(super) fn changes(old: &Loaded, new: &Loaded) -> Vec<Change> {
    let name = &new.plugin.name;
    let change = |id, impact, path: &str, before: String, after: String| {
        let (subject, path) = (name.clone(), path.to_string());
        Change { id, impact, subject, path, before, after }
    };
    let mut all = Vec::new();
    let offered = interfaces(new);
    for interface in interfaces(old).into_iter().filter(|interface| !offered.contains(interface)) {
        let before = provider::describe(interface, &old.plugin.uris);
        all.push(change(ChangeKind::Removed, Impact::Breaks, interface, before, NOTHING.into()));
    }
    if offered.contains(&ProviderRole::ReadResource.function().0) {
        let (before, after) = (starts(&old.plugin.uris), starts(&new.plugin.uris));
        let lost = uris(&old.plugin.uris, &new.plugin.uris);
        all.extend(lost.map(|impact| change(ChangeKind::Removed, impact, "resources.uris", before, after)));
    }
    if new.component.asks() && !old.component.asks() {
        let (before, after) = ("never asks".into(), "may ask the user or the client".into());
        all.push(change(ChangeKind::Capability, Impact::MayBreak, "", before, after));
    }
    all
}

fn interfaces(loaded: &Loaded) -> Vec<&'static str> {
    provider::interfaces(loaded.component.providers.iter().map(|provider| provider.role))
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

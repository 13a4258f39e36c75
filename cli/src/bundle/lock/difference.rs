//! Shows the difference between two lock files as a person reads it.

use super::super::definition::Canonical;
use super::{Lock, LockedPlugin};

/// Lists what is new, gone or different, by plugin and tool. A tool whose definition has changed is followed by lines for
/// each member that differs: its path, the accepted value after `-`, and the one that would be built after `+`.
pub(super) fn differences(accepted: &Lock, built: &Lock) -> Vec<String> {
    let mut changes = Vec::new();
    for (name, plugin) in &accepted.plugins {
        match built.plugins.get(name) {
            Some(now) => of_plugin(name, plugin, now, &mut changes),
            None => changes.push(format!("plugin `{name}` is gone")),
        }
    }
    let new = built.plugins.iter().filter(|(name, _)| !accepted.plugins.contains_key(*name));
    changes.extend(new.map(|(name, plugin)| {
        let tools: Vec<_> = plugin.tools.keys().map(|tool| format!("`{tool}`")).collect();
        let tools =
            if tools.is_empty() { "no tools".to_owned() } else { format!("tools {}", tools.join(", ")) };
        format!("plugin `{name}` is new, with component sha256:{} and {tools}", plugin.component)
    }));
    changes
}

fn of_plugin(name: &str, accepted: &LockedPlugin, built: &LockedPlugin, changes: &mut Vec<String>) {
    if accepted.component != built.component {
        let (old, new) = (accepted.component, built.component);
        changes.push(format!("plugin `{name}` has another component\n- sha256:{old}\n+ sha256:{new}"));
    }
    for (tool, old) in &accepted.tools {
        match built.tools.get(tool) {
            None => changes.push(format!("tool `{tool}` of plugin `{name}` is gone")),
            Some(new) if new.digest == old.digest => {}
            Some(new) => {
                let mut lines = vec![format!("tool `{tool}` of plugin `{name}` has another definition")];
                of_values("", Some(&old.definition), Some(&new.definition), &mut lines);
                changes.push(lines.join("\n"));
            }
        }
    }
    let new = built.tools.keys().filter(|tool| !accepted.tools.contains_key(*tool));
    changes.extend(new.map(|tool| format!("tool `{tool}` of plugin `{name}` is new")));
}

/// Appends lines for each place at which two values differ.
fn of_values(path: &str, old: Option<&Canonical>, new: Option<&Canonical>, lines: &mut Vec<String>) {
    match (old, new) {
        (old, new) if old == new => {}
        (Some(Canonical::Object(old)), Some(Canonical::Object(new)))
            if are_distinct(old) && are_distinct(new) =>
        {
            let names = old.iter().chain(new).map(|(name, _)| name.as_str());
            let mut names: Vec<_> = names.collect();
            names.sort_unstable();
            names.dedup();
            for name in names {
                of_values(&below(path, name), member(old, name), member(new, name), lines);
            }
        }
        (Some(Canonical::Array(old)), Some(Canonical::Array(new))) if old.len() == new.len() => {
            for (at, (old, new)) in old.iter().zip(new).enumerate() {
                of_values(&format!("{path}[{at}]"), Some(old), Some(new), lines);
            }
        }
        (old, new) => {
            lines.push(format!("{path}:"));
            lines.extend(old.map(|old| format!("- {}", shown(old))));
            lines.extend(new.map(|new| format!("+ {}", shown(new))));
        }
    }
}

/// Tells whether no two members have the same name.
fn are_distinct(members: &[(String, Canonical)]) -> bool {
    members.windows(2).all(|pair| pair[0].0 != pair[1].0)
}

fn member<'a>(members: &'a [(String, Canonical)], name: &str) -> Option<&'a Canonical> {
    members.iter().find(|(candidate, _)| candidate == name).map(|(_, value)| value)
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Shows a text as it reads, and everything else as JSON.
fn shown(value: &Canonical) -> String {
    let json = serde_json::to_string(value).expect("scalars are JSON");
    match value {
        Canonical::Scalar(_) => {
            serde_json::from_str::<String>(&json).map_or(json, |text| text.replace('\n', "\n  "))
        }
        Canonical::Array(_) | Canonical::Object(_) => json,
    }
}

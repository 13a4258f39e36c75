//! Checks that a package has the layers of its table, and that every import is allowed and every permission used.

use std::collections::BTreeSet;

use crate::resolve::Target;
use crate::table::Rules;
use crate::workspace::{Package, ROOT, Workspace};

/// Returns one sentence for everything that breaks a rule.
pub(crate) fn violations(workspace: &Workspace<'_>, package: &Package<'_>) -> Vec<String> {
    let mut violations = unread(package);
    violations.extend(unknown(workspace, package));
    violations.extend(upward(&package.rules));
    let mut used = BTreeSet::new();
    violations.extend(forbidden(workspace, package, &mut used));
    violations.extend(unused(&package.rules, &used));
    violations
}

/// Reports files that belong to no crate, and code whose imports cannot be read.
fn unread(package: &Package<'_>) -> Vec<String> {
    let name = package.rules.package;
    let file =
        |file: &std::path::PathBuf| format!("{}: is part of no module that {name} declares", file.display());
    package.unread.iter().map(file).collect()
}

/// Reports layers that are not in the table, rows that are no layer, and code that hides what it imports.
fn unknown(workspace: &Workspace<'_>, package: &Package<'_>) -> Vec<String> {
    let (name, layers) = (package.rules.package, package.rules.layers);
    let mut violations = Vec::new();
    let mut found = BTreeSet::from([ROOT.to_owned()]);
    for (of, module) in workspace.modules(package) {
        let file = module.file.display();
        let layer = workspace.layer(package, of, &module.path);
        if layer != ROOT && layers.iter().all(|known| known.name != layer) {
            violations.push(format!(
                "{file}: {layer} may not be there because the table of {name} does not know it"
            ));
        }
        found.insert(layer);
        let hidden = module.unresolvable.iter();
        violations.extend(hidden.map(|(line, why)| format!("{file}:{line}: may not hide an import: {why}")));
    }
    let gone = layers.iter().filter(|layer| !found.contains(layer.name));
    violations
        .extend(gone.map(|layer| format!("the table of {name} has {}, which does not exist", layer.name)));
    violations
}

/// Reports permissions to import a layer that stands above in the table.
fn upward(rules: &Rules<'_>) -> Vec<String> {
    let mut violations = Vec::new();
    for (at, layer) in rules.layers.iter().enumerate() {
        let above = rules.layers[..=at].iter().filter(|above| layer.may_import.contains(&above.name));
        violations.extend(above.map(|above| {
            format!(
                "the table of {} lets {} import {}, which is above it",
                rules.package, layer.name, above.name
            )
        }));
    }
    violations
}

/// Reports imports without a permission, and collects those that there are.
fn forbidden(
    workspace: &Workspace<'_>,
    package: &Package<'_>,
    used: &mut BTreeSet<(String, String)>,
) -> Vec<String> {
    let mut violations = Vec::new();
    for reference in workspace.references(package) {
        let Target::Module { of, path, item } = &reference.to else { continue };
        if path.is_empty() && item.is_none() {
            continue; // the root itself, as in `use crate as root`: what the code takes from it counts
        }
        let from = workspace.layer(package, reference.of, &reference.module.path);
        let to = workspace.layer(package, *of, path);
        let Some(layer) = package.rules.layers.iter().find(|layer| layer.name == from) else { continue };
        if from != to && !layer.may_import.contains(&to.as_str()) {
            violations.push(format!(
                "{}: {from} may not import {to} because {}",
                reference.place(),
                layer.because
            ));
        }
        used.insert((from, to));
    }
    violations
}

/// Reports permissions that no import uses.
fn unused(rules: &Rules<'_>, used: &BTreeSet<(String, String)>) -> Vec<String> {
    let permissions =
        rules.layers.iter().flat_map(|layer| layer.may_import.iter().map(|to| (layer.name, *to)));
    let unused = permissions.filter(|(from, to)| !used.contains(&((*from).to_owned(), (*to).to_owned())));
    unused
        .map(|(from, to)| {
            format!("the table of {} lets {from} import {to}, which it does not", rules.package)
        })
        .collect()
}

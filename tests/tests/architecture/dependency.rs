//! Checks that every dependency is imported only where the table of its package says.

use std::collections::BTreeSet;

use crate::resolve::Target;
use crate::workspace::{Package, Workspace};

/// Returns one sentence for everything that breaks a rule.
pub(crate) fn violations(workspace: &Workspace<'_>, package: &Package<'_>) -> Vec<String> {
    let mut used = BTreeSet::new();
    let mut violations = misplaced(workspace, package, &mut used);
    violations.extend(unused(package, &used));
    violations.extend(unknown(workspace, package));
    violations
}

/// Reports imports of a dependency in a layer that is not its home, and collects those that there are.
fn misplaced(
    workspace: &Workspace<'_>,
    package: &Package<'_>,
    used: &mut BTreeSet<(String, String)>,
) -> Vec<String> {
    let mut violations = Vec::new();
    for reference in workspace.references(package) {
        let Target::Dependency(path) = &reference.to else { continue };
        let layer = workspace.layer(package, reference.of, &reference.module.path);
        for (name, homes) in package.rules.restricted.iter().filter(|(name, _)| is_in(path, name)) {
            if !homes.contains(&layer.as_str()) {
                let (place, homes) = (reference.place(), homes.join(", "));
                violations
                    .push(format!("{place}: {layer} may not import {name} because its home is {homes}"));
            }
            used.insert(((*name).to_owned(), layer.clone()));
        }
    }
    violations
}

/// Reports homes where a dependency is not imported.
fn unused(package: &Package<'_>, used: &BTreeSet<(String, String)>) -> Vec<String> {
    let homes =
        package.rules.restricted.iter().flat_map(|(name, homes)| homes.iter().map(|home| (*name, *home)));
    let unused = homes.filter(|(name, home)| !used.contains(&((*name).to_owned(), (*home).to_owned())));
    let table = package.rules.package;
    unused
        .map(|(name, home)| format!("the table of {table} lets {home} import {name}, which it does not"))
        .collect()
}

/// Reports dependencies that are not in the table, and rows that are no dependency.
fn unknown(workspace: &Workspace<'_>, package: &Package<'_>) -> Vec<String> {
    let rules = &package.rules;
    let known: BTreeSet<_> =
        rules.restricted.iter().map(|(name, _)| *name).chain(rules.unrestricted.iter().copied()).collect();
    // Packages of the workspace have layers of their own, which the table names.
    let read = |name: &str| workspace.universe.crates.iter().any(|krate| krate.name == name);
    let missing = package.dependencies.iter().filter(|name| !known.contains(name.as_str()) && !read(name));
    let gone = known.iter().filter(|name| !name.contains("::") && !package.dependencies.contains(**name));
    let missing =
        missing.map(|name| format!("the table of {} does not say who may import {name}", rules.package));
    let gone = gone.map(|name| format!("the table of {} has {name}, which is no dependency", rules.package));
    missing.chain(gone).collect()
}

/// Tells whether a path leads into a crate or module.
fn is_in(path: &[String], name: &str) -> bool {
    let mut segments = path.iter();
    name.split("::").all(|part| segments.next().is_some_and(|segment| segment == part))
}

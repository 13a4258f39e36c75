//! Checks that modules of one parent do not import each other in a cycle.
//!
//! A module counts with everything below it. What it takes from its own parent does not count. Where a name is only handed
//! on, the module counts that defines it.

use std::collections::{BTreeMap, BTreeSet};

use crate::resolve::Target;
use crate::workspace::{Package, Workspace};

/// Modules by name, each with those that it imports and the first place where it does.
type Graph = BTreeMap<String, BTreeMap<String, String>>;

/// Returns one sentence for every cycle, and for every exception of the table that is none.
pub(crate) fn violations(workspace: &Workspace<'_>, package: &Package<'_>) -> Vec<String> {
    let found = found(workspace, package);
    let allowed: BTreeSet<Vec<&str>> = package.rules.cycles.iter().map(|(names, _)| names.to_vec()).collect();
    let mut violations = Vec::new();
    for cycle in &found {
        let names: Vec<_> = cycle.keys().map(String::as_str).collect();
        if !allowed.contains(&names) {
            violations.push(sentence(cycle));
        }
    }
    let is_found = |names: &Vec<&str>| found.iter().any(|cycle| cycle.keys().eq(names.iter()));
    let gone = allowed.iter().filter(|names| !is_found(names));
    let name = package.rules.package;
    violations.extend(
        gone.map(|names| format!("the table of {name} allows a cycle of {names:?}, which does not exist")),
    );
    violations
}

/// Says which imports close a cycle.
fn sentence(cycle: &Graph) -> String {
    let imports = cycle.iter().flat_map(|(from, to)| to.iter().map(move |(to, place)| (from, to, place)));
    let mut imports = imports.map(|(from, to, place)| format!("{place}: {from} imports {to}"));
    let first = imports.next().unwrap_or_default();
    let others: Vec<_> = imports.collect();
    format!("{first} and may not because that closes a cycle with {}", others.join(", "))
}

/// Finds the cycles among the modules of each parent, with their full names.
fn found(workspace: &Workspace<'_>, package: &Package<'_>) -> Vec<Graph> {
    let mut graphs: BTreeMap<(usize, &[String]), Graph> = BTreeMap::new();
    let references: Vec<_> = workspace.references(package).collect();
    for reference in &references {
        let Target::Module { of, path, item: Some(item) } = &reference.to else { continue };
        let target = workspace.universe.crates[*of].module(path);
        if *of != reference.of || !target.is_some_and(|module| module.defines(item)) {
            continue;
        }
        let own = reference.module.path.as_slice();
        let shared = own.iter().zip(path).take_while(|(left, right)| left == right).count();
        if own.len() > shared && path.len() > shared {
            let graph = graphs.entry((*of, &own[..shared])).or_default();
            let imports = graph.entry(own[..=shared].join("::")).or_default();
            imports.entry(path[..=shared].join("::")).or_insert_with(|| reference.place());
        }
    }
    graphs.values().flat_map(cycles).collect()
}

/// Returns the parts of a graph in which everything reaches everything.
fn cycles(graph: &Graph) -> Vec<Graph> {
    let reached: BTreeMap<_, _> = graph.keys().map(|name| (name, reached(graph, name))).collect();
    let mut cycles: Vec<Graph> = Vec::new();
    for (name, to) in &reached {
        if !to.contains(name) || cycles.iter().any(|cycle| cycle.contains_key(*name)) {
            continue;
        }
        let is_member =
            |other: &String| to.contains(other) && reached.get(other).is_some_and(|to| to.contains(*name));
        let inside = |imports: &BTreeMap<String, String>| {
            let inside = imports.iter().filter(|(to, _)| is_member(to));
            inside.map(|(to, place)| (to.clone(), place.clone())).collect()
        };
        let members = graph.iter().filter(|(member, _)| is_member(member));
        cycles.push(members.map(|(member, imports)| (member.clone(), inside(imports))).collect());
    }
    cycles
}

/// Returns everything that a module imports, directly or through others.
fn reached<'a>(graph: &'a Graph, from: &String) -> BTreeSet<&'a String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(next) = open.pop() {
        for to in graph.get(next).into_iter().flat_map(BTreeMap::keys) {
            if reached.insert(to) {
                open.push(to);
            }
        }
    }
    reached
}

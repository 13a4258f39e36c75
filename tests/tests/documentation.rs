//! Pages that list what the code has.

use std::collections::BTreeSet;
use std::fs;

use toolcell_host::sandbox;
use toolcell_tests::fixture::root;

/// Returns the code spans of a table's cell.
fn names(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// Returns the interfaces that a row of the page lists, each with its versions.
fn listed(row: &str) -> Vec<String> {
    let cells: Vec<_> = row.split('|').map(str::trim).collect();
    let [_, package, interfaces, versions, _] = cells[..] else { return Vec::new() };
    let versions: Vec<_> = versions.split(", ").map(|version| version.trim_start_matches("every ")).collect();
    let package = names(package).next().unwrap_or_default();
    let versioned = |name| versions.iter().map(move |version| format!("{package}/{name}@{version}"));
    names(interfaces).flat_map(versioned).collect()
}

#[test]
fn the_page_about_the_plugin_interface_lists_every_import() {
    let page = fs::read_to_string(root().join("docs/plugin-interface.md")).unwrap();
    let section = page.split_once("\n## Imports\n").expect("the section").1;
    let section = section.split("\n## ").next().unwrap_or_default();
    let found: BTreeSet<_> = section.lines().flat_map(listed).collect();
    assert_eq!(found, sandbox::interfaces().collect());
}

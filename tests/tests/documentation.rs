//! Pages that list what the code has.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

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
    let listed: BTreeSet<_> = section.lines().flat_map(listed).collect();
    let linked: BTreeSet<_> = sandbox::interfaces().collect();
    let missing: Vec<_> = linked.difference(&listed).collect();
    let unknown: Vec<_> = listed.difference(&linked).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "docs/plugin-interface.md, section Imports: not listed: {missing:?}; listed, but not linked: {unknown:?}"
    );
}

/// Returns the files below a folder whose names end so, without what was built or installed.
fn sources(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let (folders, files): (Vec<_>, Vec<_>) =
        entries.partition(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let folders =
        folders.iter().filter(|entry| entry.file_name() != "target" && entry.file_name() != ".venv");
    let below = folders.flat_map(|entry| sources(&entry.path(), ending));
    let here = files.iter().map(|entry| entry.path()).filter(|path| path.to_string_lossy().ends_with(ending));
    here.chain(below).collect()
}

/// Returns the names of the test functions of a file in Rust: the function after each `#[test]`.
fn rust_tests(text: &str) -> Vec<&str> {
    let attributes = text.match_indices("#[test]").chain(text.match_indices("#[tokio::test"));
    let functions = attributes.filter_map(|(at, _)| text[at..].split_once("fn "));
    functions.filter_map(|(_, function)| function.split('(').next()).collect()
}

/// Returns the names of the test functions of a file in Python.
fn python_tests(text: &str) -> Vec<&str> {
    let functions = text.lines().filter_map(|line| line.trim_start().strip_prefix("def test_"));
    functions.filter_map(|function| function.split('(').next()).collect()
}

/// Returns the names of attacks in a file of `tests/tests/hostile`: texts of lower-case words with hyphens.
fn attacks(text: &str) -> Vec<&str> {
    let is_name = |text: &&str| {
        text.contains('-') && text.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-')
    };
    text.split('"').filter(is_name).collect()
}

/// Returns the names of all tests and attacks.
fn all_tests() -> BTreeSet<String> {
    let read = |path: PathBuf| fs::read_to_string(path).unwrap();
    let mut all = BTreeSet::new();
    for folder in ["host", "cli", "lambda-emulator", "tests/src", "tests/tests"] {
        for text in sources(&root().join(folder), ".rs").into_iter().map(read) {
            all.extend(rust_tests(&text).into_iter().map(str::to_owned));
        }
    }
    for text in sources(&root().join("tests/sam"), "_test.py").into_iter().map(read) {
        all.extend(python_tests(&text).into_iter().map(|name| format!("test_{name}")));
    }
    for text in sources(&root().join("tests/tests/hostile"), ".rs").into_iter().map(read) {
        all.extend(attacks(&text).into_iter().map(str::to_owned));
    }
    all
}

#[test]
fn the_page_about_security_names_tests_that_exist() {
    let page = fs::read_to_string(root().join("docs/security.md")).unwrap();
    let tests = all_tests();
    let mut rows = BTreeSet::new();
    for line in page.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, id, _, _, shown_by, _] = cells[..] else { continue };
        if id == "id" {
            continue;
        }
        assert!(rows.insert(id), "{id} is there twice");
        let unknown: Vec<_> = names(shown_by).filter(|name| !tests.contains(*name)).collect();
        assert!(unknown.is_empty(), "{id} names tests that do not exist: {unknown:?}");
        assert!(names(shown_by).next().is_some(), "{id} names no test");
    }
    assert!(rows.len() > 60, "the page has only {} rows", rows.len());
}

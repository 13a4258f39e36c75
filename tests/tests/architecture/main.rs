//! The shape of the code: which way imports run, where dependencies live, and that the host holds no compiler.

mod bypass;
mod cycle;
mod dependency;
mod drawing;
mod layering;
mod mention;
mod read;
mod resolve;
mod source;
mod table;
mod token;
mod workspace;

use std::collections::BTreeSet;
use std::fs;

use source::Files;
use table::Rules;
use toolcell_tests::fixture::{self, cargo, root};
use workspace::{Input, Workspace};

/// The packages whose layers are checked.
const PACKAGES: [Rules<'_>; 2] = [table::HOST, table::CLI];

/// Reads the code of every package: its library, and the programs beside it.
fn workspace() -> Workspace<'static> {
    let inputs = PACKAGES.map(|rules| {
        let package = rules.package;
        let files = Files::below(&root(), &format!("{package}/src"));
        let mut roots = vec![(format!("toolcell_{package}"), format!("{package}/src/lib.rs"))];
        roots.extend(files.programs(package));
        Input { rules, files, roots, dependencies: dependencies(package) }
    });
    Workspace::read(inputs).unwrap_or_else(|error| panic!("{error}"))
}

/// Returns the names by which the code of a package knows its dependencies.
fn dependencies(package: &str) -> BTreeSet<String> {
    let manifest = fs::read_to_string(root().join(package).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let of_targets = manifest.get("target").and_then(toml::Value::as_table).into_iter().flatten();
    let of_all = toml::Value::Table(manifest.clone());
    let tables = of_targets.map(|(_, target)| target).chain([&of_all]);
    let dependencies = tables.filter_map(|table| table.get("dependencies")?.as_table()).flatten();
    dependencies.map(|(name, _)| name.replace('-', "_")).collect()
}

#[test]
fn imports_run_one_way_and_every_dependency_has_its_home() {
    let violations = workspace().violations();
    assert!(violations.is_empty(), "move the code, or change the rules in table.rs: {violations:#?}");
}

#[test]
fn the_page_draws_what_the_tables_allow() {
    let page = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    for rules in &PACKAGES {
        drawing::compare(&page, rules)
            .unwrap_or_else(|difference| panic!("docs/architecture.md: {difference}"));
    }
}

#[test]
fn the_map_of_a_crate_draws_what_the_tables_allow() {
    // The map of the host follows a request down to the codec, and says that the catalog is in its types.
    let raised: [&[(&str, &str)]; 2] = [&[("codec", "catalog")], &[]];
    for (rules, raised) in PACKAGES.iter().zip(raised) {
        let file = format!("{}/src/lib.rs", rules.package);
        let code = fs::read_to_string(root().join(&file)).unwrap();
        drawing::check_map(&code, rules, raised).unwrap_or_else(|error| panic!("{file}: {error}"));
    }
}

#[test]
fn the_host_depends_on_no_compiler() {
    let tree = cargo(&["tree", "-p", "toolcell-host", "-e", "normal", "--prefix", "none", "--locked"]);
    assert!(tree.contains("wasmtime v48"), "the tree is not the host's:\n{tree}");
    for compiler in ["cranelift", "winch", "regalloc2", "wasmtime-environ-compile", "wasm-compose"] {
        let found: Vec<_> = tree.lines().filter(|line| line.contains(compiler)).collect();
        assert!(
            found.iter().all(|line| ALLOWED_DATA_CRATES.iter().any(|crate_| line.starts_with(crate_))),
            "the host depends on a compiler: {found:?}"
        );
    }
}

/// Crates of the compiler's family that hold data types alone and are part of the engine's own run time.
const ALLOWED_DATA_CRATES: [&str; 3] = ["cranelift-bforest", "cranelift-bitset", "cranelift-entity"];

#[test]
fn the_host_binary_holds_no_compiler() {
    let binary = fs::read(fixture::once()).unwrap();
    let holds = |text: &str| memchr::memmem::find(&binary, text.as_bytes()).is_some();
    assert!(holds("wasmtime"), "the binary does not even hold the engine");
    for symbol in ["cranelift_codegen", "cranelift_frontend", "wasmtime_cranelift", "regalloc2"] {
        assert!(!holds(symbol), "the host's binary holds {symbol}");
    }
}

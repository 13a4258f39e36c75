//! Every known way around the rules, each as a small package that the rules have to catch.
//!
//! Two ways stay open: code that a procedural macro writes, and values of a type that the code never names.

mod import;
mod package;

use crate::drawing;
use crate::source::Files;
use crate::table::{Layer, Rules};
use crate::workspace::{Input, Workspace};

/// Texts of files by their paths.
type Texts<'a> = &'a [(&'a str, &'a str)];

/// A package that keeps the rules.
const PLAIN: Texts<'_> = &[
    ("app/src/lib.rs", "mod edge;\nmod service;\nmod protocol;\nmod engine;\nmod leaf;\n"),
    ("app/src/edge.rs", "use crate::service;\nuse base::data;\n"),
    ("app/src/service.rs", "use crate::{engine::Store, protocol};\n"),
    ("app/src/protocol.rs", "use crate::leaf;\n"),
    ("app/src/engine.rs", "pub struct Store;\nuse wasmtime::Engine;\n"),
    ("app/src/leaf.rs", ""),
];

const APP: Rules<'_> = Rules {
    package: "app",
    layers: &[
        Layer { name: "edge", may_import: &["service", "base::data"], because: "it is thin" },
        Layer { name: "service", may_import: &["engine", "protocol"], because: "it is the top" },
        Layer { name: "protocol", may_import: &["leaf"], because: "it is pure" },
        Layer { name: "engine", may_import: &[], because: "it runs code" },
        Layer { name: "leaf", may_import: &[], because: "it is a leaf" },
    ],
    restricted: &[("wasmtime", &["engine"])],
    unrestricted: &["serde"],
    cycles: &[],
};

/// Another package, which the first one depends on.
const BASE: Rules<'_> = Rules {
    package: "base",
    layers: &[
        Layer { name: "data", may_import: &[], because: "it is data" },
        Layer { name: "sandbox", may_import: &[], because: "it is a sandbox" },
    ],
    restricted: &[],
    unrestricted: &[],
    cycles: &[],
};

const BASE_TEXTS: Texts<'_> = &[
    ("base/src/lib.rs", "pub mod data;\npub mod sandbox;\n"),
    ("base/src/data.rs", ""),
    ("base/src/sandbox.rs", "pub struct Cell;\n"),
];

const DEPENDENCIES: &[&str] = &["base", "serde", "wasmtime"];

/// Checks the plain package with these files added or in the place of its own.
fn violations(app: Rules<'_>, dependencies: &[&str], texts: Texts<'_>) -> Vec<String> {
    let own = |(path, _): &&(&str, &str)| texts.iter().all(|(changed, _)| changed != path);
    let files: Vec<_> = PLAIN.iter().filter(own).chain(texts).copied().collect();
    let inputs = [input(app, &files, dependencies), input(BASE, BASE_TEXTS, &[])];
    Workspace::read(inputs)
        .map_or_else(|error| vec![error], |workspace| workspace.violations().into_iter().collect())
}

fn input<'a>(rules: Rules<'a>, texts: Texts<'_>, dependencies: &[&str]) -> Input<'a> {
    let files = Files::of(texts);
    let mut roots = vec![(rules.package.to_owned(), format!("{}/src/lib.rs", rules.package))];
    roots.extend(files.programs(rules.package));
    let dependencies = dependencies.iter().map(|name| (*name).to_owned()).collect();
    Input { rules, files, roots, dependencies }
}

#[test]
fn every_import_is_found() {
    for (name, text) in import::FORBIDDEN {
        let text = format!("use crate::leaf;\n{text}\n");
        let violations = violations(APP, DEPENDENCIES, &[("app/src/protocol.rs", &text)]);
        let sentence = " protocol may not import engine because it is pure";
        assert!(
            violations.iter().any(|one| one.starts_with("app/src/protocol.rs:") && one.ends_with(sentence)),
            "{name}: {violations:#?}"
        );
    }
}

#[test]
fn what_only_looks_like_an_import_does_not_count() {
    for (name, text) in import::HARMLESS {
        let text = format!("{text}\nuse crate::leaf;\n");
        let violations = violations(APP, DEPENDENCIES, &[("app/src/protocol.rs", &text)]);
        assert!(violations.is_empty(), "{name}: {violations:#?}");
    }
}

#[test]
fn every_crate_that_breaks_a_rule_is_found() {
    for (name, texts, sentence) in package::PACKAGES {
        let violations = violations(APP, DEPENDENCIES, texts);
        assert!(violations.iter().any(|one| one == sentence), "{name}: {violations:#?}");
    }
}

#[test]
fn a_crate_that_keeps_the_rules_is_let_through() {
    assert_eq!(violations(APP, DEPENDENCIES, &[]), [""; 0]);
    let tests: Texts<'_> = &[
        ("app/src/protocol.rs", "use crate::leaf;\n#[cfg(test)]\nmod tests;\n"),
        ("app/src/protocol/tests.rs", "mod more;\nuse crate::engine::Store;\n"),
        ("app/src/protocol/tests/more.rs", "use super::super::super::engine;\n"),
    ];
    assert_eq!(violations(APP, DEPENDENCIES, tests), [""; 0], "files of tests");
    let parent: Texts<'_> = &[
        (
            "app/src/service.rs",
            "mod left;\npub struct A;\nuse left::B;\nuse crate::{engine::Store, protocol};\n",
        ),
        ("app/src/service/left.rs", "pub struct B;\nuse super::A;\n"),
    ];
    assert_eq!(violations(APP, DEPENDENCIES, parent), [""; 0], "a child and its parent");
}

#[test]
fn a_table_that_is_not_true_is_found() {
    let mut layers = APP.layers.to_vec();
    layers[2].may_import = &["leaf", "service"];
    let upward = Rules { layers: &layers, ..APP };
    let found = violations(upward, DEPENDENCIES, &[("app/src/protocol.rs", "use crate::{leaf, service};\n")]);
    assert_eq!(found, ["the table of app lets protocol import service, which is above it"]);

    let cycle = Rules { cycles: &[(&["service::left", "service::right"], "it was there before")], ..APP };
    let found = violations(cycle, DEPENDENCIES, &[]);
    let names = r#"["service::left", "service::right"]"#;
    assert_eq!(found, [format!("the table of app allows a cycle of {names}, which does not exist")]);

    let found = violations(APP, &["base", "engine_by_another_name", "serde", "wasmtime"], &[]);
    assert_eq!(found, ["the table of app does not say who may import engine_by_another_name"]);

    let gone = Rules { unrestricted: &["serde", "anyhow"], ..APP };
    let found = violations(gone, DEPENDENCIES, &[]);
    assert_eq!(found, ["the table of app has anyhow, which is no dependency"]);
}

#[test]
fn a_drawing_that_differs_is_found() {
    let page = "# Layers\n\n```text\napp/src   may import\nedge      service, base::data\nservice   engine, protocol\n\
                protocol  leaf\nengine    nothing\nleaf      nothing\n```\n";
    assert_eq!(drawing::compare(page, &APP), Ok(()));
    for (text, other) in
        [("protocol  leaf\n", ""), ("leaf      nothing", "leaf      engine"), ("app/src", "base")]
    {
        let page = page.replacen(text, other, 1);
        assert!(drawing::compare(&page, &APP).is_err(), "{page}");
    }
}

#[test]
fn a_map_that_differs_is_found() {
    let map = "//! Serves.\n//!\n//! ```text\n//! edge      in\n//!   -> service  all\n//!   -> protocol\n//! engine\n//! leaf\n//! ```\n";
    assert_eq!(drawing::check_map(map, &APP, &[]), Ok(()));
    let missing = map.replace("//! engine\n", "//! engines\n");
    assert_eq!(drawing::check_map(&missing, &APP, &[]), Err("the map does not name engine".to_owned()));
    let upward = map.replace("//! leaf\n", "").replace("//! edge", "//! leaf\n//! edge");
    let error = "the map draws leaf above protocol, which may import it";
    assert_eq!(drawing::check_map(&upward, &APP, &[]), Err(error.to_owned()));
    assert_eq!(drawing::check_map(&upward, &APP, &[("leaf", "protocol")]), Ok(()));
}

//! Imports: those that the host has, in which versions, and those that it lacks.

use crate::shape::{Encoding, Shape};

/// Interfaces of WASI, each with what a component may use of it.
const WASI: [(&str, &str); 14] = [
    ("cli", "interface environment { get-environment: func() -> list<tuple<string, string>>; }"),
    ("cli", "interface exit { exit: func(status: result); }"),
    (
        "random",
        "interface random { get-random-bytes: func(len: u64) -> list<u8>; get-random-u64: func() -> u64; }",
    ),
    ("random", "interface insecure { get-insecure-random-u64: func() -> u64; }"),
    ("random", "interface insecure-seed { insecure-seed: func() -> tuple<u64, u64>; }"),
    ("clocks", "interface monotonic-clock { type instant = u64; now: func() -> instant; }"),
    (
        "clocks",
        "interface wall-clock { record datetime { seconds: u64, nanoseconds: u32 } now: func() -> datetime; }",
    ),
    ("io", "interface error { resource error { to-debug-string: func() -> string; } }"),
    ("io", "interface poll { resource pollable { ready: func() -> bool; block: func(); } }"),
    ("io", "interface streams { resource output-stream; resource input-stream; }"),
    ("filesystem", "interface types { resource descriptor; }"),
    ("sockets", "interface network { resource network; }"),
    ("http", "interface types { resource fields; }"),
    ("nn", "interface inference { compute: func(); }"),
];

/// What exists and cannot be linked: the version and why, at the least.
const VERSIONS: [&str; 12] = [
    "0.2.0",
    "0.2.1",
    "0.2.6",
    "0.2.12",
    "0.2.0-rc-2023-11-10",
    "0.2.0-rc-2024-01-16",
    "0.3.0",
    "0.3.0-rc-2025-09-16",
    "0.1.0",
    "1.0.0",
    "0.4.0",
    "0.2.3-custom",
];

fn importing(name: impl Into<String>, packages: &str, imports: &str) -> Shape {
    Shape::new(
        name,
        format!(
            "package t:shape;\n{packages}\ninterface tools {{ go: func(x: u32) -> u32; }}\nworld plugin {{ {imports} export tools; }}\n"
        ),
    )
}

fn wasi(name: String, package: &str, version: &str, interface: &str) -> Shape {
    let short = interface.split(' ').nth(1).expect("an interface has a name");
    let packages = format!("package wasi:{package}@{version} {{ {interface} }}");
    importing(name, &packages, &format!("import wasi:{package}/{short}@{version};"))
}

pub(super) fn shapes() -> Vec<Shape> {
    let mut shapes = Vec::new();
    for (package, interface) in WASI {
        let short = interface.split(' ').nth(1).expect("an interface has a name");
        shapes.push(wasi(format!("import {package}/{short}"), package, "0.2.3", interface));
    }
    for version in VERSIONS {
        shapes.push(wasi(format!("import version {version}"), WASI[0].0, version, WASI[0].1));
    }
    for version in ["0.2.0", "0.2.0-rc.1", "0.2.0-draft", "0.2.0-draft-2024-09-27", "0.1.0"] {
        shapes.push(config(version));
    }
    shapes.extend(differing());
    shapes.extend(twice());
    shapes.extend(roots());
    shapes.extend(strange());
    shapes
}

fn config(version: &str) -> Shape {
    let store = "interface store { variant error { upstream(string), io(string) } get: func(key: string) -> result<option<string>, error>; get-all: func() -> result<list<tuple<string, string>>, error>; }";
    let packages = format!("package wasi:config@{version} {{ {store} }}");
    importing(format!("import config {version}"), &packages, &format!("import wasi:config/store@{version};"))
}

/// Known interfaces with something that this host's do not have.
fn differing() -> Vec<Shape> {
    let of = |name: &str, interface: &str| {
        wasi(format!("import that differs by {name}"), "cli", "0.2.3", interface)
    };
    vec![
        of("a function", "interface environment { get-moon: func() -> u8; }"),
        of(
            "a parameter",
            "interface environment { get-environment: func(all: bool) -> list<tuple<string, string>>; }",
        ),
        of("a result", "interface environment { get-environment: func() -> list<string>; }"),
        of("a type", "interface environment { record moon { phase: u8 } get-moon: func() -> moon; }"),
        of("a resource", "interface environment { resource moon; }"),
        wasi(
            "import that differs by a method".into(),
            "io",
            "0.2.3",
            "interface poll { resource pollable { wait-for-ever: func(); } }",
        ),
        wasi(
            "import that differs by a field".into(),
            "clocks",
            "0.2.3",
            "interface wall-clock { record datetime { seconds: u64 } now: func() -> datetime; }",
        ),
        importing(
            "import of ours that differs",
            "package toolcell:plugin@0.1.0 { interface progress { report: func(percent: u8); } }",
            "import toolcell:plugin/progress@0.1.0;",
        ),
        importing(
            "import of ours that is unknown",
            "package toolcell:plugin@0.1.0 { interface telepathy { think: func(); } }",
            "import toolcell:plugin/telepathy@0.1.0;",
        ),
        importing(
            "import of ours in another version",
            "package toolcell:plugin@0.2.0 { interface progress { report: func(percent: u8); } }",
            "import toolcell:plugin/progress@0.2.0;",
        ),
    ]
}

/// One interface in several versions: what tools make that put components together.
fn twice() -> Vec<Shape> {
    let of = |name: &str, package: &str, interface: &str, versions: &[&str]| {
        let short = interface.split(' ').nth(1).expect("an interface has a name");
        let packages: String = versions
            .iter()
            .map(|version| format!("package wasi:{package}@{version} {{ {interface} }}\n"))
            .collect();
        let imports: String =
            versions.iter().map(|version| format!("import wasi:{package}/{short}@{version};")).collect();
        importing(name, &packages, &imports).encoded(Encoding::Unmerged)
    };
    vec![
        of("import twice of functions", "cli", WASI[0].1, &["0.2.0", "0.2.6"]),
        of("import twice of a resource", "io", WASI[8].1, &["0.2.0", "0.2.3"]),
        of("import twice of types", "clocks", WASI[6].1, &["0.2.1", "0.2.2"]),
        of("import thrice of randomness", "random", WASI[2].1, &["0.2.0", "0.2.1", "0.2.2"]),
        of("import twice, once of a draft", "cli", WASI[0].1, &["0.2.0", "0.2.0-rc-2023-11-10"]),
    ]
}

fn roots() -> Vec<Shape> {
    let streams =
        "package wasi:io@0.2.0 { interface streams { resource output-stream { flush: func() -> result; } } }";
    vec![
        importing("import of a root function", "", "import fetch: func(url: string) -> string;"),
        importing("import of a root resource", "", "resource handle;"),
        importing(
            "import of a root resource with methods",
            "",
            "resource handle { constructor(); get: func() -> u8; }",
        ),
        importing("import of a root type", "", "record r { a: u8 }"),
        importing("import of a used resource", streams, "use wasi:io/streams@0.2.0.{output-stream};"),
        importing("import of a used type", "interface types { record r { a: u8 } }", "use types.{r};"),
        importing("import of an inline interface", "", "import host: interface { go: func(); }"),
        importing(
            "import of an inline interface of types",
            "",
            "import host: interface { record r { a: u8 } }",
        ),
    ]
}

fn strange() -> Vec<Shape> {
    vec![
        importing(
            "import that nobody has",
            "package acme:vault@1.0.0 { interface secrets { get: func(name: string) -> string; } }",
            "import acme:vault/secrets@1.0.0;",
        ),
        importing(
            "imports that nobody has",
            "package acme:vault@1.0.0 { interface secrets { get: func() -> string; } interface keys { get: func() -> string; } }",
            "import acme:vault/secrets@1.0.0; import acme:vault/keys@1.0.0;",
        ),
        importing(
            "import of types alone",
            "package acme:vault@1.0.0 { interface types { record secret { name: string } } }",
            "import acme:vault/types@1.0.0;",
        ),
        importing(
            "import of its own types",
            "interface types { record r { a: u8 } enum e { p } }",
            "import types;",
        ),
        importing(
            "import without a package's version",
            "package wasi:cli { interface environment { get-environment: func() -> list<string>; } }",
            "import wasi:cli/environment;",
        ),
        importing(
            "import that is async",
            "package acme:later { interface later { wait: async func(); } }",
            "import acme:later/later;",
        ),
        importing(
            "import twice of one interface",
            "interface far { go: func(); }",
            "import one: far; import two: far;",
        ),
        importing(
            "import of wasi-keyvalue",
            "package wasi:keyvalue@0.2.0-draft { interface store { get: func(key: string) -> option<string>; } }",
            "import wasi:keyvalue/store@0.2.0-draft;",
        ),
        importing(
            "import of wasi-logging",
            "package wasi:logging { interface logging { log: func(message: string); } }",
            "import wasi:logging/logging;",
        ),
    ]
}

//! The shape of the code: which way imports run, where heavy dependencies live, and that the host holds
//! no compiler.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use toolcell_tests::fixture::{self, cargo, root};

/// Modules of the host from the edge inwards: each may import only what stands after it, with the reason.
const ORDER: [(&str, &[&str], &str); 18] = [
    (
        "lambda",
        &["service", "credentials", "auth", "metrics", "log", "protocol", "catalog", "call", "sandbox"],
        "an edge makes the service and hands requests to it",
    ),
    (
        "service",
        &[
            "credentials",
            "auth",
            "protocol",
            "outcome",
            "content",
            "call",
            "sandbox",
            "state_token",
            "rounds",
            "catalog",
            "codec",
            "digest",
            "mcp",
        ],
        "it is the top",
    ),
    (
        "outcome",
        &["protocol", "call", "sandbox", "rounds", "catalog", "codec", "mcp", "metrics"],
        "it names every cause",
    ),
    ("content", &["mcp"], "content is JSON made of JSON"),
    ("log", &[], "the log knows no module that writes to it"),
    ("metrics", &[], "a metric is a line of text"),
    ("call", &["sandbox", "artifact", "rounds", "catalog", "codec"], "a call knows no HTTP and no method"),
    (
        "credentials",
        &["auth", "state_token", "catalog", "digest"],
        "who may call is known before anything is called",
    ),
    (
        "state_token",
        &["digest"],
        "a token is bound to a request that it is told about, and knows no protocol",
    ),
    ("auth", &["catalog", "digest"], "a caller is admitted by the head of its request alone"),
    ("protocol", &["mcp"], "the protocol is pure: it knows neither the engine nor the edges"),
    ("sandbox", &["artifact", "rounds", "catalog", "mcp"], "the sandbox knows no HTTP status and no method"),
    ("rounds", &["digest"], "the state of a call is data"),
    ("artifact", &["digest"], "code comes in before anything runs"),
    ("catalog", &["codec", "digest"], "the catalog is data"),
    ("codec", &[], "a plan needs nothing but its types"),
    ("mcp", &[], "a word needs no module"),
    ("digest", &[], "a digest needs bytes alone"),
];

/// Crates that have exactly one home in the host.
const HOMES: [(&str, &[&str]); 6] = [
    ("chacha20poly1305", &["state_token"]),
    ("lambda_http", &["lambda"]),
    ("hyper", &["lambda", "credentials"]), // the Runtime API, and the extension that hands out secrets
    ("wasmtime", &["sandbox", "artifact", "codec"]),
    ("cap_std", &["catalog", "artifact", "sandbox", "call", "lambda"]),
    ("http", &["protocol", "service", "auth", "credentials", "sandbox", "lambda"]), // wasi:http has the crate in its signatures
];

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The modules of the host, each with the paths that its files mention.
fn modules() -> Vec<(String, PathBuf, String)> {
    let src = root().join("host/src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    files
        .into_iter()
        .map(|path| {
            let first = path.strip_prefix(&src).unwrap().components().next().unwrap();
            let module = first.as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            (module, path, code)
        })
        .collect()
}

#[test]
fn imports_run_one_way() {
    let known: BTreeSet<_> = ORDER.iter().map(|(module, ..)| *module).collect();
    for (module, path, code) in modules() {
        let Some((_, allowed, why)) = ORDER.iter().find(|(name, ..)| *name == module) else { continue };
        for other in &known {
            let imports =
                code.contains(&format!("crate::{other}::")) || code.contains(&format!("crate::{other};"));
            assert!(
                !imports || *other == module || allowed.contains(other),
                "{}: {module} may not import {other} because {why}",
                path.display()
            );
        }
    }
}

#[test]
fn every_heavy_dependency_has_one_home() {
    for (module, path, code) in modules() {
        for (dependency, homes) in HOMES {
            let used =
                code.contains(&format!("use {dependency}::")) || code.contains(&format!(" {dependency}::"));
            let at_home = homes.contains(&module.as_str()) || module == "lib" || module == "bin";
            assert!(!used || at_home, "{}: only {homes:?} may use {dependency}", path.display());
        }
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

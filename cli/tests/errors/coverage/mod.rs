//! Checks that every text of every error is in a golden file (ADR 12).
//!
//! The source is read, not run: each place that makes an error is compared with the errors of the golden files, part by
//! part. A place is covered when every text that it can say stands in one of them, beside what else it says.

mod printed;
mod site;
mod source;
mod text;
mod value;

use std::collections::BTreeSet;
use std::path::Path;

use printed::Printed;
use site::{PARTS, Site};
use source::Source;
use text::{Text, TextSource};

/// Texts that no test can provoke, each with the reason. One about what is wrong stands for the whole error.
const UNPROVOKED: &[(&str, &str)] = &[
    ("cannot start", "the system refuses an event loop"),
    ("cannot start the server threads", "the system refuses threads"),
    ("cannot start a thread for requests", "the system refuses an event loop"),
    ("cannot start the thread that builds", "the system refuses threads"),
    ("cannot wait", "the system refuses an event loop"),
    ("cannot watch files", "the system refuses to watch"),
    ("cannot get random numbers from the system", "the system has no randomness"),
    ("cannot make a key", "the system has no randomness"),
    ("cannot find the plugin", "the system does not know the current directory"),
    ("cannot find its own program", "the system does not know which file it runs"),
    ("cannot make a directory", "the system has no directory for temporary files"),
    ("cannot write into a temporary directory", "the disk is full"),
    ("cannot write certificates", "the disk is full"),
    ("cannot keep state in memory", "a store in memory does not fail"),
    ("cannot write what it recorded", "it was read back a moment before"),
    ("cannot be copied", "the disk is full; tests may run as root, who may read everything"),
    ("cannot be packaged", "tests may run as root, who may read everything"),
    ("cannot be removed", "tests may run as root, who may remove everything"),
    ("cannot be set up", "the engine refuses a configuration that never changes"),
    ("cannot be published", "a catalog that is too large is refused when the bundle is built"),
    ("say different things", "no file changes while the command runs"),
    ("names too many engines", "it takes more versions of the host than there are"),
    ("took too long to upload", "it takes twelve hours"),
    ("is not a supported target", "tests run on the two processors that are supported"),
    ("cannot embed the WIT world", "the bindings were made of the same WIT a moment before"),
    ("cannot be corrected", "the engine's package wrote the component a moment before"),
    ("cannot be written for the engine", "the WIT was read a moment before"),
    ("panicked", "a panic of a library is mended when it is known"),
    ("is no longer configured", "only plugins of the configuration are built"),
    ("is defined twice", "TOML refuses a table that is there twice"),
    ("cannot be read or written", "the file was opened and checked a moment before"),
    ("cannot ask on the terminal", "tests have no terminal"),
    ("cannot be loaded", "the code was compiled for this machine a moment before"),
    ("cannot load the plugin", "the code was compiled for this machine a moment before"),
    ("cannot read its catalog", "the catalog was written a moment before"),
    ("cannot open its bundle", "the bundle was written a moment before"),
    ("cannot admit callers", "the only caller is written by the command itself"),
    ("cannot name a caller", "the only caller is written by the command itself"),
    ("cannot make its server", "the server has no configuration of its own"),
    ("cannot reach its server", "the server is in the same process"),
    ("has changed since it was compiled", "no other process changes a component meanwhile"),
    ("could not be read by the server", "what the server cannot read is refused before it is written"),
    ("cannot be compiled", "what the engine lacks is refused when the component is read"),
    ("could not be called", "what the host cannot link is refused when the component is read"),
    ("describes a plugin that could not be read back", "readers of TOML stop at a lower depth"),
    ("use another type, or install a newer toolcell", "the reader of WIT knows all types that it reads"),
    ("take and return plain values instead", "a resource is left out, with a finding of `toolcell check`"),
];

#[test]
fn every_text_of_every_error_is_in_a_golden_file() {
    let files = source::files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let sites = site::all(&Source::of(&files));
    let printed = printed::all();
    assert!(sites.len() > 100, "the source is not read: {} places", sites.len());
    let mut missing = Vec::new();
    let mut used = BTreeSet::new();
    for site in &sites {
        let texts = uncovered(site, &printed);
        let excuse =
            |text: &str| UNPROVOKED.iter().find(|(excused, _)| *excused == text).map(|(excused, _)| *excused);
        let whole =
            !site.parts[0].is_empty() && site.parts[0].iter().all(|text| excuse(&text.to_string()).is_some());
        used.extend(texts.iter().filter_map(|(_, text)| excuse(text)));
        let texts = texts.into_iter().filter(|(_, text)| !whole && excuse(text).is_none());
        missing.extend(texts.map(|(part, text)| format!("cli/src/{}: {part}: {text}", site.place)));
    }
    assert!(
        missing.is_empty(),
        "in no golden file of cli/tests/golden: add a story to cli/tests/errors/, or to UNPROVOKED\n{}",
        missing.join("\n")
    );
    let needless: Vec<_> = UNPROVOKED.iter().filter(|(text, _)| !used.contains(text)).collect();
    assert!(needless.is_empty(), "these need no excuse: {needless:?}");
}

/// Returns the texts of a place that no printed error has beside what else the place says.
fn uncovered(site: &Site, printed: &[Printed]) -> Vec<(&'static str, String)> {
    let mut uncovered = Vec::new();
    if !site.parts[0].is_empty() && !site.parts.iter().flatten().any(Text::says_something) {
        uncovered.push((PARTS[0], "no part of it is a text of the source".to_owned()));
    }
    for (part, texts) in site.parts.iter().enumerate() {
        for text in texts.iter().filter(|text| text.says_something()) {
            let beside = |printed: &&Printed| {
                text.said == TextSource::Elsewhere
                    || (0..PARTS.len()).all(|other| other == part || site.fits(other, printed))
            };
            if !printed.iter().filter(beside).any(|printed| printed.has(part, text)) {
                uncovered.push((PARTS[part], text.to_string()));
            }
        }
    }
    uncovered
}

/// Finds what a source says that no error of a golden file says.
fn missing(source: &str, golden: &str) -> Vec<String> {
    let files = [("a.rs".into(), syn::parse_file(source).unwrap())];
    let printed = printed::in_text(golden);
    let sites = site::all(&Source::of(&files));
    let of_site = |site: &Site| {
        let place = site.place.clone();
        uncovered(site, &printed).into_iter().map(move |(part, text)| format!("{place}: {part}: {text}"))
    };
    sites.iter().flat_map(of_site).collect()
}

#[test]
fn a_text_that_is_in_no_golden_file_is_found() {
    const GOLDEN: &str = "a.toml: is wrong\n  found:    7\n  expected: a name\n  next:     rename it\n\n\
                          b.toml: is old\n  found:    8\n  expected: a date\n";
    let cases = [
        ("fn f() { Problem::refused(at, \"is wrong\").found(x).expected(\"a name\"); }", vec![]),
        ("fn f() { Problem::refused(at, \"is bad\"); }", vec!["a.rs:1: wrong: is bad"]),
        ("fn f() { Problem::internal(at, format!(\"is {}\", y)); }", vec![]),
        ("fn f() { problem::Problem::missing(at, format!(\"has {y}\")); }", vec!["a.rs:1: wrong: has {}"]),
        // The parts belong together.
        (
            "fn f() {\n Problem::refused(at, \"is wrong\").expected(\"a date\"); }",
            vec!["a.rs:2: wrong: is wrong", "a.rs:2: expected: a date"],
        ),
        // Both ways, and every arm.
        (
            "fn f() { let wrong = if x { \"is wrong\" } else { \"is lost\" }; Problem::refused(at, wrong); }",
            vec!["a.rs:1: wrong: is lost"],
        ),
        (
            "fn f() { let (a, b) = match x { 1 => (\"is wrong\", \"a name\"), _ => (\"is old\", \"a day\") };\n\
             Problem::refused(at, a).expected(b); }",
            vec!["a.rs:2: wrong: is old", "a.rs:2: expected: a day"],
        ),
        // What calls a constructor of the source's own.
        (
            "fn g(wrong: &str) -> Problem { Problem::refused(at, wrong) }\nfn f() { g(\"is odd\") }",
            vec!["a.rs:2: wrong: is odd"],
        ),
        (
            "impl T { fn g(&self, wrong: &str) -> Problem { Problem::refused(at, wrong).found(x) } }\n\
             fn f() { table.g(\"is wrong\").next(\"rename her\") }",
            vec!["a.rs:2: wrong: is wrong", "a.rs:2: next: rename her"],
        ),
        (
            "fn f() { let bad = |wrong: &str| Problem::refused(at, wrong);\n bad(\"is odd\"); bad(\"is old\"); }",
            vec!["a.rs:2: wrong: is odd"],
        ),
        (
            "fn h(w: &str) -> Problem { g(w) }\nfn g(w: &str) -> Problem { Problem::refused(at, w) }\nfn f() { h(\"is odd\") }",
            vec!["a.rs:3: wrong: is odd"],
        ),
        // Constants, and functions that return texts.
        ("const W: &str = \"is odd\";\nfn f() { Problem::refused(at, W) }", vec!["a.rs:2: wrong: is odd"]),
        (
            "fn w(x: X) -> String { if x { return \"is odd\".into(); } format!(\"is {x}\") }\n\
             fn f() { Problem::refused(at, w(x)).expected(\"a name\") }",
            vec!["a.rs:2: wrong: is odd"],
        ),
        // What was found is data, unless the place spells it.
        (
            "fn w() -> String { \"9\".into() }\nfn f() { Problem::refused(at, \"is wrong\").found(w()); }",
            vec![],
        ),
        (
            "fn f() { Problem::refused(at, \"is wrong\").found(format!(\"{n} names\")); }",
            vec!["a.rs:1: wrong: is wrong", "a.rs:1: found: {} names"],
        ),
        // What is added to an error that was made elsewhere.
        ("fn f() { g().map_err(|problem| problem.next(\"rename her\")) }", vec!["a.rs:1: next: rename her"]),
        // Tests, comments and strings make no errors.
        ("#[cfg(test)] mod tests { fn f() { Problem::refused(at, \"is odd\"); } }", vec![]),
        ("// Problem::refused(at, \"is odd\")\nconst C: &str = \"Problem::refused(at, 1)\";", vec![]),
    ];
    for (source, expected) in cases {
        assert_eq!(missing(source, GOLDEN), expected, "{source}");
    }
}

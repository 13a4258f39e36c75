//! What real toolchains make, and what is said about it. QuickJS is npm's `componentize-qjs`, which `tests/setup.sh`
//! installs; the component of Rust is a sample plugin.

mod story;

use std::path::{Path, PathBuf};
use std::process::Command;

use story::Bench;
use toolcell_cli::check;
use toolcell_cli::check::finding::Finding;
use toolcell_cli::command::inspect;
use toolcell_cli::command::pack::{self, Input};
use toolcell_cli::component::fingerprint::Runtime;
use toolcell_cli::manifest::lint::Lint;
use toolcell_cli::plugin::load;
use toolcell_cli::ui::problem::Problem;

const WIT: &str = "package a:numbers@0.1.0;

interface tools {
  /// Returns a large number as it came.
  same: func(number: u64) -> u64;
  /// Returns a small number as it came.
  small: func(number: u32) -> u32;
  /// Takes a large number that is not too large.
  bounded: func(number: s64) -> string;
  /// Says what time it is.
  time: func() -> string;
}

world numbers {
  import wasi:clocks/wall-clock@0.2.12;
  export tools;
}
";

const CLOCK: &str = "package wasi:clocks@0.2.12;
interface wall-clock {
  record datetime { seconds: u64, nanoseconds: u32 }
  now: func() -> datetime;
  resolution: func() -> datetime;
}
";

const MANIFEST: &str = "name = \"numbers\"
component = \"numbers.wasm\"
[tools.bounded]
parameters.number = { minimum = -9007199254740991, maximum = 9007199254740991 }
";

const JAVASCRIPT: &str = "import { now } from 'wasi:clocks/wall-clock@0.2.12';
export const tools = {
  same: (number) => number,
  small: (number) => number,
  bounded: (number) => `${number}`,
  time: () => `${now().seconds}`,
};
";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The plugin in JavaScript, made by QuickJS with these flags.
fn quickjs(flags: &[&str]) -> Bench {
    quickjs_for("0.2.12", flags)
}

/// The same, for another version of WASI than QuickJS itself imports.
fn quickjs_for(wasi: &str, flags: &[&str]) -> Bench {
    let bench = Bench::new();
    bench.write("wit/numbers.wit", WIT.replace("0.2.12", wasi));
    bench.write("wit/deps/clocks/clocks.wit", CLOCK.replace("0.2.12", wasi));
    bench.write("plugin.toml", MANIFEST);
    bench.write("numbers.js", JAVASCRIPT.replace("0.2.12", wasi));
    let node = Command::new(root().join("tests/node.sh")).output().unwrap();
    assert!(node.status.success(), "{}", String::from_utf8_lossy(&node.stderr));
    let tool = root().join("tests/node_modules/.bin/componentize-qjs");
    assert!(tool.exists(), "componentize-qjs is missing; run tests/setup.sh");
    let mut program = Command::new(String::from_utf8(node.stdout).unwrap().trim());
    program.arg(tool).args([
        "--wit",
        "wit",
        "--world",
        "numbers",
        "--js",
        "numbers.js",
        "--output",
        "numbers.wasm",
    ]);
    let output = program.args(flags).current_dir(bench.path("")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    bench
}

/// A plugin in JavaScript that `toolcell build` makes with QuickJS.
fn built_by_toolcell(wit: &str, source: &str) -> (Bench, std::process::Output) {
    let bench = Bench::new();
    bench.write("wit/world.wit", wit);
    bench.write("src/app.js", source);
    bench
        .write("plugin.toml", "name = \"corner\"\ncomponent = \"corner.wasm\"\n[build]\nlanguage = \"js\"\n");
    bench.write("toolcell.toml", "[plugins.corner]\nsource = \".\"\n");
    std::os::unix::fs::symlink(
        std::fs::canonicalize(root()).unwrap().join("tests/node_modules"),
        bench.path("node_modules"),
    )
    .unwrap();
    let output = toolcell(&bench, &["build"]);
    (bench, output)
}

fn toolcell(bench: &Bench, args: &[&str]) -> std::process::Output {
    let node = Command::new(root().join("tests/node.sh")).output().unwrap();
    assert!(node.status.success(), "{}", String::from_utf8_lossy(&node.stderr));
    let node = PathBuf::from(String::from_utf8(node.stdout).unwrap().trim());
    let path = format!("{}:{}", node.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut program = Command::new(env!("CARGO_BIN_EXE_toolcell"));
    program.args(args).current_dir(bench.path("")).env("PATH", path).output().unwrap()
}

fn subjects(findings: &[Finding], lint: Lint) -> Vec<&str> {
    findings.iter().filter(|one| one.id == lint).map(|one| one.subject.as_str()).collect()
}

fn refused(bench: &Bench) -> Problem {
    load::load(&bench.path("")).unwrap_err()
}

#[test]
fn quickjs_is_known_its_start_is_offered_to_nobody_and_its_large_integers_are_warned_of() {
    let bench = quickjs(&["--sync"]);
    let loaded = load::load(&bench.path("")).unwrap();
    assert_eq!(loaded.component.runtime, Runtime::QuickJs);
    assert_eq!(inspect::report(&loaded).runtime, Some("JavaScript (QuickJS)"));
    let leaked = loaded.component.exports.iter().find(|one| one.export.function == "init").unwrap();
    assert!(loaded.component.runtime.leaks(&leaked.export));
    assert!(loaded.plugin.tools.iter().all(|tool| tool.name != "init"));

    let found = check::check(&bench.path("")).unwrap();
    assert_eq!(subjects(&found, Lint::LossyInteger), ["same"]);
    for lint in [Lint::NotATool, Lint::StubbedImport, Lint::DebugInformation] {
        assert_eq!(
            subjects(&found, lint),
            Vec::<&str>::new(),
            "imports that nobody meant are no fault: {found:?}"
        );
    }
    let bare = check::check(&bench.path("numbers.wasm")).unwrap();
    assert_eq!(subjects(&bare, Lint::NotATool), Vec::<&str>::new());

    let packed = pack::pack(&Input::Directory(&bench.path("")), Some(&bench.path("packed.wasm"))).unwrap();
    assert_eq!(subjects(&packed.warnings, Lint::LossyInteger), ["same"], "whoever packs is told");
}

/// Once QuickJS gets them right, the warning is wrong and this fails.
#[test]
fn quickjs_gets_large_integers_wrong() {
    let bench = quickjs(&["--sync"]);
    bench.write("toolcell.toml", "[plugins.numbers]\nsource = \"numbers.wasm\"\n");
    let call = |number: &str| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_toolcell"));
        let arguments = format!("{{\"number\":{number}}}");
        let output = program
            .args(["call", "same", "--args", &arguments])
            .current_dir(bench.path(""))
            .output()
            .unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    let (is_right, text) = call("9007199254740991");
    assert!(is_right && text.contains("9007199254740991"), "{text}");
    let (is_right, text) = call("\"9007199254740993\"");
    assert!(is_right && text.contains("9007199254740992"), "it is rounded: {text}");
    let (is_right, text) = call("\"18446744073709551615\"");
    assert!(!is_right, "it ends the call: {text}");
}

#[test]
fn an_import_that_a_flag_took_away_is_missed() {
    let bench = quickjs(&["--sync", "--stub-wasi"]);
    let found = check::check(&bench.path("")).unwrap();
    assert_eq!(subjects(&found, Lint::StubbedImport), ["wasi:clocks/wall-clock@0.2.12"]);

    let older = quickjs_for("0.2.6", &["--sync"]);
    let found = check::check(&older.path("")).unwrap();
    assert_eq!(
        subjects(&found, Lint::StubbedImport),
        Vec::<&str>::new(),
        "a newer patch of WASI is the same"
    );
}

#[test]
fn a_component_of_quickjs_with_async_is_refused_with_the_flag_that_helps() {
    let problem = refused(&quickjs(&[]));
    assert!(problem.wrong.contains("async"), "{problem}");
    assert!(problem.next.contains("componentize-qjs `--sync`"), "{problem}");
}

#[test]
fn an_absent_global_is_explained_in_the_log_and_is_no_answer() {
    let wit = "package a:b; world plugin { export go: func() -> result<string, string>; }";
    let (bench, built) =
        built_by_toolcell(wit, "export const go = () => fetch('https://example.com/').text;");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let called = toolcell(&bench, &["call", "go"]);
    let log = String::from_utf8_lossy(&called.stderr);
    assert!(log.contains("ReferenceError: fetch is not defined: QuickJS does not have it"), "{log}");
    assert!(log.contains("error: the tool crashed: an unexpected error ended it\n"), "{log}");
}

#[test]
fn an_absent_global_is_explained_where_the_build_needs_it() {
    let wit = "package a:b; world plugin { export go: func(); }";
    let (_, built) = built_by_toolcell(wit, "setTimeout(() => {}, 1);\nexport const go = () => {};");
    let said = String::from_utf8_lossy(&built.stderr);
    assert!(said.contains("next:     do without setTimeout: QuickJS does not have it"), "{said}");
}

#[test]
fn a_linker_leaves_out_what_code_does_not_use_and_that_is_no_fault() {
    let loaded = load::load(&root().join("plugins/text")).unwrap();
    assert_eq!(loaded.component.runtime, Runtime::Rust);
    assert!(!loaded.component.runtime.keeps_imports());
    assert_eq!(check::faults(&loaded), []);
}

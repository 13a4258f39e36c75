//! `toolcell doctor`, the real program, where there are no compilers, old ones, and a project's own.

mod story;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::{Command, Output};

use serde_json::Value;
use story::{Bench, golden};

/// Runs it in `project` of the bench; programs are those of `bin`.
fn doctor(bench: &Bench, arguments: &[&str]) -> Output {
    bench.write("bin/.keep", "");
    bench.write("project/.keep", "");
    let mut command = Command::new(env!("CARGO_BIN_EXE_toolcell"));
    command.arg("doctor").args(arguments).current_dir(bench.path("project"));
    command.env("PATH", bench.path("bin")).output().unwrap()
}

/// A program that says of itself what an installation of that version says.
fn program(bench: &Bench, path: &str, says: &str) {
    bench.write(path, format!("#!/bin/sh\necho '{says}'\n"));
    fs::set_permissions(bench.path(path), fs::Permissions::from_mode(0o755)).unwrap();
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_machine_without_compilers_is_told_where_to_get_each() {
    let output = doctor(&Bench::new(), &[]);
    golden("doctor.txt", &String::from_utf8(output.stdout).unwrap());
    assert_eq!(output.status.code(), Some(0), "nobody has asked for a language");
}

#[test]
fn a_language_that_was_asked_for_has_to_be_ready() {
    let bench = Bench::new();
    program(&bench, "bin/go", "go version go1.27.3 linux/amd64");
    let (go, zig) = (doctor(&bench, &["--lang", "go"]), doctor(&bench, &["--lang", "go", "--lang", "zig"]));
    assert_eq!((go.status.code(), zig.status.code()), (Some(0), Some(1)));
    assert!(String::from_utf8_lossy(&go.stdout).starts_with("Go          ready\n"));
    assert!(String::from_utf8_lossy(&zig.stdout).contains("Zig         zig is missing\n"));
}

#[test]
fn a_compiler_that_is_too_old_is_as_good_as_none() {
    let bench = Bench::new();
    program(&bench, "bin/go", "go version go1.9 linux/amd64");
    let output = doctor(&bench, &["--lang", "go", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let report = json(&output);
    assert_eq!(report["languages"][0]["ready"], false);
    let go = &report["languages"][0]["needs"][0];
    assert_eq!(
        (&go["state"], &go["version"], &go["at_least"]),
        (&"too-old".into(), &"1.9".into(), &"1.24".into())
    );
}

#[test]
fn the_project_in_this_directory_brings_programs_and_asks_for_its_language() {
    let bench = Bench::new();
    bench.write("project/plugin.toml", "name = \"bill\"\n[build]\nlanguage = \"zig\"\n");
    bench.write("project/requirements.txt", "ziglang==0.17.1\n");
    let without = doctor(&bench, &[]);
    assert_eq!(without.status.code(), Some(1));
    let shown = String::from_utf8_lossy(&without.stdout);
    assert!(shown.contains("bill, the plugin in this directory: language = \"zig\"\n"), "{shown}");
    assert!(shown.contains("packages of requirements.txt: not installed yet"), "{shown}");

    program(&bench, "project/.venv/bin/python-zig", "0.17.1");
    let with = doctor(&bench, &["--json"]);
    assert_eq!(with.status.code(), Some(0));
    let zig = &json(&with)["languages"][3]["needs"][0];
    assert!(zig["path"].as_str().unwrap().ends_with("project/.venv/bin/python-zig"), "{zig}");
}

#[test]
fn a_compiler_without_its_target_for_components_is_not_ready() {
    let bench = Bench::new();
    let real = |program: &str| {
        let path = std::env::var_os("PATH").unwrap();
        let found =
            std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file());
        found.unwrap_or_else(|| panic!("tests are run by {program}"))
    };
    bench.write("bin/.keep", "");
    for name in ["cargo", "rustc"] {
        symlink(real(name), bench.path("bin").join(name)).unwrap();
    }
    assert_eq!(doctor(&bench, &["--lang", "rust"]).status.code(), Some(0), "as in this repository");
    fs::remove_file(bench.path("bin/rustc")).unwrap();
    // What rustc prints for a target that rustup has not added: a path with nothing there.
    program(&bench, "bin/rustc", "/nowhere/lib/rustlib/wasm32-wasip2/lib");
    let output = doctor(&bench, &["--lang", "rust"]);
    let shown = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{shown}");
    assert!(shown.contains("wasm32-wasip2 is missing") && shown.contains("rustup target add"), "{shown}");
}

#[test]
fn an_authorization_server_without_keys_is_named_with_the_reason() {
    let bench = Bench::new();
    let config =
        "[auth.oauth.issuers.company]\nissuer = \"https://localhost:1\"\n[plugins.text]\nsource = \"text\"\n";
    bench.write("project/toolcell.toml", config);
    let output = doctor(&bench, &[]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find(|line| line.contains("company")).unwrap_or_else(|| panic!("{text}"));
    assert!(
        line.contains("https://localhost:1  ")
            && line.contains("no address of localhost may be connected to")
    );
    let report = json(&doctor(&bench, &["--json"]));
    assert_eq!(
        (&report["issuers"][0]["ready"], &report["issuers"][0]["name"]),
        (&false.into(), &"company".into())
    );
    let named = doctor(&bench, &["--lang", "go"]);
    assert!(!String::from_utf8_lossy(&named.stdout).contains("company"), "only a language was asked for");
}

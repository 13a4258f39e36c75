//! Tests `toolcell.lock`: `toolcell build` writes it, and `toolcell build --locked` refuses what differs from it.

mod story;

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;
use story::{Bench, GUIDE, GUIDE_MANIFEST, TEXT, TEXT_MANIFEST};
use toolcell_host::digest::Digest;

const CONFIG: &str = "[plugins.text]\nsource = \"text\"\nprefix = \"t_\"\n";

fn bench() -> Bench {
    let bench = Bench::new();
    bench.plugin("text", TEXT, TEXT_MANIFEST);
    bench.write("toolcell.toml", CONFIG);
    bench
}

fn build(bench: &Bench, options: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_toolcell"));
    command.arg("build").args(options).current_dir(bench.path("")).env("TOOLCELL_CACHE", bench.path("cache"));
    command.output().unwrap()
}

fn built(bench: &Bench, options: &[&str]) -> String {
    let output = build(bench, options);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{told}");
    told
}

fn refused(bench: &Bench, options: &[&str]) -> String {
    let before = fs::read(bench.path("bundle/catalog.bin")).ok();
    let lock = fs::read(bench.path("toolcell.lock")).ok();
    let output = build(bench, options);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(fs::read(bench.path("bundle/catalog.bin")).ok(), before, "a refused build leaves the bundle");
    assert_eq!(fs::read(bench.path("toolcell.lock")).ok(), lock, "a refused build leaves the lock");
    String::from_utf8(output.stderr).unwrap()
}

fn lock(bench: &Bench) -> Value {
    serde_json::from_slice(&fs::read(bench.path("toolcell.lock")).unwrap()).unwrap()
}

#[test]
fn a_build_writes_the_lock_and_each_tool_carries_the_digest_of_its_definition() {
    let bench = bench();
    assert!(refused(&bench, &["--locked"]).contains("toolcell.lock: is missing"));
    assert_eq!(built(&bench, &[]), "");
    let lock = lock(&bench);
    let catalog = story::catalog(&bench.path("bundle"));
    assert_eq!(lock["plugins"]["text"]["component"], catalog.plugins[0].component.to_string());
    for tool in &catalog.tools {
        let locked = &lock["plugins"]["text"]["tools"][&tool.name];
        // The definition stands in the lock with sorted members, so that any reader can compute the digest.
        let digest = Digest::of(locked["definition"].to_string().as_bytes()).to_string();
        assert_eq!(locked["digest"], digest, "{}", tool.name);
        for entry in [&tool.entry, &tool.plain_entry] {
            let entry: Value = serde_json::from_str(entry.get()).unwrap();
            assert_eq!(entry["_meta"]["toolcell/definition"], format!("sha256:{digest}"), "{}", tool.name);
        }
    }
    assert_eq!(built(&bench, &["--locked"]), "");
}

#[test]
fn another_description_is_refused_by_name_and_accepted_without_locked() {
    let bench = bench();
    built(&bench, &[]);
    let described = "[tools.make-slug]\ndescription = \"Send the text along.\"\n";
    bench.plugin("text", TEXT, &TEXT_MANIFEST.replace("[tools.make-slug]\n", described));
    let told = refused(&bench, &["--locked"]);
    for part in [
        "tool `t_make_slug` of plugin `text` has another definition",
        "- Turns text into a slug.",
        "+ Send the text along.",
    ] {
        assert!(told.contains(part), "{told}");
    }
    assert!(!told.contains("count_words"), "{told}");
    let told = built(&bench, &[]);
    assert_eq!(
        told,
        "toolcell.lock: plugin `text` has another component\n\
         toolcell.lock: tool `t_make_slug` of plugin `text` has another definition\n"
    );
    assert_eq!(built(&bench, &["--locked"]), "");
}

#[test]
fn another_component_and_another_set_of_tools_are_refused() {
    let bench = bench();
    built(&bench, &[]);
    bench.write("toolcell.toml", format!("{CONFIG}except = [\"make_slug\"]\n"));
    assert!(refused(&bench, &["--locked"]).contains("tool `t_make_slug` of plugin `text` is gone"));
    bench.plugin("text", TEXT, &TEXT_MANIFEST.replace("1.2.3", "1.2.4"));
    bench.write("toolcell.toml", CONFIG);
    let told = refused(&bench, &["--locked"]);
    assert!(told.contains("plugin `text` has another component") && !told.contains("definition\n"), "{told}");
}

#[test]
fn tools_that_are_known_only_at_run_time_are_refused_unless_they_are_accepted_unseen() {
    let bench = Bench::new();
    bench.plugin("guide", GUIDE, &GUIDE_MANIFEST.replace("required-scopes = [\"review\"]\n", ""));
    bench.write("guide/schema.json", r#"{"type":"object"}"#);
    let config = "[plugins.guide]\nsource = \"guide\"\nonly = [\"json_schema_2020_12_tool\"]\n";
    bench.write("toolcell.toml", config);
    built(&bench, &[]);
    let told = refused(&bench, &["--locked"]);
    assert!(told.contains("has tools that cannot be locked") && told.contains("unpinned = true"), "{told}");
    bench.write("toolcell.toml", format!("{config}unpinned = true\n"));
    assert_eq!(built(&bench, &["--locked"]), "");
}

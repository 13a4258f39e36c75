//! Several engines in one index, and packages beside a release.

use serde_json::Value;
use toolcell_host::sandbox::engine::MARK;
use toolcell_tests::fixture;

use crate::publisher::Publisher;

/// What a program for another processor holds.
fn arm_bootstrap() -> String {
    let (head, _) = MARK.split_once("target=").unwrap();
    format!("\u{0}ELF and so on\u{0}{head}target=aarch64-unknown-linux-gnu\n")
}

fn targets(release: &Value) -> Vec<&str> {
    let catalogs = release["release"]["catalogs"].as_array().unwrap();
    catalogs.iter().map(|entry| entry["engine"]["target"].as_str().unwrap()).collect()
}

const BOTH: [&str; 2] = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"];

#[test]
fn the_program_of_a_function_tells_its_engine_without_being_run() {
    let bytes = std::fs::read(fixture::bootstrap()).unwrap();
    let line = MARK.trim_end().as_bytes();
    assert!(bytes.windows(line.len()).any(|window| window == line));
    let told = std::process::Command::new(fixture::bootstrap()).arg("--engine").output().unwrap();
    assert_eq!(String::from_utf8(told.stdout).unwrap(), MARK);
}

#[test]
fn code_is_added_for_a_program_that_is_not_deployed_yet() {
    let publisher = Publisher::new();
    publisher.configure("one");
    let first = publisher.publish("");
    publisher.write("bootstrap", arm_bootstrap());
    publisher.configure("something else, which is not published");
    let second = publisher.publish("--for bootstrap");
    assert_eq!(targets(&second), [BOTH[1], BOTH[0]]);
    assert_eq!(second["release"]["contents"], first["release"]["contents"]);
    assert_eq!(second["uploaded"], 2, "a catalog and its code");
    assert_eq!(publisher.findings(), Vec::<String>::new());
}

#[test]
fn an_engine_of_the_current_release_is_not_left_without_code() {
    let publisher = Publisher::new();
    publisher.configure("one");
    publisher.publish("--target x86_64 --target aarch64");
    let same = publisher.publish("--target aarch64");
    assert_eq!(targets(&same), [BOTH[1], BOTH[0]], "the same contents: the other catalog stays");
    publisher.configure("two");
    let refused = publisher.run("publish --to BUCKET --key ci.key --target aarch64");
    assert!(refused.code == 3 && refused.stderr.contains("--drop-engines"), "{}", refused.stderr);
    assert!(refused.stderr.contains(BOTH[0]), "{}", refused.stderr);
    assert_eq!(publisher.index().serial, 2);
    let dropped = publisher.publish("--target aarch64 --drop-engines");
    assert_eq!(targets(&dropped), [BOTH[1]]);
}

#[test]
fn plugins_of_the_package_are_released_with_the_others() {
    let publisher = Publisher::new();
    publisher.write("package.toml", fixture::plugin("own", &fixture::component("large_bytes")));
    assert_eq!(publisher.run("build --config package.toml --out package").code, 0);
    publisher.configure("one");
    let published = publisher.publish("--package package");
    assert_eq!(published["release"]["serial"], 1);
    assert_eq!(publisher.findings(), Vec::<String>::new());
    publisher.write("toolcell.toml", fixture::plugin("own", &fixture::component("plain")));
    let clash = publisher.run("publish --to BUCKET --key ci.key --package package");
    assert!(clash.code == 3 && clash.stderr.contains("a plugin `own` in both"), "{}", clash.stderr);
}

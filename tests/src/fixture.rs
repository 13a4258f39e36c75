//! The plugins that tests serve, as `make plugins` and `make fixtures` leave them.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A sample plugin of `plugins/`, by name: its directory, with a `plugin.toml`.
///
/// # Panics
/// It was not built.
pub fn sample(name: &str) -> PathBuf {
    built(&root().join("plugins/target"), name, "plugins");
    root().join("plugins").join(name)
}

/// The component of a fixture of `tests/fixtures/`, never packed.
///
/// # Panics
/// It was not built.
pub fn component(name: &str) -> PathBuf {
    built(&root().join("tests/fixtures/target"), name, "fixtures")
}

/// The host's program without a compiler, built as a package of its own.
///
/// # Panics
/// It cannot be built.
pub fn once() -> PathBuf {
    cargo(&["build", "-p", "toolcell-host", "--bin", "toolcell-once", "--locked"]);
    target().join("debug/toolcell-once")
}

/// The Lambda function's program, built as a package of its own; a request may ask it to panic.
///
/// # Panics
/// It cannot be built.
pub fn bootstrap() -> &'static Path {
    // Once for a process: cargo puts the file into place anew, and others may be running it.
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let features = "test-hooks";
        cargo(&["build", "-p", "toolcell-host", "--bin", "bootstrap", "--features", features, "--locked"]);
        target().join("debug/bootstrap")
    })
}

/// Where cargo leaves what it builds.
fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Runs cargo in the repository and gives what it prints.
///
/// # Panics
/// It fails.
pub fn cargo(arguments: &[&str]) -> String {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).args(arguments).current_dir(root()).output().expect("cargo can be run");
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("cargo prints text")
}

/// The lines of a `toolcell.toml` that name a plugin; more lines for its table may follow.
pub fn plugin(name: &str, source: &Path) -> String {
    format!("[plugins.{name}]\nsource = {:?}\n", source.display().to_string())
}

/// The repository.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().expect("the tests are a folder of the repository").to_owned()
}

fn built(target: &Path, name: &str, make: &str) -> PathBuf {
    let component = target.join("wasm32-wasip2/release").join(format!("{name}.wasm"));
    assert!(component.is_file(), "{} is missing: run `make {make}`", component.display());
    component
}

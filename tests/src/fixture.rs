//! Finds the plugins that tests serve, which `make plugins` and `make fixtures` build.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Returns the directory of a sample plugin in `plugins/`.
///
/// # Panics
/// Panics if the plugin is not built.
pub fn sample(name: &str) -> PathBuf {
    built(&root().join("plugins/target"), name, "plugins");
    root().join("plugins").join(name)
}

/// Returns the component of a fixture in `tests/fixtures/`, which is not packed.
///
/// # Panics
/// Panics if the fixture is not built.
pub fn component(name: &str) -> PathBuf {
    built(&root().join("tests/fixtures/target"), name, "fixtures")
}

/// Builds `toolcell-once`, the host's program without a compiler, and returns its path.
///
/// # Panics
/// Panics if the build fails.
pub fn once() -> PathBuf {
    cargo(&["build", "-p", "toolcell-host", "--bin", "toolcell-once", "--locked"]);
    target().join("debug/toolcell-once")
}

/// Builds `toolcell`, with the features that the tests have, and returns its path.
///
/// # Panics
/// Panics if the build fails.
pub fn toolcell() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        cargo(&["build", "--workspace", "--bin", "toolcell", "--locked"]);
        target().join("debug/toolcell")
    })
}

/// Builds `bootstrap`, the Lambda function's program, and returns its path; a request may ask it to panic.
///
/// `TOOLCELL_BOOTSTRAP` names another one that exists already, such as the released program, which never panics on request.
///
/// # Panics
/// Panics if the build fails.
pub fn bootstrap() -> &'static Path {
    // Built once in a process: cargo replaces the file, and other tests may be running it.
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        if let Some(program) = env::var_os("TOOLCELL_BOOTSTRAP") {
            return program.into();
        }
        let features = "test-hooks";
        cargo(&["build", "-p", "toolcell-host", "--bin", "bootstrap", "--features", features, "--locked"]);
        target().join("debug/bootstrap")
    })
}

/// Returns cargo's target directory.
fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Runs cargo in the repository and returns its output.
///
/// # Panics
/// Panics if cargo fails.
pub fn cargo(arguments: &[&str]) -> String {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    // cargo describes the package of this test in them. To build scripts of dependencies, another package is a change.
    let of_this_package = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in env::vars().filter(|(name, _)| of_this_package(name)) {
        command.env_remove(name);
    }
    let output = command.args(arguments).current_dir(root()).output().expect("cargo can be run");
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("cargo prints text")
}

/// Returns the lines of a `toolcell.toml` that name a plugin; more lines for its table may follow.
pub fn plugin(name: &str, source: &Path) -> String {
    format!("[plugins.{name}]\nsource = {:?}\n", source.display().to_string())
}

/// Returns the repository's directory.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().expect("the tests are a folder of the repository").to_owned()
}

fn built(target: &Path, name: &str, make: &str) -> PathBuf {
    let component = target.join("wasm32-wasip2/release").join(format!("{name}.wasm"));
    assert!(component.is_file(), "{} is missing: run `make {make}`", component.display());
    component
}

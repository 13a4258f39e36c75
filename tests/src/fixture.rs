//! The plugins that tests serve, as `make plugins` and `make fixtures` leave them.

use std::path::{Path, PathBuf};

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

//! Tells which version of the engine's configuration this program has: [`CONFIGURATION`].
//!
//! In a program with the cargo feature `test-hooks`, which no shipped program has, it is the number in [`MARK`]. So a test
//! that changes this number in a copy of the file has a program with another engine, as a newer version of the host would
//! have. wasmtime of the one program then refuses the code of the other, whatever a catalog says about it.

use wasmtime::ModuleVersionStrategy;

/// The version of the choices in [`super::config`]. It grows with every change that makes older machine code
/// unusable, so that the host can say so.
const CONFIGURATION: u32 = 2;

/// The version of wasmtime that compiles and runs; the workspace pins it.
pub const WASMTIME: &str = "48.0.8";

/// The line by which `toolcell publish --for` finds in a program, without running it, which engine it has.
#[cfg(target_arch = "x86_64")]
pub const MARK: &str = "toolcell-engine wasmtime=48.0.8 configuration=2 target=x86_64-unknown-linux-gnu\n";
/// The line by which `toolcell publish --for` finds in a program, without running it, which engine it has.
#[cfg(not(target_arch = "x86_64"))]
pub const MARK: &str = "toolcell-engine wasmtime=48.0.8 configuration=2 target=aarch64-unknown-linux-gnu\n";

/// Returns the version of the engine's configuration.
#[cfg(not(feature = "test-hooks"))]
pub fn configuration_version() -> u32 {
    CONFIGURATION
}

/// Returns the version of the engine's configuration that the program's file names.
///
/// # Panics
/// Panics if a test has left no number there.
#[cfg(feature = "test-hooks")]
pub fn configuration_version() -> u32 {
    // The compiler must not read the text in place of the program.
    let mark = std::hint::black_box(MARK);
    let number = mark.split_once("configuration=").and_then(|(_, rest)| rest.split(' ').next());
    number.and_then(|number| number.parse().ok()).expect("the mark has a number")
}

/// Returns the version that wasmtime writes into machine code, and compares when it loads some.
pub(super) fn module_version() -> ModuleVersionStrategy {
    #[cfg(feature = "test-hooks")]
    if configuration_version() != CONFIGURATION {
        let version = format!("{WASMTIME}, configuration {}", configuration_version());
        return ModuleVersionStrategy::Custom(version);
    }
    ModuleVersionStrategy::WasmtimeVersion
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_that_bundles_name_is_the_one_that_the_workspace_pins() {
        let manifest = include_str!("../../../../Cargo.toml");
        let pinned = format!("\nwasmtime = {{ version = \"={WASMTIME}\"");
        assert!(manifest.contains(&pinned), "Cargo.toml pins another wasmtime than {WASMTIME}");
    }

    #[test]
    fn the_mark_of_a_program_says_what_it_loads() {
        let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        let expected =
            format!("toolcell-engine wasmtime={WASMTIME} configuration={CONFIGURATION} target={target}\n");
        assert_eq!(MARK, expected);
    }
}

//! Zig: modules of its own for the WIT's types and for the exports; the compiler makes the rest.
//!
//! ```text
//! exports.zig ──> plugin (the author's src/main.zig) ──> wit.zig ──> abi.zig
//! ```

mod exports;
mod import;
mod names;
mod spelling;
mod types;
mod wit;
mod word;

use std::path::{Path, PathBuf};

use super::job::Job;
use super::{bindings, encode};
use crate::problem::Result;
use crate::toolchain::ZIG;

/// Lifts and lowers values; the same for every plugin.
const ABI: &str = include_str!("abi.zig");

/// The file that the author's source starts with, unless the recipe names another.
const ENTRY: &str = "src/main.zig";

/// What the compiler is told unless the recipe's flags, which come later, say otherwise. A number that overflows, an
/// index out of bounds: the call ends, and nobody gets a wrong answer.
const MODE: [&str; 2] = ["-OReleaseSafe", "-fstrip"];

/// The stack: as large as Rust's, where zig's 16 MiB would count in full against a call's memory. It lies below the
/// data, so a recursion without end is a trap.
const STACK: [&str; 2] = ["--stack", "1048576"];

/// Builds the plugin.
///
/// # Errors
/// zig is missing, the WIT has something that there are no bindings for, or the build fails.
pub(super) fn make(job: &Job<'_>) -> Result<()> {
    let bindings = generate(job)?;
    let module = compile(job, &bindings)?;
    job.finish(&encode::typed(job, module)?)
}

/// Writes the three files, and returns their directory.
fn generate(job: &Job<'_>) -> Result<PathBuf> {
    let (resolve, world) = job.world()?;
    let names = names::Names::new(&resolve, world);
    let refused = |found| bindings::unknown(job, found);
    let wit = wit::text(&names).map_err(refused)?;
    let exports = exports::text(&names).map_err(refused)?;
    let files = [("abi.zig", ABI), ("wit.zig", &wit), ("exports.zig", &exports)];
    bindings::write(job, files.map(|(name, text)| (name, text.as_bytes())))
}

/// Compiles everything to a core module.
fn compile(job: &Job<'_>, bindings: &Path) -> Result<Vec<u8>> {
    let zig = job.tool(&ZIG)?;
    let module = job.scratch.join("module.wasm");
    let source = |name: &str, file: PathBuf| format!("-M{name}={}", file.display());
    let entry = job.directory.join(job.recipe.entry.as_deref().unwrap_or(ENTRY));
    let mut command = zig.command(&job.directory);
    command
        .args(["build-exe", "-target", "wasm32-wasi", "-mexec-model=reactor", "-fno-entry", "-rdynamic"])
        .args(STACK);
    command.args(["--dep", "plugin", "--dep", "wit"]).args(MODE).args(&job.recipe.flags);
    command.arg(source("exports", bindings.join("exports.zig")));
    command.args(["--dep", "wit"]).arg(source("plugin", entry));
    command.arg(source("wit", bindings.join("wit.zig")));
    command.arg(format!("-femit-bin={}", module.display()));
    job.run(&mut command)?;
    job.read(&module)
}

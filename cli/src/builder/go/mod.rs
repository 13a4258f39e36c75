//! Go: the standard compiler makes a WASI library, whose `main` package is generated.
//!
//! ```text
//! wit/component ──> MODULE/tools (the author's) ──> wit/tools (types) ──> wit
//! ```
//!
//! `wit` is a module of its own below the plugin's scratch; the author's `go.mod` replaces it with that directory. So
//! `go vet ./...` and editors look at the author's packages alone.

mod declared;
mod error_result;
mod layout;
mod name;

use std::path::Path;
use std::process::Command;

use super::job::Job;
use super::rename::Taken;
use super::{bindings, encode};
use crate::language::Language;
use crate::language::build_tool::GO;
use crate::language::program::Program;
use crate::ui::problem::{Problem, Result};
use crate::ui::read::read_text;

/// The `replace` line for the generated module, and the command that adds it.
const REPLACE: &str = "go mod edit -require=wit@v0.0.0 -replace=wit=./target/toolcell/bindings";

/// Linker flags: omit debug data, and allow linking to the runtime's function that grows memory.
const LINK: &str = "-ldflags=-s -w -checklinkname=0";

/// Names that the bindings cannot have.
const TAKEN: Taken = Taken { parameter: name::is_local, case: |_, _| false };

/// Builds the plugin.
///
/// # Errors
/// go is missing, `go.mod` does not know the bindings, the WIT has something that there are none for, or the build
/// fails.
pub(super) fn build(job: &Job<'_>) -> Result<()> {
    let go = job.tool(&GO)?;
    let module = module(job)?;
    generate(job, &go, &module)?;
    let built = job.scratch.join("module.wasm");
    let mut command = go.command(&job.directory);
    target(&mut command);
    command.args(["build", "-buildmode=c-shared", "-trimpath", LINK]).args(&job.config.flags);
    job.run(command.arg("-o").arg(&built).arg("wit/component"))?;
    job.finish(&encode::typed(job, job.read(&built)?)?)
}

/// Makes `go` compile for WebAssembly, with the very compiler that was found.
fn target(command: &mut Command) {
    command.env("GOOS", "wasip1").env("GOARCH", "wasm");
    if std::env::var_os("GOTOOLCHAIN").is_none() {
        command.env("GOTOOLCHAIN", "local");
    }
}

/// Writes the module `wit`.
fn generate(job: &Job<'_>, go: &Program, module: &str) -> Result<()> {
    let (resolve, world) = job.world()?;
    if let Some(found) = declared::clash(&resolve, world) {
        return Err(bindings::same_names(job, Language::Go, found).next("rename one of them in the WIT"));
    }
    let options = wit_bindgen_go::Opts {
        format: wit_bindgen_go::Format::False,
        pkg_name: Some(name::GENERATED.to_owned()),
        quiet: true,
        ..Default::default()
    };
    let generated = bindings::files(job, Language::Go, options.build(), &TAKEN)?;
    let layout = layout::Layout::new(&resolve, world, module);
    let mut files: Vec<(String, String)> =
        layout::OWN.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    for (name, content) in generated.iter() {
        let text = String::from_utf8_lossy(content);
        let text = memory(&text);
        files.push(layout.place(name, &text).map_err(|found| bindings::unsupported(job, found))?);
    }
    let directory = bindings::write(job, files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())))?;
    format(go, &directory);
    Ok(())
}

/// Exports a function of the world called `memory` by its standard name: the linker exports the memory by this one.
fn memory(text: &str) -> String {
    let exported = |name: &str| format!("//go:wasmexport {name}\n");
    text.replace(&exported("memory"), &exported("cm32p2||memory"))
        .replace(&exported("cabi_post_memory"), &exported("cm32p2||memory_post"))
}

/// Makes the generated source nice to read, if there is a gofmt beside go.
fn format(go: &Program, directory: &Path) {
    let Ok(output) = go.command(directory).args(["env", "GOROOT"]).output() else { return };
    let root = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let formatted =
        Command::new(Path::new(&root).join("bin/gofmt")).args(["-w", "."]).current_dir(directory).output();
    if let Err(error) = formatted {
        tracing::debug!(%error, "gofmt");
    }
}

/// The path of the author's module.
fn module(job: &Job<'_>) -> Result<String> {
    let file = job.directory.join("go.mod");
    let refused = |wrong: &str, found: String, expected: &str, next: &str| {
        Problem::refused(file.display().to_string(), wrong).found(found).expected(expected).next(next)
    };
    let text = read_text(&file).map_err(|error| {
        refused("cannot be read", error.to_string(), "the module of the plugin", "run `go mod init NAME`")
    })?;
    let Some(module) = text.lines().find_map(|line| line.trim().strip_prefix("module ")) else {
        return Err(refused(
            "has no module",
            text,
            "a line `module NAME`",
            "add this line at the beginning of go.mod",
        ));
    };
    if !text.lines().any(|line| line.trim_start_matches("replace").trim_start().starts_with("wit =>")) {
        let found = "no replacement of the module wit".to_owned();
        return Err(refused(
            "does not use the bindings",
            found,
            "replace wit => ./target/toolcell/bindings",
            REPLACE,
        ));
    }
    Ok(module.trim().trim_matches('"').to_owned())
}

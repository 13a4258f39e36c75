//! Rust: cargo makes a component by itself.

mod libc;

use serde::Deserialize;

use super::job::Job;
use crate::language::build_tool::CARGO;
use crate::ui::problem::{Problem, Result};

/// The target of every plugin, which makes components.
const TARGET: &str = "wasm32-wasip2";

/// One artifact message of cargo.
#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    filenames: Vec<String>,
    #[serde(default)]
    manifest_path: String,
}

/// Builds the crate in the plugin's directory.
///
/// # Errors
/// cargo or its target is missing, the world exports a function under a name that the program needs, or the build fails.
pub(super) fn build(job: &Job<'_>) -> Result<()> {
    let cargo = job.tool(&CARGO)?;
    libc::refuse_taken(job)?;
    let mut command = cargo.command(&job.directory);
    command.args(["build", "--release", "--target", TARGET, "--message-format", "json-render-diagnostics"]);
    let messages = job.ask(command.args(&job.config.flags))?;
    let own = job.directory.join("Cargo.toml");
    let made =
        messages.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Message>(line).ok());
    let of_this = made.filter(|message| own.as_os_str() == message.manifest_path.as_str());
    let Some(file) = of_this.flat_map(|message| message.filenames).find(|file| file.ends_with(".wasm"))
    else {
        return Err(Problem::refused(own.display().to_string(), "does not build a component")
            .found("no .wasm file in cargo's output")
            .expected("a library with crate-type = [\"cdylib\"]")
            .next("add [lib] with crate-type = [\"cdylib\"] to Cargo.toml"));
    };
    let component = &job.manifest.component;
    let is_there = std::fs::canonicalize(component).is_ok_and(|there| there.as_os_str() == file.as_str());
    if is_there { Ok(()) } else { job.finish_file(file.as_ref()) }
}

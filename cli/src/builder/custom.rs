//! A build of the author's own: one command.

use std::process::Command;

use super::job::Job;
use crate::ui::problem::{Problem, Result};

/// Runs the command in the plugin's directory; it has to leave the component where `plugin.toml` says.
///
/// # Errors
/// The command fails, or there is no component afterwards.
pub(super) fn build(job: &Job<'_>, command: &str) -> Result<()> {
    job.run(Command::new("sh").args(["-c", command]).current_dir(&job.directory))?;
    if job.manifest.component.is_file() {
        return Ok(());
    }
    Err(Problem::refused(job.manifest.origin.place("build.command"), "does not produce the component")
        .found(command)
        .expected(format!("a command that writes {}", job.manifest.component.display()))
        .next("correct the command, or `component`"))
}

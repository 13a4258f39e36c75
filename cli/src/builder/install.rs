//! Installs what a lock file of the project pins, from the language's package registry: npm's and Python's.
//!
//! Nothing of a package runs while it is installed. What is there already is not asked for again.

use std::fs;
use std::path::Path;

use toolcell_host::digest::Digest;

use super::job::Job;
use crate::language::build_tool::{NPM, PYTHON};
use crate::ui::problem::{Problem, Result};
use crate::ui::write::write_atomically;

/// Lock files, and where what they pin is installed.
const LOCKS: [(&str, &str); 2] = [("package-lock.json", "node_modules"), ("requirements.txt", ".venv")];

/// Says beside the packages which lock file they were installed from.
const MARK: &str = ".toolcell";

/// Installs the packages of `package-lock.json` into `node_modules`, if the project has that file.
///
/// # Errors
/// npm is missing or fails.
pub(super) fn node_packages(job: &Job<'_>) -> Result<()> {
    once(job, "package-lock.json", "node_modules", || {
        let npm = job.tool(&NPM)?;
        let mut command = npm.command(&job.directory);
        command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
        job.run(&mut command).map(drop).map_err(|problem| not_installed(problem, "package-lock.json"))
    })
}

/// Installs the packages of `requirements.txt` into `.venv`, if the project has that file.
///
/// # Errors
/// Python is missing, or pip fails.
pub(super) fn python_packages(job: &Job<'_>) -> Result<()> {
    once(job, "requirements.txt", ".venv", || {
        let python = job.tool(&PYTHON)?;
        // Also where there is a folder: whoever made it may have been stopped before pip was in it.
        job.run(python.command(&job.directory).args(["-m", "venv", ".venv"]))?;
        let mut pip = std::process::Command::new(job.directory.join(".venv/bin/python"));
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--only-binary",
            ":all:",
        ]);
        pip.args(["-r", "requirements.txt"]).current_dir(&job.directory);
        job.run(&mut pip).map(drop).map_err(|problem| not_installed(problem, "requirements.txt"))
    })
}

/// Runs `install` unless `folder` holds what `lock` says; a digest beside the packages remembers that.
fn once(job: &Job<'_>, lock: &str, folder: &str, install: impl FnOnce() -> Result<()>) -> Result<()> {
    let Ok(content) = fs::read(job.directory.join(lock)) else { return Ok(()) };
    let sum = Digest::of(&content).to_string();
    let mark = job.directory.join(folder).join(MARK);
    if fs::read_to_string(&mark).is_ok_and(|written| written == sum) {
        return Ok(());
    }
    // What an installation leaves that fails is not what the mark says.
    let _ = fs::remove_file(&mark);
    install()?;
    write_atomically(&mark, sum.as_bytes())
}

/// Packages that a project pins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum InstallState {
    /// They are installed.
    Installed,
    /// They are not, or others are: the next build installs them.
    NotYet,
}

/// The lock files in `directory`, and whether what they pin is installed.
pub fn packages(directory: &Path) -> Vec<(&'static str, InstallState)> {
    let state = |(lock, folder): (&'static str, &str)| {
        let sum = Digest::of(&fs::read(directory.join(lock)).ok()?).to_string();
        let written = fs::read_to_string(directory.join(folder).join(MARK));
        let installed = written.is_ok_and(|written| written == sum);
        Some((lock, if installed { InstallState::Installed } else { InstallState::NotYet }))
    };
    LOCKS.into_iter().filter_map(state).collect()
}

/// The source of the plugin has no part in it.
fn not_installed(problem: Problem, lock: &str) -> Problem {
    problem
        .expected(format!("every package of {lock}, from the registry that npm or pip is configured for"))
        .next(format!("check that the registry is reachable, or correct {lock}"))
}

//! Looks for a program on this machine.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::build_tool::BuildTool;
use crate::ui::problem::{Problem, Result};

/// The directories of a project's own programs, under its directory or a parent.
const LOCAL: [&str; 2] = [".venv/bin", "node_modules/.bin"];

/// A program that was found.
#[derive(Clone, Debug)]
pub struct Program {
    /// The file that is run, and what it is always told first.
    words: Vec<OsString>,
    /// Its version line.
    pub version: String,
}

impl Program {
    /// A command line that runs it in `directory`.
    pub fn command(&self, directory: &Path) -> Command {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).current_dir(directory);
        command
    }

    /// The file that is run.
    pub fn file(&self) -> &Path {
        Path::new(&self.words[0])
    }
}

/// Finds a tool for the project in `directory`.
///
/// # Errors
/// It is not there, or what is there does not run; says how to get it
/// ([`ProblemKind::Missing`](crate::ui::problem::ProblemKind::Missing)).
pub fn find(tool: &BuildTool, directory: &Path) -> Result<Program> {
    let mut unfit = None;
    for words in tool.commands {
        let Some(file) = locate(words[0], directory) else { continue };
        let words =
            [file.into_os_string()].into_iter().chain(words[1..].iter().map(OsString::from)).collect();
        match version(words, tool) {
            Ok(program) => return Ok(program),
            Err(found) => unfit = unfit.or(Some(found)),
        }
    }
    Err(Problem::missing(tool.title, "is required to build the plugin but not installed")
        .found(unfit.unwrap_or_else(|| format!("no `{}` on PATH", tool.commands[0][0])))
        .expected(format!("{} (tested with {})", tool.title, tool.tested))
        .next(tool.get))
}

/// The file of a program: of the project itself, else of `PATH`.
fn locate(name: &str, directory: &Path) -> Option<PathBuf> {
    let directory = std::path::absolute(directory).unwrap_or_else(|_| directory.to_path_buf());
    let local = directory.ancestors().flat_map(|above| LOCAL.map(|local| above.join(local)));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let everywhere = local
        .chain(std::env::split_paths(&path).map(|folder| std::path::absolute(folder).unwrap_or_default()));
    everywhere.map(|folder| folder.join(name)).find(|file| file.is_file())
}

fn version(words: Vec<OsString>, tool: &BuildTool) -> std::result::Result<Program, String> {
    let shown = words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
    let output = Command::new(&words[0]).args(&words[1..]).args(tool.version).output();
    let output = output.map_err(|error| format!("`{shown}`: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    match (output.status.success(), text.lines().next()) {
        (true, Some(line)) => Ok(Program { words, version: line.trim().to_owned() }),
        _ => Err(format!("`{shown} {}` fails", tool.version.join(" "))),
    }
}

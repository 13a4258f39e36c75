//! Python: componentize-py puts CPython, the program and the packages that it imports into a component.
//!
//! ```text
//! requirements.txt ──> .venv ──────┐
//! WIT ──> bindings (for editors)   │
//! app.py ──> entry.py ─────────────┴─> componentize-py ─> component
//! ```
//!
//! The program is imported while the component is made, and what is in memory then is the component: a call finds
//! every module loaded. `entry.py` imports it, and keeps the sources of modules that a call may import later.

use std::fs;
use std::path::{self, Path, PathBuf};
use std::process::Command;

use super::install;
use super::job::Job;
use crate::language::build_tool::COMPONENTIZE_PY;
use crate::language::program::Program;
use crate::ui::problem::{Problem, Result};
use crate::ui::write::write_atomically;

/// Imports the program, and keeps modules for its calls.
const START: &str = include_str!("python/entry.py");

/// The module that [`START`] is written to.
const START_MODULE: &str = "toolcell_entry";

/// The module that the program starts with, unless `[build]` names one.
const ENTRY: &str = "app";

/// The directory of bindings for editors and tests; the build generates its own.
const BINDINGS: &str = "bindings";

/// The module that the program starts with.
#[derive(Debug, PartialEq, Eq)]
struct Entry {
    /// Its name: `app`.
    module: String,
    /// The directory that modules are looked for in, relative to the plugin's.
    folder: PathBuf,
}

/// Builds the program in the plugin's directory.
///
/// # Errors
/// componentize-py is missing, the program does not start, or it lacks something that its world exports.
pub(super) fn build(job: &Job<'_>) -> Result<()> {
    let entry = Entry::of(job.config.entry.as_deref().unwrap_or(ENTRY));
    let folder = entry.folder_in(job)?;
    install::python_packages(job)?;
    job.world()?; // wrong WIT is told of in the words of every command
    let program = job.tool(&COMPONENTIZE_PY)?;
    bindings(job, &program)?;
    let start = start(job, &entry)?;
    let made = job.scratch.join("component.wasm");
    let mut command = componentize(job, &program);
    command.arg("componentize").arg("--python-path").arg(&folder).arg("--python-path").arg(start);
    command.arg("--output").arg(&made).arg(START_MODULE);
    job.run(&mut command)
        .map_err(|problem| Problem { found: traceback(&problem.found, &folder), ..problem })?;
    job.finish_file(&made)
}

/// Writes the module that imports the program, and returns its directory.
fn start(job: &Job<'_>, entry: &Entry) -> Result<PathBuf> {
    let folder = job.scratch.join("entry");
    let text = format!("{START}\n\nstart(\"{}\")\n", entry.module);
    write_atomically(&folder.join(START_MODULE).with_extension("py"), text.as_bytes())?;
    Ok(folder)
}

/// Returns the output of the import without the frames of componentize-py and of [`START`] around it, and
/// with paths of this machine: inside, the first directory of modules is `/0`.
fn traceback(said: &str, folder: &Path) -> String {
    let own = said.split_once("AssertionError: ").map_or(said, |(_, own)| own);
    let own = own.split_once("\n\nCaused by:").map_or(own, |(own, _)| own);
    let start = format!("/{START_MODULE}.py\"");
    let mut is_start = false;
    let lines = own.trim_end().lines().filter(|line| {
        // The lines of a frame are indented deeper than its head.
        is_start = if line.starts_with("    ") { is_start } else { line.contains(&start) };
        !is_start
    });
    let own: Vec<&str> = lines.collect();
    own.join("\n").replace("File \"/0/", &format!("File \"{}/", folder.display()))
}

/// Writes the bindings anew: a module of an interface that is gone would still be found.
fn bindings(job: &Job<'_>, program: &Program) -> Result<()> {
    let folder = job.scratch.join(BINDINGS);
    if folder.is_dir() {
        fs::remove_dir_all(&folder).map_err(|error| {
            Problem::internal(folder.display().to_string(), "cannot be removed").found(error.to_string())
        })?;
    }
    job.run(componentize(job, program).arg("bindings").arg(folder)).map(drop)
}

/// componentize-py, told of the world and of the project's packages.
fn componentize(job: &Job<'_>, program: &Program) -> Command {
    let mut command = program.command(&job.directory);
    let wit = path::absolute(&job.manifest.wit).unwrap_or_else(|_| job.manifest.wit.clone());
    if let Some(environment) = environment(&job.directory) {
        command.env("VIRTUAL_ENV", environment);
    }
    command.env("RUST_BACKTRACE", "0"); // the traceback of the program is what an author reads
    command.arg("--quiet").args(&job.config.flags).arg("--wit-path").arg(wit);
    if let Some(world) = &job.manifest.world {
        command.args(["--world", world]);
    }
    command
}

/// The project's virtual environment, here or above. Without any, componentize-py looks for an active one.
fn environment(directory: &Path) -> Option<PathBuf> {
    directory.ancestors().map(|above| above.join(".venv")).find(|environment| environment.is_dir())
}

impl Entry {
    /// `app`, `bill.app` or `src/app.py`.
    fn of(text: &str) -> Self {
        let path = Path::new(text);
        match (path.extension(), path.file_stem()) {
            (Some(extension), Some(stem)) if extension == "py" => Self {
                module: stem.to_string_lossy().into_owned(),
                folder: path.parent().unwrap_or(Path::new("")).to_path_buf(),
            },
            _ => Self { module: text.to_owned(), folder: PathBuf::new() },
        }
    }

    /// The directory that modules are looked for in.
    ///
    /// # Errors
    /// The module is not there: componentize-py would say so in a traceback of its own.
    fn folder_in(&self, job: &Job<'_>) -> Result<PathBuf> {
        let folder: PathBuf = job.directory.join(&self.folder).components().collect(); // no slash at the end
        let module = folder.join(self.module.replace('.', "/"));
        if module.with_extension("py").is_file() || module.join("__init__.py").is_file() {
            return Ok(folder);
        }
        let file = self.folder.join(self.module.replace('.', "/")).with_extension("py");
        Err(Problem::refused(job.manifest.origin.place("build.entry"), "is not a module of the plugin")
            .found(format!("no {}", file.display()))
            .expected("a module with a class for every exported interface, such as app.py")
            .next("write that file, or name another: entry = \"src/app.py\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_a_module_or_a_file() {
        let entry =
            |module: &str, folder: &str| Entry { module: module.to_owned(), folder: PathBuf::from(folder) };
        assert_eq!(Entry::of("app"), entry("app", ""));
        assert_eq!(Entry::of("bill.app"), entry("bill.app", ""));
        assert_eq!(Entry::of("app.py"), entry("app", ""));
        assert_eq!(Entry::of("src/main.py"), entry("main", "src"));
    }

    #[test]
    fn a_traceback_is_the_authors_own() {
        let said = "Traceback (most recent call last):\n  File \"bin/componentize-py\", line 8, in <module>\n\
                    AssertionError: Traceback (most recent call last):\n  \
                    File \"/1/toolcell_entry.py\", line 9, in <module>\n    start(\"app\")\n    ~~~~~^^^^^\n  \
                    File \"/0/app.py\", line 2, in <module>\n    import nosuch\n\
                    ModuleNotFoundError: No module named 'nosuch'\n\n\nCaused by:\n    ModuleNotFoundError: ...";
        let own = "Traceback (most recent call last):\n  File \"/bill/app.py\", line 2, in <module>\n    \
                   import nosuch\nModuleNotFoundError: No module named 'nosuch'";
        assert_eq!(traceback(said, Path::new("/bill")), own);
        assert_eq!(traceback("error: no such option", Path::new("/bill")), "error: no such option");
    }

    #[test]
    fn the_nearest_virtual_environment_is_the_projects() {
        let root = tempfile::tempdir().unwrap();
        let plugin = root.path().join("plugins/table");
        fs::create_dir_all(root.path().join("plugins/.venv")).unwrap();
        fs::create_dir_all(root.path().join(".venv")).unwrap();
        fs::create_dir_all(&plugin).unwrap();
        assert_eq!(environment(&plugin), Some(root.path().join("plugins/.venv")));
        fs::create_dir(plugin.join(".venv")).unwrap();
        assert_eq!(environment(&plugin), Some(plugin.join(".venv")));
    }
}

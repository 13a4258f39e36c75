//! One build of one plugin: where its files are, and how a program is run for it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use wit_parser::{Resolve, WorldId};

use super::docs;
use crate::component::wit;
use crate::language::build_tool::BuildTool;
use crate::language::program::{self, Program};
use crate::manifest::Manifest;
use crate::manifest::build::BuildConfig;
use crate::ui::lock::Lock;
use crate::ui::problem::{Problem, Result};
use crate::ui::write::write_atomically;

/// The directory for intermediate files, under the plugin's directory.
pub(super) const SCRATCH: &str = "target/toolcell";

/// Lines of a failed program's output that are shown.
const SHOWN_LINES: usize = 60;

/// A build.
pub(super) struct Job<'a> {
    /// The plugin to build.
    pub(super) manifest: &'a Manifest,
    /// How.
    pub(super) config: &'a BuildConfig,
    /// The plugin's directory, absolute.
    pub(super) directory: PathBuf,
    /// A directory of the build's own, absolute, inside it.
    pub(super) scratch: PathBuf,
    /// Keeps other builds of the plugin waiting; `None` where the file system has no locks.
    _lock: Option<Lock>,
}

impl<'a> Job<'a> {
    /// Prepares a build. Waits while another process builds the same plugin, because compilers write to the same files.
    pub(super) fn new(manifest: &'a Manifest, config: &'a BuildConfig) -> Result<Self> {
        let unusable = |error: std::io::Error| {
            Problem::refused(manifest.directory.display().to_string(), "cannot be used for the build")
                .found(error.to_string())
                .expected("a writable directory")
                .next("free some disk space or change the permissions")
        };
        let directory = fs::canonicalize(&manifest.directory).map_err(unusable)?;
        let scratch = directory.join(SCRATCH);
        fs::create_dir_all(&scratch).map_err(unusable)?;
        let lock = Lock::exclusive(&scratch);
        Ok(Self { manifest, config, directory, scratch, _lock: lock })
    }

    /// Finds a program for this project.
    pub(super) fn tool(&self, tool: &BuildTool) -> Result<Program> {
        program::find(tool, &self.directory)
    }

    /// Reads the WIT and the world that is implemented, with documentation that every language can have as comments.
    pub(super) fn world(&self) -> Result<(Resolve, WorldId)> {
        let (mut resolve, world) = wit::resolve(&self.manifest.wit, self.manifest.world.as_deref())?;
        docs::clean(&mut resolve);
        Ok((resolve, world))
    }

    /// Runs a program to its end in silence, and returns what it wrote to standard output.
    ///
    /// # Errors
    /// It cannot be started, or fails; what it wrote is in the problem, since it is the compiler who knows.
    pub(super) fn run(&self, command: &mut Command) -> Result<Vec<u8>> {
        self.end(command, |output| [&output.stderr[..], &output.stdout].concat())
    }

    /// The same for a program whose standard output is for us, and only its standard error for people.
    ///
    /// # Errors
    /// As [`Job::run`].
    pub(super) fn ask(&self, command: &mut Command) -> Result<Vec<u8>> {
        self.end(command, |output| output.stderr.clone())
    }

    fn end(&self, command: &mut Command, said: impl Fn(&Output) -> Vec<u8>) -> Result<Vec<u8>> {
        let program = Path::new(command.get_program()).file_name().unwrap_or(OsStr::new("?"));
        let program = program.to_string_lossy().into_owned();
        let output = command.output().map_err(|error| {
            Problem::internal(&program, "cannot be started")
                .found(error.to_string())
                .expected("a program on PATH that can be executed")
                .next(format!("install {program}, or correct PATH"))
        })?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(Problem::refused(
            self.directory.display().to_string(),
            format!("{program} failed to build the plugin"),
        )
        .found(shown(&String::from_utf8_lossy(&said(&output))))
        .expected("a build without errors")
        .next("correct the source and build again"))
    }

    /// Puts the component where `plugin.toml` wants it.
    pub(super) fn finish(&self, component: &[u8]) -> Result<()> {
        write_atomically(&self.manifest.component, component)
    }

    /// Puts the component there that a program left in `file`.
    pub(super) fn finish_file(&self, file: &Path) -> Result<()> {
        self.finish(&self.read(file)?)
    }

    /// Reads what a program has made.
    pub(super) fn read(&self, file: &Path) -> Result<Vec<u8>> {
        fs::read(file).map_err(|error| {
            Problem::internal(file.display().to_string(), "is missing after the build")
                .found(error.to_string())
        })
    }
}

/// The end of what a program wrote: that is where compilers say what is wrong.
fn shown(output: &str) -> String {
    let lines: Vec<&str> = output.trim_end().lines().collect();
    let skipped = lines.len().saturating_sub(SHOWN_LINES);
    let shown = lines[skipped..].join("\n");
    match skipped {
        0 => shown,
        _ => format!("({skipped} lines before)\n{shown}"),
    }
}

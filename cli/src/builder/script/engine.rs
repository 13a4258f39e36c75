//! Puts an engine around a module.

use std::path::Path;

use super::absent;
use super::export::EngineWit;
use super::package::{self, Packages};
use crate::builder::job::Job;
use crate::component::outermost;
use crate::manifest::build::ScriptEngine;
use crate::ui::problem::{Problem, Result};

/// Calls the interface of componentize-js, and patches what its bindings get wrong.
const STARLINGMONKEY: &str = include_str!("starlingmonkey.mjs");

/// Makes the component.
///
/// # Errors
/// The engine's package is missing, or refuses the module or the world.
pub(super) fn componentize(
    job: &Job<'_>,
    packages: &Packages<'_>,
    module: &Path,
    wit: &EngineWit,
    world: &str,
) -> Result<()> {
    let made = job.scratch.join("component.wasm");
    let mut command = match job.config.engine {
        ScriptEngine::QuickJs => {
            let mut command = packages.command(&package::QUICKJS)?;
            // Exports are lifted as plain functions, as the WIT has them.
            command.args(["--sync", "--js"]).arg(module);
            command
        }
        ScriptEngine::StarlingMonkey => {
            packages.find(&package::STARLINGMONKEY)?;
            let mut command = packages.driver("starlingmonkey.mjs", STARLINGMONKEY)?;
            // The engine sees the module's directory alone; a link does not lead out of it.
            let module = job.directory.join(module);
            command.arg("--js").arg(std::fs::canonicalize(&module).unwrap_or(module));
            command.args(wit.names.iter().map(|(wrong, right)| format!("--renamed={wrong}={right}")));
            if wit.has_requests {
                command.arg("--http");
            }
            command
        }
    };
    command.arg("--wit").arg(&wit.path);
    command.args(["--world", world, "--output"]).arg(&made).args(&job.config.flags);
    job.run(&mut command).map_err(explained)?;
    let component = outermost::correct(&job.read(&made)?, &wit.names)
        .map_err(|error| Problem::internal(made.display().to_string(), "cannot be corrected").found(error))?;
    job.finish(&component)
}

/// Says what to do without a global that the engine does not have.
fn explained(problem: Problem) -> Problem {
    match absent::explanation(&problem.found) {
        Some(explanation) => problem.next(explanation),
        None => problem,
    }
}

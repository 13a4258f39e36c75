//! JavaScript and TypeScript: an engine inside the component runs the author's module.
//!
//! ```text
//! WIT ──> types ──> tsc ─┐ (checks only)
//! source ──> rolldown ───┴─> one module ──> QuickJS or StarlingMonkey ──> component
//! ```
//!
//! Everything that runs here is a package of the project's own, pinned by its `package-lock.json`.

mod absent;
mod declaration;
mod engine;
mod export;
mod name;
mod package;
mod quickjs_shim;

use std::path::{Path, PathBuf};

use wit_parser::{Resolve, WorldId, WorldItem};

use super::install;
use super::job::{Job, SCRATCH};
use crate::language::Language;
use crate::manifest::build::{BuildMethod, ScriptEngine};
use crate::ui::problem::{Problem, Result};
use crate::ui::write::write_atomically;

use export::{EngineWit, Export};
use package::Packages;

/// From the scratch to the plugin's directory.
const TO_DIRECTORY: &str = "../..";

/// Declarations of the world's types, below the scratch.
const DECLARATIONS: &str = "bindings/plugin.d.ts";

/// Bundles what the entry imports, and puts an engine around it.
///
/// # Errors
/// node, npm or a package is missing, or one of them refuses the source.
pub(super) fn build(job: &Job<'_>) -> Result<()> {
    let (resolve, world) = job.world()?;
    let entry = entry(job)?;
    install::node_packages(job)?;
    let packages = Packages::of(job)?;
    declare(job, &declaration::of(&resolve, world, job.config.engine))?;
    if packages.depends_on("typescript") {
        job.run(packages.command(&package::TYPESCRIPT)?.arg("--noEmit"))?;
    }
    let exports = export::of(&resolve, world);
    let module = around(job, &resolve, &exports, entry)?;
    let module = if is_typescript(job) || packages.has_dependencies() {
        bundle(job, &packages, &module, &imports(&resolve, world))?
    } else {
        module
    };
    let wit = EngineWit::write(job, &resolve, world, &exports)?;
    engine::componentize(job, &packages, &module, &wit, &resolve.worlds[world].name)
}

/// The module that the engine is given: for QuickJS one around the author's.
fn around(job: &Job<'_>, resolve: &Resolve, exports: &[Export<'_>], entry: PathBuf) -> Result<PathBuf> {
    if job.config.engine != ScriptEngine::QuickJs {
        return Ok(entry);
    }
    let text = quickjs_shim::module(resolve, exports, &format!("{TO_DIRECTORY}/{}", entry.display()));
    let module = PathBuf::from(SCRATCH).join("patched.js");
    write_atomically(&job.directory.join(&module), text.as_bytes())?;
    Ok(module)
}

/// The module whose exports implement the world, relative to the plugin's directory.
fn entry(job: &Job<'_>) -> Result<PathBuf> {
    let usual = if is_typescript(job) { "src/app.ts" } else { "src/app.js" };
    let entry = job.config.entry.as_deref().unwrap_or(usual);
    if job.directory.join(entry).is_file() {
        return Ok(PathBuf::from(entry));
    }
    Err(Problem::refused(job.manifest.origin.place("build.entry"), "is not a file of the plugin")
        .found(entry)
        .expected("a module that exports everything in the world")
        .next("write the module, or set `entry` to its path"))
}

/// Writes declarations; a file that stays the same keeps its age.
fn declare(job: &Job<'_>, declarations: &str) -> Result<()> {
    let file = job.scratch.join(DECLARATIONS);
    if std::fs::read(&file).is_ok_and(|present| present == declarations.as_bytes()) {
        return Ok(());
    }
    write_atomically(&file, declarations.as_bytes())
}

/// Makes one module of the author's and all that it imports, but for what the host provides.
fn bundle(job: &Job<'_>, packages: &Packages<'_>, module: &Path, imports: &[String]) -> Result<PathBuf> {
    let bundled = job.scratch.join("app.js");
    packages.find(&package::ROLLDOWN)?;
    let mut command = packages.driver("rolldown.mjs", include_str!("rolldown.mjs"))?;
    command.arg("--js").arg(module).arg("--output").arg(&bundled);
    command.args(imports.iter().flat_map(|import| ["--external", import]));
    job.run(&mut command)?;
    Ok(bundled)
}

/// Names of the modules that the world imports.
fn imports(resolve: &Resolve, world: WorldId) -> Vec<String> {
    let interfaces = resolve.worlds[world].imports.iter();
    interfaces
        .filter(|(_, item)| matches!(item, WorldItem::Interface { .. }))
        .map(|(key, _)| resolve.name_world_key(key))
        .collect()
}

fn is_typescript(job: &Job<'_>) -> bool {
    job.config.method == BuildMethod::Language(Language::TypeScript)
}

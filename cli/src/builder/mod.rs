//! Makes a plugin's component from its source, as `[build]` in its `plugin.toml` says.
//!
//! ```text
//! WIT ──> bindings ─┐
//! source ───────────┴─> the language's own compiler ─> core module ─> encode ─> component
//! ```
//!
//! A compiler is all that an author needs: bindings for C, C++, Go and Zig, types for TypeScript, and the component
//! around a core module are made here. What a lock file of the project pins is [installed](install) first. Nothing runs
//! when no file has changed since the last time ([`stamp`]); cargo and commands of the author's know that better
//! themselves.

mod bindings;
mod c_clash;
mod c_family;
mod cpp_patch;
mod custom;
mod docs;
mod encode;
mod go;
mod inputs;
mod install;
mod job;
mod python;
mod rename;
mod rust;
mod script;
mod source_files;
mod stamp;
mod unsupported;
mod zig;

pub use inputs::Inputs;
pub use install::{InstallState, packages};
use job::Job;

use crate::language::Language;
use crate::manifest::Manifest;
use crate::manifest::build::{BuildConfig, BuildMethod};
use crate::ui::problem::Result;

/// Tells whether a component was built or reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuildStatus {
    /// It was made.
    Built,
    /// Nothing has changed since it was made.
    UpToDate,
    /// `plugin.toml` does not say how to make it: it is taken as it is.
    Prebuilt,
}

/// Makes the component of a plugin, if its manifest says how.
///
/// # Errors
/// A program is not installed ([`ProblemKind::Missing`](crate::ui::problem::ProblemKind::Missing)), or the build fails;
/// the component of an earlier build stays as it was.
pub fn build(manifest: &Manifest) -> Result<BuildStatus> {
    let Some(config) = &manifest.build else { return Ok(BuildStatus::Prebuilt) };
    let job = Job::new(manifest, config)?;
    let source = stamp::source(&job);
    if !watches_itself(config) && stamp::is_current(&job, &source) {
        return Ok(BuildStatus::UpToDate);
    }
    match &config.method {
        BuildMethod::Command(command) => custom::build(&job, command),
        BuildMethod::Language(Language::Rust) => rust::build(&job),
        BuildMethod::Language(Language::C) => c_family::build_c(&job),
        BuildMethod::Language(Language::Cpp) => c_family::build_cpp(&job),
        BuildMethod::Language(Language::Zig) => zig::build(&job),
        BuildMethod::Language(Language::Go) => go::build(&job),
        BuildMethod::Language(Language::JavaScript | Language::TypeScript) => script::build(&job),
        BuildMethod::Language(Language::Python) => python::build(&job),
    }?;
    stamp::write(&job, &source);
    Ok(BuildStatus::Built)
}

/// Tells whether what builds it finds out by itself what has changed.
fn watches_itself(config: &BuildConfig) -> bool {
    matches!(config.method, BuildMethod::Command(_) | BuildMethod::Language(Language::Rust))
}

//! Checks that the host has everything that a component imports.

use crate::problem::{Problem, Result};
use crate::source::Loaded;

/// Interfaces that the host links; what a call may do with them is decided by grants.
const WASI: [&str; 7] = ["cli", "clocks", "filesystem", "http", "io", "random", "sockets"];

/// Whether the host links this interface.
pub fn is_linkable(interface: &str) -> bool {
    let (path, version) = interface.split_once('@').unwrap_or((interface, ""));
    let wasi = path
        .strip_prefix("wasi:")
        .and_then(|rest| rest.split_once('/'))
        .is_some_and(|(package, _)| WASI.contains(&package) && version.starts_with("0.2."));
    let ours = ["toolcell:plugin/log", "toolcell:plugin/progress"].contains(&path) && version.starts_with("0.1.");
    wasi || ours || path == "wasi:config/store"
}

/// Checks the imports of a plugin.
///
/// # Errors
/// Names the first import that nobody provides.
pub fn check(loaded: &Loaded) -> Result<()> {
    match loaded.component.imports.keys().find(|interface| !is_linkable(interface)) {
        None => Ok(()),
        Some(interface) => Err(Problem::refused(loaded.file.display().to_string(), "imports what the host does not have")
            .found(interface.clone())
            .expected("WASI 0.2 (cli, clocks, config, filesystem, http, io, random, sockets) or toolcell:plugin@0.1.0")
            .next("remove the import from the WIT world, or compose it away with `wac plug`")),
    }
}

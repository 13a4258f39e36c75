//! Checks that the host has everything that a component imports.

use toolcell_host::sandbox;

use super::load::Loaded;
use crate::component::Component;
use crate::ui::problem::{Problem, Result};

/// Checks the imports of a plugin.
///
/// # Errors
/// Names the first import that nobody provides.
pub fn check(loaded: &Loaded) -> Result<()> {
    match unknown(&loaded.component).next() {
        None => Ok(()),
        Some(import) => Err(Problem::refused(
            loaded.file.display().to_string(),
            "imports an interface that the host does not provide",
        )
        .found(import)
        .expected(
            "WASI 0.2 (cli, clocks, config, filesystem, http, io, random, sockets) or toolcell:plugin@0.1.0",
        )
        .next(
            "remove the import from the WIT world, or satisfy it with `wac plug`; docs/plugin-interface.md lists \
             what can be imported",
        )),
    }
}

/// The imports that nobody provides; an interface that only names types needs nobody.
pub fn unknown(component: &Component) -> impl Iterator<Item = &str> {
    let needed = component.imports.iter().filter(|(_, items)| !items.is_empty());
    needed.map(|(name, _)| name.as_str()).filter(|import| sandbox::check_import(import).is_err())
}

//! Reads back what a build makes, with the host's own reader and linker, before anybody is told that it is built.

use toolcell_host::artifact::Code;
use toolcell_host::catalog::{self, Catalog, FunctionEntry, Grants, Index};
use toolcell_host::digest::Digest;
use toolcell_host::sandbox::{Allocation, GrantRoots, LoadError, Sandbox};

use crate::ui::problem::{Problem, Result};

const BUG: &str = "leave the plugin out of toolcell.toml, and report this: it is a bug in toolcell";

/// Writes a catalog, and reads it as the server will.
///
/// # Errors
/// The server would refuse it, or leave a plugin out.
pub(super) fn catalog(file: &str, catalog: &Catalog) -> Result<Vec<u8>> {
    let refuse = |found: String, next: &str| {
        Err(Problem::internal(file, "could not be read by the server")
            .found(found)
            .expected("a catalog that the server reads whole")
            .next(next))
    };
    let written = catalog.to_bytes();
    let read = written.and_then(|bytes| Ok((Index::read(bytes.clone().into())?.contents()?, bytes)));
    match read {
        Err(error) => refuse(error.to_string(), "serve fewer plugins or tools, and report this"),
        Ok((contents, bytes)) => match contents.left_out.first() {
            None => Ok(bytes),
            Some(first) => refuse(format!("plugin `{}`: {}", first.plugin, first.reason), BUG),
        },
    }
}

/// Loads machine code for this kind of machine and links each function of the plugin, as its first call will.
///
/// Code that this very machine cannot run is no fault of the plugin: it may be built for a newer processor.
///
/// # Errors
/// A function of the catalog is missing, or the host cannot link the component.
pub(super) fn code(
    file: &str,
    plugin: &catalog::Plugin,
    functions: &[FunctionEntry<'_>],
    bytes: &[u8],
) -> Result<()> {
    // Directories may be granted that exist only where the bundle is served.
    let plugin = catalog::Plugin { grants: Grants::default(), ..plugin.clone() };
    let stacks: Vec<_> = functions.iter().map(|function| function.limits.stack_bytes).collect();
    let roots = GrantRoots { grants: ".".as_ref(), bundle: None };
    let loaded = Code::verified(bytes, Digest::of(bytes))
        .map_err(LoadError::from)
        .and_then(|code| Sandbox::new().load(&code, &plugin, &stacks, roots, Allocation::OnDemand))
        .and_then(|plugin| functions.iter().try_for_each(|function| plugin.link(*function).map(drop)));
    match loaded {
        Ok(())
        | Err(LoadError::Code(_) | LoadError::Engine { .. } | LoadError::Grant(_) | LoadError::Network(_)) => {
            Ok(())
        }
        Err(error) => Err(Problem::internal(file, "could not be called")
            .found(error.to_string())
            .expected("a component that the host loads and links")
            .next(BUG)),
    }
}

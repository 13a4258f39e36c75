//! Checks that the host has everything that a component imports, with the linker of the host itself.
//!
//! Only the beginning of the component is linked, up to its last import: it has the same imports, and hardly any code to
//! compile.

use std::sync::LazyLock;

use toolcell_host::sandbox::{self, ImportError, LoadError};
use wasmtime::Engine;
use wasmtime::component::Component;
use wasmtime::component::types::ComponentItem;

use super::{package, section};
use crate::ui::problem::{Problem, Result};

/// The id of a component's sections of imports.
const IMPORTS: u8 = 10;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    Engine::new(&sandbox::engine::config()).expect("the configuration of the engine holds together")
});

/// Checks the imports of a valid component.
///
/// # Errors
/// Names what nobody provides, and what the host has in another form.
pub(super) fn check(file: &str, bytes: &[u8]) -> Result<()> {
    let Some(end) = section::last_end(bytes, IMPORTS) else { return Ok(()) };
    let component = Component::new(&ENGINE, &bytes[..end]).map_err(|error| unusable(file, &error))?;
    let ty = component.component_type();
    let needed = ty.imports(&ENGINE).filter(|(_, item)| !sandbox::names_types_only(&ENGINE, &item.ty));
    let mut unknown = Vec::new();
    for (import, item) in needed {
        match sandbox::check_import(import) {
            Ok(()) => {}
            Err(ImportError::Unknown { import }) if import.contains(':') => unknown.push(import),
            Err(ImportError::Unknown { import }) => return Err(of_the_world(file, &import, &item.ty)),
            Err(ImportError::Wasi03 { import }) => return Err(of_wasi_3(file, &import)),
            Err(ImportError::Version { import, supported }) => {
                return Err(of_version(file, &import, &supported));
            }
        }
    }
    if let [first, ..] = unknown.as_slice() {
        return Err(of_nobody(file, first, &unknown));
    }
    match sandbox::check_imports(&component) {
        Ok(()) => Ok(()),
        Err(LoadError::Link(reason)) => Err(of_another_form(file, &reason)),
        Err(other) => Err(of_another_form(file, &other.to_string())),
    }
}

fn unusable(file: &str, error: &wasmtime::Error) -> Problem {
    Problem::refused(file, "has imports that cannot be read")
        .found(format!("{error:#}"))
        .expected("imports of interfaces of functions and types, as WIT writes them")
        .next("describe the imports in WIT, and make the component of it")
}

/// WASI 0.3, whatever else the component does.
pub(super) fn of_wasi_3(file: &str, import: &str) -> Problem {
    Problem::refused(file, "imports WASI 0.3, whose functions are async")
        .found(import)
        .expected("a component built for WASI 0.2")
        .next(
            "use WASI 0.2 in the WIT and in wit/deps, and build for it: Rust for the target wasm32-wasip2, \
             componentize-qjs with `--sync`, jco componentize with `--backend-qjs-disable-async`",
        )
}

fn of_version(file: &str, import: &str, supported: &str) -> Problem {
    let (interface, _) = import.split_once('@').unwrap_or((import, ""));
    let versions = supported.split(", ").map(|version| match version {
        "0.1" | "0.2" => format!("{interface}@{version}.N, in any release"),
        draft => format!("{interface}@{draft}"),
    });
    let next = match supported {
        "0.1" => "copy toolcell's wit/ folder to wit/deps/toolcell-plugin and rebuild the component",
        "0.2" => {
            "build with a toolchain for a release of WASI 0.2, which is no draft of it; where the WIT names the \
             version, write 0.2.0 there and in wit/deps"
        }
        _ => "write one of these versions in the WIT and in wit/deps, and rebuild the component",
    };
    Problem::refused(file, format!("imports {interface} in a version that the host does not provide"))
        .found(import)
        .expected(versions.collect::<Vec<_>>().join(" or "))
        .next(next)
}

fn of_nobody(file: &str, first: &str, unknown: &[String]) -> Problem {
    let next = if package::is_ours(first) {
        "write `export` instead of `import` if it is one of resources, prompts, completion and dynamic-tools, or remove \
         the import; docs/plugin-interface.md lists what can be imported"
    } else {
        "remove the import from the WIT world, or satisfy it with `wac plug`; docs/plugin-interface.md lists what \
         can be imported"
    };
    Problem::refused(file, "imports an interface that the host does not provide")
        .found(unknown.join(", "))
        .expected(
            "WASI 0.2 (cli, clocks, config, filesystem, http, io, random, sockets) or toolcell:plugin@0.1.0",
        )
        .next(next)
}

/// An import with a plain name: a function or a resource of the world, or an interface without a package.
fn of_the_world(file: &str, import: &str, item: &ComponentItem) -> Problem {
    let (kind, next) = match item {
        ComponentItem::Resource(_) => (
            "a resource that belongs to no interface",
            "write the `use` or the resource inside the interface that needs it, not in the world, and rebuild",
        ),
        ComponentItem::ComponentFunc(_) => (
            "a function that belongs to no interface",
            "remove the import from the WIT world, or satisfy it with `wac plug`",
        ),
        ComponentItem::ComponentInstance(_) => (
            "an interface that belongs to no package",
            "remove the import from the WIT world, or satisfy it with `wac plug`",
        ),
        _ => ("a component or a module", "instantiate it within the component, with `wac plug`"),
    };
    Problem::refused(file, format!("imports {kind}"))
        .found(import)
        .expected("interfaces of WASI 0.2 or toolcell:plugin@0.1.0")
        .next(next)
}

fn of_another_form(file: &str, reason: &str) -> Problem {
    let reason = reason
        .replace("component imports instance ", "")
        .replace(", but a matching implementation was not found in the linker", "");
    Problem::refused(file, "imports something that the host's interfaces do not have")
        .found(reason)
        .expected("functions and types that the interface has in WASI 0.2 or in toolcell:plugin@0.1.0")
        .next(
            "copy the interface's own .wit files to wit/deps, call only what they declare, and rebuild the component",
        )
}

//! Reads a component's bytes: what it exports and imports, and what it carries for us.
//!
//! The bytes are untrusted. They are validated before anything is read from them.

use std::collections::BTreeMap;

use toolcell_host::catalog::{Digest, Export};
use toolcell_host::codec::Function;
use wasmparser::{Encoding, Parser, Payload, Validator, WasmFeatures};
use wit_component::DecodedWasm;
use wit_parser::{Resolve, TypeDefKind, WorldId, WorldItem, WorldKey};

use crate::content::{self, Outcome};
use crate::offer::{self, Offer};
use crate::plugin::prompt;
use crate::requirement::{self, Requirement};
use crate::runtime::{self, Runtime};
use crate::signature::{self, Obstacle};
use crate::ui::problem::{Problem, Result};
use crate::{contract, section};

/// What a component's bytes say about it.
#[derive(Debug)]
pub struct Component {
    /// SHA-256 of the bytes.
    pub digest: Digest,
    /// Functions that the component exports, in its own order.
    pub exports: Vec<Exported>,
    /// Those of them through which it offers what is known only at run time.
    pub offers: Vec<Offer>,
    /// What it imports: full interface names (or world-level names) and the functions it takes of each.
    pub imports: BTreeMap<String, Vec<String>>,
    /// What instantiating it takes.
    pub requirement: Requirement,
    /// What it was built with.
    pub runtime: Runtime,
    /// The content of our own custom section, if `toolcell pack` has added one.
    pub packed: Option<Vec<u8>>,
}

impl Component {
    /// What a component imports to ask in the middle of a call.
    const ASK: &'static str = "toolcell:plugin/ask@";

    /// Whether its calls may end in questions to the user or the client.
    pub fn asks(&self) -> bool {
        self.imports.keys().any(|import| import.starts_with(Self::ASK))
    }
}

/// A function that a component exports.
#[derive(Debug)]
pub struct Exported {
    /// Where it is.
    pub export: Export,
    /// Its plan, or why it has none.
    pub plan: std::result::Result<Function, Obstacle>,
    /// Whether it is a tool or a prompt, and where its result holds content.
    pub outcome: Outcome,
    /// Its documentation; a component has none, only WIT does.
    pub docs: Option<String>,
}

impl Exported {
    /// Whether functions of this export are published without the WIT asking for them: those of an
    /// interface with a package that is neither WASI's nor ours.
    ///
    /// Language runtimes leak exports of their own (`init`); none of them has a package name.
    pub fn is_public(&self) -> bool {
        let Some(interface) = &self.export.interface else { return false };
        let foreign = !interface.starts_with("wasi:") && !contract::is_ours(interface);
        interface.contains(':') && foreign
    }
}

/// Reads the component in `bytes`; `file` is its name in errors.
///
/// # Errors
/// Bytes that are no component, damaged ones, and components that the host could never load.
pub fn read(file: &str, bytes: &[u8]) -> Result<Component> {
    check_encoding(file, bytes)?;
    Validator::new_with_features(WasmFeatures::all()).validate_all(bytes).map_err(|error| {
        Problem::refused(file, "is damaged")
            .found(error.to_string())
            .expected("a valid component")
            .next("build or copy the file again")
    })?;
    let (resolve, world) = decode(file, bytes)?;
    let exports = exports(&resolve, world);
    let component = Component {
        digest: Digest::of(bytes),
        offers: offer::of(file, &exports)?,
        exports,
        imports: imports(&resolve, world),
        requirement: requirement::of(bytes),
        runtime: runtime::of(bytes),
        packed: section::find(bytes).map(<[u8]>::to_vec),
    };
    refuse_unloadable(file, bytes, &component)?;
    for exported in &component.exports {
        contract::check_content(file, exported)?;
        prompt::check_arguments(file, exported)?;
    }
    Ok(component)
}

fn check_encoding(file: &str, bytes: &[u8]) -> Result<()> {
    let problem = |wrong: &str, found: String| {
        Problem::refused(file, wrong).found(found).expected("a WebAssembly component (.wasm)")
    };
    match Parser::new(0).parse_all(bytes).next() {
        Some(Ok(Payload::Version { encoding: Encoding::Component, .. })) => Ok(()),
        Some(Ok(Payload::Version { encoding: Encoding::Module, .. })) => Err(problem(
            "is a core module, not a component",
            "a core WebAssembly module".into(),
        )
        .next(
            "name the component that `toolcell build` writes for a plugin.toml with [build]; Rust makes one \
                     for the target wasm32-wasip2, and `wasm-tools component new` makes one of this module",
        )),
        _ => Err(problem("is not WebAssembly", first_bytes(bytes))
            .next("name the .wasm file that the build wrote")),
    }
}

fn first_bytes(bytes: &[u8]) -> String {
    match bytes.get(..4) {
        None => format!("a file of {} bytes", bytes.len()),
        Some(start) => format!("a file that starts with {start:02x?}"),
    }
}

fn decode(file: &str, bytes: &[u8]) -> Result<(Resolve, WorldId)> {
    let unreadable = |found: String| {
        Problem::refused(file, "has an interface that cannot be read")
            .found(found)
            .expected("a component that exports functions")
            .next("build the component again with a current toolchain")
    };
    match wit_component::decode(bytes) {
        Ok(DecodedWasm::Component(resolve, world)) => Ok((resolve, world)),
        Ok(DecodedWasm::WitPackage(..)) => {
            Err(unreadable("a WIT package in binary form, without code".into()))
        }
        Err(error) => Err(unreadable(format!("{error:#}"))),
    }
}

/// Lists the functions that a world exports.
pub fn exports(resolve: &Resolve, world: WorldId) -> Vec<Exported> {
    let mut exports = Vec::new();
    for (key, item) in &resolve.worlds[world].exports {
        match item {
            WorldItem::Function(function) => exports.push(exported(resolve, None, function)),
            WorldItem::Interface { id, .. } => {
                let interface = key_name(resolve, key);
                let functions = resolve.interfaces[*id].functions.values();
                exports
                    .extend(functions.map(|function| exported(resolve, Some(interface.clone()), function)));
            }
            WorldItem::Type { .. } => {}
        }
    }
    exports
}

fn exported(resolve: &Resolve, interface: Option<String>, function: &wit_parser::Function) -> Exported {
    // Our own interfaces are neither tools nor prompts, whatever they return.
    let is_ours = interface.as_deref().is_some_and(contract::is_ours);
    Exported {
        export: Export { interface, function: function.name.clone() },
        plan: signature::plan(resolve, function),
        outcome: if is_ours { Outcome::default() } else { content::outcome(resolve, function) },
        docs: function.docs.contents.clone(),
    }
}

/// Lists what a world imports: interfaces or functions, and what they hold that somebody has to provide.
pub fn imports(resolve: &Resolve, world: WorldId) -> BTreeMap<String, Vec<String>> {
    let mut imports = BTreeMap::new();
    for (key, item) in &resolve.worlds[world].imports {
        match item {
            WorldItem::Function(function) => {
                imports.insert(function.name.clone(), vec![function.name.clone()]);
            }
            WorldItem::Interface { id, .. } => {
                imports.insert(key_name(resolve, key), imported(resolve, *id));
            }
            WorldItem::Type { .. } => {}
        }
    }
    imports
}

/// What a component takes of an interface: functions and resources. Plain types need nobody.
fn imported(resolve: &Resolve, id: wit_parser::InterfaceId) -> Vec<String> {
    let interface = &resolve.interfaces[id];
    let resources =
        interface.types.iter().filter(|(_, id)| resolve.types[**id].kind == TypeDefKind::Resource);
    interface.functions.keys().chain(resources.map(|(name, _)| name)).cloned().collect()
}

/// The name under which a component exports or imports an interface.
pub fn key_name(resolve: &Resolve, key: &WorldKey) -> String {
    resolve.name_world_key(key)
}

fn refuse_unloadable(file: &str, bytes: &[u8], component: &Component) -> Result<()> {
    if let Some(import) = component.imports.keys().find(|import| is_wasi_3(import)) {
        return Err(Problem::refused(file, "imports WASI 0.3, whose functions are async")
            .found(import.as_str())
            .expected("a component built for WASI 0.2")
            .next(
                "name WASI 0.2 in the WIT and in wit/deps, and build for it: Rust for the target wasm32-wasip2, \
                 componentize-qjs with `--sync`, jco componentize with `--backend-qjs-disable-async`",
            ));
    }
    for exported in component.exports.iter().filter(|exported| exported.is_public()) {
        if let Err(obstacle) = &exported.plan
            && obstacle.is_fatal()
        {
            return Err(Problem::refused(
                file,
                format!("function {} cannot be a tool", name(&exported.export)),
            )
            .found(format!("it {}", obstacle.text()))
            .expected("functions of plain values")
            .next(obstacle.remedy()));
        }
    }
    let loadable = WasmFeatures::all()
        & !(WasmFeatures::CM_ASYNC
            | WasmFeatures::CM_ASYNC_STACKFUL
            | WasmFeatures::CM_MORE_ASYNC_BUILTINS
            | WasmFeatures::CM_THREADING
            | WasmFeatures::CM_ERROR_CONTEXT);
    Validator::new_with_features(loadable).validate_all(bytes).map(drop).map_err(|error| {
        Problem::refused(file, "uses the component model's async feature")
            .found(error.message().to_string())
            .expected("a component built without async (WASI 0.2)")
            .next(Obstacle::Async.remedy())
    })
}

/// Whether an interface is of a version of WASI that is async all through: `wasi:clocks/monotonic-clock@0.3.0`.
fn is_wasi_3(import: &str) -> bool {
    import.starts_with("wasi:")
        && import.split_once('@').is_some_and(|(_, version)| version.starts_with("0.3."))
}

/// A function's full name for people: `example:text/tools@0.1.0#slugify`.
pub fn name(export: &Export) -> String {
    match &export.interface {
        Some(interface) => format!("{interface}#{}", export.function),
        None => export.function.clone(),
    }
}

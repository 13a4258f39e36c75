//! Reads a component's bytes: what it exports and imports, and what it carries for us.
//!
//! The bytes are untrusted. They are validated before anything is read from them. [`wit`] reads an author's WIT in the
//! same terms: [exports](export) with their [signatures](signature), of which some hold [`content`] and some are
//! [providers](provider). [`package`] and [`contract`] know the WIT package `toolcell:plugin`.

pub mod content;
pub mod contract;
pub mod export;
pub mod fingerprint;
pub mod package;
mod prompt_argument;
pub mod provider;
pub mod resource_requirements;
pub mod section;
pub mod signature;
pub mod wit;
mod wit_files;

use std::collections::BTreeMap;

use toolcell_host::digest::Digest;
use wasmparser::{Encoding, Parser, Payload, Validator, WasmFeatures};
use wit_component::DecodedWasm;
use wit_parser::{Resolve, WorldId};

use crate::ui::problem::{Problem, Result};

use export::{Exported, exports, imports, name};
use fingerprint::Runtime;
use provider::ProviderExport;
use resource_requirements::ResourceRequirements;
use signature::Obstacle;

/// Describes a component, as read from its bytes.
#[derive(Debug)]
pub struct Component {
    /// SHA-256 of the bytes.
    pub digest: Digest,
    /// Functions that the component exports, in its own order.
    pub exports: Vec<Exported>,
    /// Those of them through which it offers what is known only at run time.
    pub providers: Vec<ProviderExport>,
    /// Its imports: interface names (or world-level names) and the functions used of each.
    pub imports: BTreeMap<String, Vec<String>>,
    /// The resources that an instance needs.
    pub requirements: ResourceRequirements,
    /// The toolchain that built it.
    pub runtime: Runtime,
    /// The content of our own custom section, if `toolcell pack` has added one.
    pub packed: Option<Vec<u8>>,
}

impl Component {
    /// The interface that a component imports to ask questions.
    const ASK: &'static str = "toolcell:plugin/ask@";

    /// Describes the same component with `section` as its own custom section; `bytes` are those of the packed one.
    #[must_use]
    pub fn with_section(self, bytes: &[u8], section: Vec<u8>) -> Self {
        Self { digest: Digest::of(bytes), packed: Some(section), ..self }
    }

    /// Tells whether its calls may end in questions to the user or the client.
    pub fn asks(&self) -> bool {
        self.imports.keys().any(|import| import.starts_with(Self::ASK))
    }
}

/// Reads the component in `bytes`; `file` is its name in errors.
///
/// # Errors
/// Bytes that are no component, damaged ones, and components that the host could never load.
pub fn read(file: &str, bytes: &[u8]) -> Result<Component> {
    check_encoding(file, bytes)?;
    let validity = validate(file, bytes)?;
    let (resolve, world) = decode(file, bytes)?;
    let exports = exports(&resolve, world);
    let component = Component {
        digest: Digest::of(bytes),
        providers: provider::of(file, &exports)?,
        exports,
        imports: imports(&resolve, world),
        requirements: resource_requirements::of(bytes),
        runtime: fingerprint::of(bytes),
        packed: section::find(bytes).map(<[u8]>::to_vec),
    };
    refuse_unloadable(file, validity, &component)?;
    for exported in &component.exports {
        contract::check_content(file, exported)?;
        prompt_argument::check(file, exported)?;
    }
    Ok(component)
}

fn check_encoding(file: &str, bytes: &[u8]) -> Result<()> {
    let problem = |wrong: &str, found: String| {
        Problem::refused(file, wrong).found(found).expected("a WebAssembly component (.wasm)")
    };
    match Parser::new(0).parse_all(bytes).next() {
        Some(Ok(Payload::Version { encoding: Encoding::Component, .. })) => Ok(()),
        Some(Ok(Payload::Version { encoding: Encoding::Module, .. })) => {
            Err(problem("is a core module, not a component", "a core WebAssembly module".into()).next(
                "pass the component that `toolcell build` writes; in Rust, build for wasm32-wasip2, \
             or run `wasm-tools component new` on this module",
            ))
        }
        _ => Err(problem("is not WebAssembly", first_bytes(bytes))
            .next("pass the .wasm file written by the build")),
    }
}

/// Tells components that the host can load from those that use what it has switched off.
enum Validity {
    /// The host can load it.
    Loadable,
    /// It uses the component model's async feature: what the validator says about that.
    Async(String),
}

/// Validates bytes with the features that the host can load, and only where that fails with all of them.
///
/// # Errors
/// The bytes are damaged.
fn validate(file: &str, bytes: &[u8]) -> Result<Validity> {
    let loadable = WasmFeatures::all()
        & !(WasmFeatures::CM_ASYNC
            | WasmFeatures::CM_ASYNC_STACKFUL
            | WasmFeatures::CM_MORE_ASYNC_BUILTINS
            | WasmFeatures::CM_THREADING
            | WasmFeatures::CM_ERROR_CONTEXT);
    let Err(unloadable) = Validator::new_with_features(loadable).validate_all(bytes) else {
        return Ok(Validity::Loadable);
    };
    match Validator::new_with_features(WasmFeatures::all()).validate_all(bytes) {
        Ok(_) => Ok(Validity::Async(unloadable.message().to_string())),
        Err(error) => Err(Problem::refused(file, "is damaged")
            .found(error.to_string())
            .expected("a valid component")
            .next("rebuild the file or copy it again")),
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
        Problem::refused(file, "has an unreadable interface")
            .found(found)
            .expected("a component that exports functions")
            .next("rebuild the component with a current toolchain")
    };
    match wit_component::decode(bytes) {
        Ok(DecodedWasm::Component(resolve, world)) => Ok((resolve, world)),
        Ok(DecodedWasm::WitPackage(..)) => {
            Err(unreadable("a WIT package in binary form, without code".into()))
        }
        Err(error) => Err(unreadable(format!("{error:#}"))),
    }
}

fn refuse_unloadable(file: &str, validity: Validity, component: &Component) -> Result<()> {
    if let Some(import) = component.imports.keys().find(|import| is_wasi_3(import)) {
        return Err(Problem::refused(file, "imports WASI 0.3, whose functions are async")
            .found(import.as_str())
            .expected("a component built for WASI 0.2")
            .next(
                "use WASI 0.2 in the WIT and in wit/deps, and build for it: Rust for the target wasm32-wasip2, \
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
            .expected("a function whose parameters and result are plain values")
            .next(obstacle.remedy()));
        }
    }
    let Validity::Async(found) = validity else { return Ok(()) };
    Err(Problem::refused(file, "uses the component model's async feature")
        .found(found)
        .expected("a component built without async (WASI 0.2)")
        .next(Obstacle::Async.remedy()))
}

/// Tells whether an interface is of a version of WASI that is async all through: `wasi:clocks/monotonic-clock@0.3.0`.
fn is_wasi_3(import: &str) -> bool {
    import.starts_with("wasi:")
        && import.split_once('@').is_some_and(|(_, version)| version.starts_with("0.3."))
}

//! Reads a component's bytes: what it exports and imports, and what it carries for us.
//!
//! The bytes are untrusted. They are validated before anything is read from them: their [`encoding`], every
//! [`feature`] of WebAssembly, each [`import`]; then [`interface`] decodes what they say of themselves. [`wit`] reads an
//! author's WIT in the same terms: [exports](export) with their [signatures](signature), of which some hold [`content`]
//! and some are [providers](provider). [`package`] and [`contract`] know the WIT package `toolcell:plugin`.
//! [`outermost`] corrects the bytes that some toolchains make, and [`merge`] joins modules that one has linked.

pub mod content;
pub mod contract;
mod encoding;
pub mod export;
mod feature;
pub mod fingerprint;
mod import;
mod interface;
pub mod merge;
pub mod outermost;
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

use crate::ui::problem::{Problem, Result};

use export::{Exported, exports, imports, name};
use feature::Unavailable;
use fingerprint::Runtime;
use provider::ProviderExport;
use resource_requirements::ResourceRequirements;

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
    encoding::check(file, bytes)?;
    let unavailable = feature::check(file, bytes)?;
    if unavailable.is_none() {
        import::check(file, bytes)?;
    }
    let (resolve, world) = interface::decode(file, bytes)?;
    let exports = exports(&resolve, world);
    let imports = imports(&resolve, world);
    refuse_unloadable(file, unavailable, &exports, &imports)?;
    let requirements = resource_requirements::of(bytes);
    resource_requirements::check(file, requirements)?;
    let component = Component {
        digest: Digest::of(bytes),
        providers: provider::of(file, &exports)?,
        exports,
        imports,
        requirements,
        runtime: fingerprint::of(bytes),
        packed: section::find(bytes).map(<[u8]>::to_vec),
    };
    for exported in &component.exports {
        contract::check_content(file, exported)?;
        prompt_argument::check(file, exported)?;
    }
    Ok(component)
}

fn refuse_unloadable(
    file: &str,
    unavailable: Option<Unavailable>,
    exports: &[Exported],
    imports: &BTreeMap<String, Vec<String>>,
) -> Result<()> {
    if let Some(import) = imports.keys().find(|import| is_wasi_3(import)) {
        return Err(import::of_wasi_3(file, import));
    }
    for exported in exports.iter().filter(|exported| exported.is_public()) {
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
    unavailable.map_or(Ok(()), |unavailable| Err(unavailable.refuse(file)))
}

/// Tells whether an interface is of a version of WASI that is async all through: `wasi:clocks/monotonic-clock@0.3.0`.
fn is_wasi_3(import: &str) -> bool {
    import.starts_with("wasi:")
        && import.split_once('@').is_some_and(|(_, version)| version.starts_with("0.3."))
}

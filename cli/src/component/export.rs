//! Lists the exports and imports of a world: functions with their plans, and imported interfaces.

use std::collections::BTreeMap;

use toolcell_host::catalog::Export;
use toolcell_host::codec::Function;
use wit_parser::{Resolve, TypeDefKind, WorldId, WorldItem, WorldKey};

use super::content::{self, PublishedAs};
use super::package;
use super::signature::{self, Obstacle};

/// A function that a component exports.
#[derive(Debug)]
pub struct Exported {
    /// Its export in the component.
    pub export: Export,
    /// Its plan, or why it has none.
    pub plan: Result<Function, Obstacle>,
    /// Tells whether it is a tool or a prompt, and where its result holds content.
    pub published_as: PublishedAs,
    /// Its documentation; a component has none, only WIT does.
    pub docs: Option<String>,
}

impl Exported {
    /// Tells whether functions of this export are published without the WIT asking for them: those of an
    /// interface with a package that is neither WASI's nor ours.
    ///
    /// Language runtimes leak exports of their own (`init`); none of them has a package name.
    pub fn is_public(&self) -> bool {
        let Some(interface) = &self.export.interface else { return false };
        let foreign = !interface.starts_with("wasi:") && !package::is_ours(interface);
        interface.contains(':') && foreign
    }

    /// Tells whether a component that carries no WIT publishes the function: those of [`is_public`](Self::is_public),
    /// and those of the world itself but for the ones with which language runtimes start.
    pub fn is_offered(&self) -> bool {
        match self.export.interface.as_deref() {
            None => self.export.function != RUNTIME_FUNCTION,
            Some(interface) if !interface.contains(':') => interface != RUNTIME_INTERFACE,
            Some(_) => self.is_public(),
        }
    }
}

/// The function of the world with which componentize-qjs starts a component.
const RUNTIME_FUNCTION: &str = "init";

/// The interface of the world with which componentize-py starts a component.
const RUNTIME_INTERFACE: &str = "exports";

/// A function's full name for people: `example:text/tools@0.1.0#slugify`.
pub fn name(export: &Export) -> String {
    match &export.interface {
        Some(interface) => format!("{interface}#{}", export.function),
        None => export.function.clone(),
    }
}

/// Lists the functions that a world exports.
pub fn exports(resolve: &Resolve, world: WorldId) -> Vec<Exported> {
    let mut exports = Vec::new();
    let mut left = signature::MAX_WORLD_SIZE;
    for (key, item) in &resolve.worlds[world].exports {
        match item {
            WorldItem::Function(function) => exports.push(exported(resolve, None, function, &mut left)),
            WorldItem::Interface { id, .. } => {
                let interface = key_name(resolve, key);
                for function in resolve.interfaces[*id].functions.values() {
                    exports.push(exported(resolve, Some(interface.clone()), function, &mut left));
                }
            }
            WorldItem::Type { .. } => {}
        }
    }
    exports
}

fn exported(
    resolve: &Resolve,
    interface: Option<String>,
    function: &wit_parser::Function,
    left: &mut usize,
) -> Exported {
    // Our own interfaces are neither tools nor prompts, whatever they return.
    let is_ours = interface.as_deref().is_some_and(package::is_ours);
    Exported {
        export: Export { interface, function: function.name.clone() },
        plan: signature::plan_within(resolve, function, left),
        published_as: if is_ours { PublishedAs::default() } else { content::published_as(resolve, function) },
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

/// The functions and resources that a component imports from an interface; plain types are left out.
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

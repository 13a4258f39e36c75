//! Names the items of a world in Zig.

use std::collections::{BTreeMap, BTreeSet};

use wit_parser::{
    Function, Interface, InterfaceId, Resolve, TypeDef, TypeDefKind, TypeId, TypeOwner, WorldId, WorldItem,
    WorldKey,
};

use super::name;

/// A type that `wit.zig` declares for itself.
const RESULT: &str = "Result";

/// A world, and the names of its interfaces.
pub(super) struct WorldNames<'a> {
    /// Everything that the WIT says.
    pub(super) resolve: &'a Resolve,
    /// The world.
    pub(super) world: WorldId,
    interfaces: BTreeMap<InterfaceId, String>,
    /// Names of functions, which parameters must not have.
    functions: BTreeSet<String>,
}

impl<'a> WorldNames<'a> {
    /// Names every interface of the world after itself. One whose name a function of the world or another interface has
    /// is named after its package too.
    pub(super) fn new(resolve: &'a Resolve, world: WorldId) -> Self {
        let mut interfaces = BTreeMap::new();
        let mut taken: BTreeSet<String> = functions_of_world(resolve, world).map(name::function).collect();
        let items = &resolve.worlds[world];
        for (key, item) in items.imports.iter().chain(&items.exports) {
            let WorldItem::Interface { id, .. } = item else { continue };
            if interfaces.contains_key(id) {
                continue;
            }
            let (mut name, long) = spell(resolve, key);
            if taken.contains(&name) {
                name = long;
            }
            while taken.contains(&name) {
                name.push('_');
            }
            taken.insert(name.clone());
            interfaces.insert(*id, name);
        }
        Self { resolve, world, interfaces, functions: functions(resolve, world) }
    }

    /// The name of an interface.
    pub(super) fn interface(&self, id: InterfaceId) -> &str {
        &self.interfaces[&id]
    }

    /// Tells whether an interface or a function of the world has a name.
    pub(super) fn is_of_world(&self, name: &str) -> bool {
        self.interfaces.values().any(|interface| interface == name)
            || functions_of_world(self.resolve, self.world).any(|function| name::function(function) == name)
    }

    /// Every interface, in the order of the WIT's packages.
    pub(super) fn interfaces(&self) -> impl Iterator<Item = (&str, &'a Interface)> {
        self.interfaces.iter().map(|(id, name)| (name.as_str(), &self.resolve.interfaces[*id]))
    }

    /// Under which name an interface is imported, if it is.
    pub(super) fn import_of(&self, interface: &Interface) -> Option<&'a WorldKey> {
        let imports = self.resolve.worlds[self.world].imports.iter();
        let is_this = |id: InterfaceId| std::ptr::eq(&raw const self.resolve.interfaces[id], interface);
        imports.into_iter().find_map(|(key, item)| match item {
            WorldItem::Interface { id, .. } if is_this(*id) => Some(key),
            _ => None,
        })
    }

    /// The functions of a resource.
    pub(super) fn functions_of(&self, resource: TypeId) -> impl Iterator<Item = &'a Function> {
        let resolve = self.resolve;
        let of_interface = match resolve.types[resource].owner {
            TypeOwner::Interface(id) => Some(resolve.interfaces[id].functions.values()),
            TypeOwner::World(_) | TypeOwner::None => None,
        };
        let all = of_interface.into_iter().flatten();
        all.filter(move |function| function.kind.resource() == Some(resource))
    }

    /// A parameter; Zig has no two things of one name in sight of each other.
    pub(super) fn parameter(&self, wit: &str) -> String {
        let is_taken = |name: &str| {
            self.interfaces.values().any(|interface| interface == name) || self.functions.contains(name)
        };
        let mut wit = wit.to_owned();
        while is_taken(&name::snake(&wit)) {
            wit.push('_');
        }
        name::snake(&wit)
    }

    /// A type that has a name, as every generated file can write it.
    pub(super) fn of_type(&self, ty: &TypeDef) -> String {
        let name = self.declared(ty);
        match ty.owner {
            TypeOwner::Interface(id) => format!("_wit.{}.{name}", self.interface(id)),
            TypeOwner::World(_) | TypeOwner::None => format!("_wit.{name}"),
        }
    }

    /// The name that a type is declared with.
    pub(super) fn declared(&self, ty: &TypeDef) -> String {
        let name = name::title(ty.name.as_deref().unwrap_or_default());
        let is_of_world = !matches!(ty.owner, TypeOwner::Interface(_));
        if is_of_world && name == RESULT { name + "_" } else { name }
    }
}

/// The functions that a world itself imports and exports.
fn functions_of_world(resolve: &Resolve, world: WorldId) -> impl Iterator<Item = &Function> {
    let items = &resolve.worlds[world];
    items.imports.values().chain(items.exports.values()).filter_map(|item| match item {
        WorldItem::Function(function) => Some(function),
        WorldItem::Interface { .. } | WorldItem::Type { .. } => None,
    })
}

/// Names of all functions, those of resources included that WIT does not mention.
fn functions(resolve: &Resolve, world: WorldId) -> BTreeSet<String> {
    let of_interfaces = resolve.interfaces.iter().flat_map(|(_, interface)| interface.functions.values());
    let all = of_interfaces.chain(functions_of_world(resolve, world));
    let mut names: BTreeSet<String> = all.map(name::function).collect();
    if resolve.types.iter().any(|(_, ty)| matches!(ty.kind, TypeDefKind::Resource)) {
        names.insert("drop".to_owned());
    }
    names
}

/// An interface's name alone, and with its package's in front.
fn spell(resolve: &Resolve, key: &WorldKey) -> (String, String) {
    match key {
        WorldKey::Name(name) => (name::snake(name), name::snake(&format!("{name}_"))),
        WorldKey::Interface(id) => {
            let interface = &resolve.interfaces[*id];
            let name = interface.name.as_deref().unwrap_or_default();
            let full = resolve.name_world_key(key);
            let long: String =
                full.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
            (name::snake(name), long)
        }
    }
}

//! Names the items of a world in Zig.

use std::collections::{BTreeMap, BTreeSet};

use wit_parser::{
    Function, Interface, InterfaceId, Resolve, TypeDef, TypeId, TypeOwner, WorldId, WorldItem, WorldKey,
};

use super::name;

/// Names that the generated files need for themselves.
const OWN: [&str; 2] = ["wit", "abi"];

/// Names that the body of an imported function has for itself.
const LOCAL: [&str; 3] = ["host", "flat", "result"];

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
    /// Names every interface of the world after itself; two of one name are named after their packages too.
    pub(super) fn new(resolve: &'a Resolve, world: WorldId) -> Self {
        let mut interfaces = BTreeMap::new();
        let items = &resolve.worlds[world];
        for (key, item) in items.imports.iter().chain(&items.exports) {
            let WorldItem::Interface { id, .. } = item else { continue };
            if interfaces.contains_key(id) {
                continue;
            }
            let (short, long) = spell(resolve, key);
            let is_taken = OWN.contains(&short.as_str()) || interfaces.values().any(|name| *name == short);
            interfaces.insert(*id, if is_taken { long } else { short });
        }
        let functions = resolve.interfaces.iter().flat_map(|(_, interface)| interface.functions.values());
        let functions = functions.map(|function| name::camel(function.item_name())).collect();
        Self { resolve, world, interfaces, functions }
    }

    /// The name of an interface.
    pub(super) fn interface(&self, id: InterfaceId) -> &str {
        &self.interfaces[&id]
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
        let name = name::snake(wit);
        let is_taken = OWN.contains(&name.as_str())
            || LOCAL.contains(&name.as_str())
            || self.interfaces.values().any(|interface| *interface == name)
            || self.functions.contains(&name);
        if is_taken { name::snake(&format!("{wit}_")) } else { name }
    }

    /// A type that has a name, as every generated file can write it.
    pub(super) fn of_type(&self, ty: &TypeDef) -> String {
        let name = name::title(ty.name.as_deref().unwrap_or_default());
        match ty.owner {
            TypeOwner::Interface(id) => format!("wit.{}.{name}", self.interface(id)),
            TypeOwner::World(_) | TypeOwner::None => format!("wit.{name}"),
        }
    }
}

/// An interface's name alone, and with its package's in front.
fn spell(resolve: &Resolve, key: &WorldKey) -> (String, String) {
    match key {
        WorldKey::Name(name) => (name::snake(name), format!("{}_", name::snake(name))),
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

//! Lists the names that the packages of a world declare in Go, and finds items of the WIT that would share one.
//!
//! Constants are not among it: they keep an underscore where anything else has their name ([`layout`](super::layout)).

use std::collections::{BTreeMap, BTreeSet};

use wit_parser::{Function, FunctionKind, Resolve, TypeDef, TypeDefKind, TypeId, World, WorldId, WorldItem};

use super::name::{self, camel};

/// A name in Go, and the item of the WIT that it is for.
type Declared = (String, String);

/// Names that any package of the WIT declares.
pub(super) fn names(resolve: &Resolve) -> BTreeSet<String> {
    let types = resolve.types.iter().flat_map(|(_, ty)| of_type(ty));
    let interfaces = resolve.interfaces.iter().flat_map(|(_, interface)| interface.functions.values());
    let worlds =
        resolve.worlds.iter().flat_map(|(_, world)| world.imports.values().chain(world.exports.values()));
    let functions = interfaces.chain(worlds.filter_map(function));
    types
        .chain(functions.filter_map(|function| of_function(resolve, function)))
        .map(|(name, _)| name)
        .collect()
}

/// Describes the first two items of a package that would have one name.
pub(super) fn clash(resolve: &Resolve, world: WorldId) -> Option<String> {
    let world = &resolve.worlds[world];
    let types = |types: &mut dyn Iterator<Item = TypeId>| -> Vec<Declared> {
        types.flat_map(|id| of_type(&resolve.types[id])).collect()
    };
    let functions = |functions: &mut dyn Iterator<Item = &Function>| -> Vec<Declared> {
        functions.filter_map(|function| of_function(resolve, function)).collect()
    };
    let mut of_world = types(&mut world.imports.values().filter_map(type_of));
    of_world.extend(functions(&mut world.imports.values().filter_map(function)));
    let mut packages = vec![of_world, functions(&mut world.exports.values().filter_map(function))];
    for (item, is_imported) in world
        .imports
        .values()
        .map(|item| (item, true))
        .chain(world.exports.values().map(|item| (item, false)))
    {
        let WorldItem::Interface { id, .. } = item else { continue };
        let interface = &resolve.interfaces[*id];
        let mut of_types = types(&mut interface.types.values().copied());
        let of_functions = functions(&mut interface.functions.values());
        if is_imported {
            of_types.extend(of_functions);
        } else {
            packages.push(of_functions);
        }
        packages.push(of_types);
    }
    packages.push(interfaces(resolve, world));
    packages.into_iter().find_map(first_same)
}

/// The generator's names of interfaces, which join package and interface with `_`.
fn interfaces(resolve: &Resolve, world: &World) -> Vec<Declared> {
    let mut all = BTreeMap::new();
    for (key, item) in world.imports.iter().chain(&world.exports) {
        if matches!(item, WorldItem::Interface { .. }) {
            let full = resolve.name_world_key(key);
            let item = format!("interface `{full}`");
            all.insert(full, (name::generated(resolve, key), item));
        }
    }
    all.into_values().collect()
}

fn first_same(package: Vec<Declared>) -> Option<String> {
    let mut items = BTreeMap::new();
    package.into_iter().find_map(|(name, item)| {
        let other = items.insert(name.clone(), item.clone())?;
        Some(format!("{other} and {item} are both `{name}`"))
    })
}

/// The names of a type, of the functions that make a variant, and of those that make a resource's value of its handle.
fn of_type(ty: &TypeDef) -> Vec<Declared> {
    let Some(wit) = ty.name.as_deref() else { return Vec::new() };
    let go = camel(wit);
    let mut declared = vec![(go.clone(), format!("type `{wit}`"))];
    match &ty.kind {
        TypeDefKind::Variant(variant) => declared.extend(variant.cases.iter().map(|case| {
            let made = format!("Make{go}{}", camel(&case.name));
            (made, format!("case `{}` of variant `{wit}`", case.name))
        })),
        TypeDefKind::Resource => declared.extend(
            ["Own", "Borrow"].map(|kind| (format!("{go}From{kind}Handle"), format!("resource `{wit}`"))),
        ),
        _ => {}
    }
    declared
}

/// The name of a function, unless it is a method, which its resource tells from others.
fn of_function(resolve: &Resolve, function: &Function) -> Option<Declared> {
    let wit = function.item_name();
    let resource = |id: TypeId| resolve.types[id].name.as_deref().unwrap_or_default();
    match function.kind {
        FunctionKind::Freestanding => Some((camel(wit), format!("function `{wit}`"))),
        FunctionKind::Constructor(id) => {
            let resource = resource(id);
            Some((format!("Make{}", camel(resource)), format!("the constructor of resource `{resource}`")))
        }
        FunctionKind::Static(id) => {
            let resource = resource(id);
            let item = format!("function `{wit}` of resource `{resource}`");
            Some((format!("{}{}", camel(resource), camel(wit)), item))
        }
        _ => None,
    }
}

fn function(item: &WorldItem) -> Option<&Function> {
    match item {
        WorldItem::Function(function) => Some(function),
        WorldItem::Interface { .. } | WorldItem::Type { .. } => None,
    }
}

fn type_of(item: &WorldItem) -> Option<TypeId> {
    match item {
        WorldItem::Type { id, .. } => Some(*id),
        WorldItem::Interface { .. } | WorldItem::Function(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_wit(items: &str) -> Option<String> {
        let mut resolve = Resolve::default();
        let package = resolve.push_str("world.wit", &format!("package a:b; {items}")).unwrap();
        let world = resolve.select_world(&[package], None).unwrap();
        clash(&resolve, world)
    }

    #[test]
    fn two_items_of_one_name_are_told() {
        for (declared, told) in [
            (
                "variant a { b, c } make-a-b: func();",
                "case `b` of variant `a` and function `make-a-b` are both `MakeAB`",
            ),
            (
                "variant a { b-c } variant a-b { c }",
                "case `b-c` of variant `a` and case `c` of variant `a-b` are both `MakeABC`",
            ),
            (
                "resource bucket { constructor(); } make-bucket: func();",
                "the constructor of resource `bucket` and function `make-bucket` are both `MakeBucket`",
            ),
            (
                "resource bucket { open: static func(); } bucket-open: func();",
                "function `open` of resource `bucket` and function `bucket-open` are both `BucketOpen`",
            ),
            (
                "resource bucket; type bucket-from-own-handle = u8;",
                "resource `bucket` and type `bucket-from-own-handle` are both `BucketFromOwnHandle`",
            ),
        ] {
            let wit = format!("interface tools {{ {declared} }} world w {{ import tools; }}");
            assert_eq!(in_wit(&wit).as_deref(), Some(told));
        }
        let interfaces = "interface c-d { x: func(); } world w { import c-d; import a:b-c/d; }
            package a:b-c { interface d { y: func(); } }";
        let told = "interface `a:b-c/d` and interface `a:b/c-d` are both `a_b_c_d`";
        assert_eq!(in_wit(interfaces).as_deref(), Some(told));
        let of_world = "world w { variant a { b } import make-a-b: func(); }";
        let told = "case `b` of variant `a` and function `make-a-b` are both `MakeAB`";
        assert_eq!(in_wit(of_world).as_deref(), Some(told));
    }

    #[test]
    fn names_in_different_packages_and_of_methods_never_meet() {
        let tools = "interface tools {
            variant a { b, tag, error }
            enum make { a-b }
            make-a-b: func();
            resource bucket { bucket-open: func(); handle: func(); }
        }";
        assert_eq!(in_wit(&format!("{tools} world w {{ export tools; }}")), None);
        let other = "interface other { variant a { b } } world w { import other; import make-a-b: func(); }";
        assert_eq!(in_wit(other).as_deref(), None);
    }
}

//! Explains names of a WIT that meet in C or C++, each other or what the standard headers declare.
//!
//! C has one space of names for everything: its bindings join package, interface and item with `_`. C++ has a namespace
//! for each, and the outermost stand beside all functions of C. The compiler finds every such case; here its message
//! becomes one about the WIT.

use std::collections::{BTreeMap, HashMap};

use wit_bindgen_c::c_func_name;
use wit_parser::{Resolve, WorldId, WorldItem, WorldKey};

use super::bindings;
use super::job::Job;
use crate::language::Language;
use crate::ui::problem::{Problem, Result};

/// Parts of what clang says of two things that have one name.
const MESSAGES: [&str; 6] = [
    "redefinition",
    "macro redefined",
    "conflicting types",
    "redeclared",
    "has the same name as its class",
    "differ only in their return type",
];

/// Refuses two functions that have one name in C, which its generator does not expect.
///
/// # Errors
/// There are such functions, or the WIT cannot be read.
pub(super) fn refuse_functions(job: &Job<'_>) -> Result<()> {
    let (resolve, world) = job.world()?;
    match same_function(&resolve, world) {
        Some(found) => Err(bindings::same_names(job, Language::C, found)
            .next("rename one of the functions, of their interfaces or of their packages")),
        None => Ok(()),
    }
}

/// Describes the first two functions that have one name.
fn same_function(resolve: &Resolve, world: WorldId) -> Option<String> {
    let mut taken = BTreeMap::new();
    let world = &resolve.worlds[world];
    let imports = world.imports.iter().map(|(key, item)| (key, item, true));
    let exports = world.exports.iter().map(|(key, item)| (key, item, false));
    imports.chain(exports).find_map(|(key, item, is_import)| {
        let direction = if is_import { "import" } else { "export" };
        let (interface, functions) = match item {
            WorldItem::Function(function) => (None, vec![function]),
            WorldItem::Interface { id, .. } => {
                (Some(key), resolve.interfaces[*id].functions.values().collect())
            }
            WorldItem::Type { .. } => return None,
        };
        functions.into_iter().find_map(|function| {
            let owner = interface.map(|key| format!(" of `{}`", resolve.name_world_key(key)));
            let item = format!("{direction} `{}`{}", function.name, owner.unwrap_or_default());
            let renamed = HashMap::new();
            let name = c_func_name(is_import, resolve, &world.name, interface, function, &renamed);
            let other = taken.insert(name.clone(), item.clone())?;
            Some(format!("{other} and {item} are both `{name}`"))
        })
    })
}

/// Describes names that met, if this is why the bindings could not be compiled.
pub(super) fn in_bindings(job: &Job<'_>, language: Language, problem: Problem) -> Problem {
    let errors = problem.found.lines().filter_map(|line| Some(line.split_once("error: ")?.1));
    let met: Vec<&str> =
        errors.filter(|error| MESSAGES.iter().any(|message| error.contains(message))).collect();
    if met.is_empty() {
        return problem;
    }
    bindings::same_names(job, language, met.join("\n"))
        .expected("names that differ from each other and from what the standard headers declare")
        .next("rename the function, type, case, interface or world that the message of the compiler names")
}

/// Describes a namespace of C++ that has the name of something else, such as a function of C, if this is why the plugin could not be compiled.
///
/// # Errors
/// The WIT cannot be read.
pub(super) fn in_source(job: &Job<'_>, problem: Problem) -> Result<Problem> {
    let (resolve, world) = job.world()?;
    let met = namespaces(&resolve, world).into_iter().find(|(name, _)| {
        problem.found.contains(&format!("redefinition of '{name}' as different kind of symbol"))
    });
    let Some((name, item)) = met else { return Ok(problem) };
    let wit = job.manifest.wit.display().to_string();
    Ok(Problem::refused(wit, "gives a C++ namespace a name that is taken")
        .found(format!("{item}; a standard header or the plugin's source declares `{name}` too"))
        .expected("a name that nothing else in the program has")
        .next(format!("rename {item}, or write the plugin in C, which tells both apart")))
}

/// The outermost namespaces of a world's bindings, each with the item of the WIT that it is named after.
fn namespaces(resolve: &Resolve, world: WorldId) -> Vec<(String, String)> {
    let world = &resolve.worlds[world];
    let mut items = vec![(world.name.as_str(), format!("the world `{}`", world.name))];
    for (key, item) in world.imports.iter().chain(&world.exports) {
        match (key, item) {
            (WorldKey::Name(name), WorldItem::Interface { .. }) => {
                items.push((name, format!("the interface `{name}`")));
            }
            (WorldKey::Interface(id), _) => {
                let Some(package) = resolve.interfaces[*id].package else { continue };
                let name = &resolve.packages[package].name;
                items.push((&name.namespace, format!("the package `{}:{}`", name.namespace, name.name)));
            }
            (WorldKey::Name(_), _) => {}
        }
    }
    items.into_iter().map(|(name, item)| (name.replace('-', "_").to_ascii_lowercase(), item)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(wit: &str) -> Option<String> {
        let mut resolve = Resolve::default();
        let package = resolve.push_str("world.wit", wit).unwrap();
        let world = resolve.select_world(&[package], Some("shop")).unwrap();
        same_function(&resolve, world)
    }

    #[test]
    fn functions_of_one_name_are_told() {
        for (wit, told) in [
            (
                "package a:b; interface user { name-get: func(); } interface user-name { get: func(); }
                world shop { export user; export user-name; }",
                "export `name-get` of `a:b/user` and export `get` of `a:b/user-name` are both \
                 `exports_a_b_user_name_get`",
            ),
            (
                "package a:b; world shop { import till: interface { get: func(); }
                export till: interface { get: func(); } }",
                "import `get` of `till` and export `get` of `till` are both `till_get`",
            ),
            (
                "package a:b; world shop { import till: interface { get: func(); } import shop-get: func(); \
                 import shop: interface { shop-get: func(); } }",
                "import `shop-get` of `shop` and import `shop-get` are both `shop_shop_get`",
            ),
        ] {
            assert_eq!(same(wit).as_deref(), Some(told));
        }
        let other = "package a:b; interface user { name-get: func(); } interface user-name { get: func(); }
            world shop { import user; export user-name; }";
        assert_eq!(same(other), None);
    }
}

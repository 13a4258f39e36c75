//! Names the exports of a world as the plugin's module and the engine know them.
//!
//! Both engines look for an interface under its name alone, without its package: of two interfaces of one name,
//! QuickJS calls one for the other, and StarlingMonkey the last for both. So the plugin's module exports each of them
//! under its full name (`export { tools as 'a:b/tools@0.1.0' }`), and an engine is given a WIT in which all names
//! differ. The component gets the right names back ([`crate::component::outermost`]).

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use wit_component::WitPrinter;
use wit_parser::{Function, Interface, InterfaceId, Resolve, WorldId, WorldItem, WorldKey};

use super::name::camel;
use crate::builder::job::Job;
use crate::ui::problem::{Problem, Result};
use crate::ui::write::write_atomically;

/// An export of a world.
pub(super) struct Export<'a> {
    /// The name under which the plugin's module exports it.
    pub(super) name: String,
    /// The name under which an engine looks for it.
    pub(super) engine_name: String,
    /// Its kind.
    pub(super) item: Item<'a>,
    /// The WIT name that an engine is given, if it is another than its own.
    renamed: Option<(InterfaceId, String)>,
}

/// An interface or a function.
pub(super) enum Item<'a> {
    /// An object of functions.
    Interface(&'a Interface),
    /// A function of the world itself.
    Function(&'a Function),
}

/// Lists the exports of a world.
pub(super) fn of<'a>(resolve: &'a Resolve, world: WorldId) -> Vec<Export<'a>> {
    let exports = &resolve.worlds[world].exports;
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for key in exports.keys() {
        *count.entry(camel(short(resolve, key))).or_default() += 1;
    }
    // A function keeps its name, whatever else has it.
    let is_interface = |key: &WorldKey| matches!(key, WorldKey::Interface(_));
    let named = exports.keys().filter(|key| !is_interface(key));
    let mut taken: BTreeSet<String> = named.map(|key| camel(short(resolve, key))).collect();
    let export = |(key, item): (&'a WorldKey, &'a WorldItem)| {
        let short = short(resolve, key);
        let item = match item {
            WorldItem::Interface { id, .. } => Item::Interface(&resolve.interfaces[*id]),
            WorldItem::Function(function) => Item::Function(function),
            WorldItem::Type { .. } => return None,
        };
        let name = camel(short);
        let (WorldKey::Interface(id), true) = (key, count[&name] > 1) else {
            return Some(Export { engine_name: name.clone(), name, item, renamed: None });
        };
        let full = resolve.name_world_key(key);
        if taken.insert(name.clone()) {
            return Some(Export { engine_name: name, name: full, item, renamed: None });
        }
        let package = resolve.interfaces[*id].package.map(|package| &resolve.packages[package]);
        let is_new = |other: &str| package.is_none_or(|package| !package.interfaces.contains_key(other));
        let other = free(short, |other| {
            is_new(other) && !count.contains_key(&camel(other)) && taken.insert(camel(other))
        });
        Some(Export { engine_name: camel(&other), name: full, item, renamed: Some((*id, other)) })
    };
    exports.iter().filter_map(export).collect()
}

/// The name without a package.
fn short<'a>(resolve: &'a Resolve, key: &'a WorldKey) -> &'a str {
    match key {
        WorldKey::Name(name) => name,
        WorldKey::Interface(id) => resolve.interfaces[*id].name.as_deref().unwrap_or_default(),
    }
}

/// A WIT name that begins with `short` and that nothing else has.
fn free(short: &str, mut is_free: impl FnMut(&str) -> bool) -> String {
    let mut name = short.to_owned();
    loop {
        name.push_str("-x");
        if is_free(&name) {
            return name;
        }
    }
}

/// The WIT that an engine is given in place of the plugin's.
pub(super) struct EngineWit {
    /// The directory or file with the WIT.
    pub(super) path: PathBuf,
    /// Full names of interfaces in it, and the right ones.
    pub(super) names: BTreeMap<String, String>,
    /// True if the world imports `wasi:http/outgoing-handler`.
    pub(super) has_requests: bool,
}

/// Tells whether a world imports the interface that sends requests, in any version.
fn has_requests(resolve: &Resolve, world: WorldId) -> bool {
    let mut imports = resolve.worlds[world].imports.keys();
    imports.any(|key| resolve.name_world_key(key).starts_with("wasi:http/outgoing-handler"))
}

impl EngineWit {
    /// Writes a WIT in which no two exports have one name, if the plugin's has such.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn write(
        job: &Job<'_>,
        resolve: &Resolve,
        world: WorldId,
        exports: &[Export<'_>],
    ) -> Result<Self> {
        let has_requests = has_requests(resolve, world);
        let mut names = BTreeMap::new();
        let mut distinct = resolve.clone();
        for (id, other) in exports.iter().filter_map(|export| export.renamed.as_ref()) {
            let right = resolve.id_of(*id).unwrap_or_default();
            rename(&mut distinct, *id, other);
            names.insert(distinct.id_of(*id).unwrap_or_default(), right);
        }
        if names.is_empty() {
            let path = std::path::absolute(&job.manifest.wit).unwrap_or_else(|_| job.manifest.wit.clone());
            return Ok(Self { path, names, has_requests });
        }
        let path = job.scratch.join("distinct.wit");
        write_atomically(&path, printed(job, &distinct, world)?.as_bytes())?;
        Ok(Self { path, names, has_requests })
    }
}

fn rename(resolve: &mut Resolve, id: InterfaceId, other: &str) {
    let interface = &mut resolve.interfaces[id];
    let old = interface.name.replace(other.to_owned());
    if let (Some(package), Some(old)) = (interface.package, old) {
        let interfaces = &mut resolve.packages[package].interfaces;
        interfaces.shift_remove(&old);
        interfaces.insert(other.to_owned(), id);
    }
}

/// All packages in one file, the world's first.
fn printed(job: &Job<'_>, resolve: &Resolve, world: WorldId) -> Result<String> {
    let own = resolve.worlds[world].package;
    let others: Vec<_> = resolve.packages.iter().map(|(id, _)| id).filter(|id| Some(*id) != own).collect();
    let mut printer = WitPrinter::default();
    printer.emit_docs(false);
    let Some(own) = own else { return Ok(String::new()) };
    printer.print(resolve, own, &others).map_err(|error| {
        Problem::internal(job.manifest.wit.display().to_string(), "cannot be written for the engine")
            .found(format!("{error:#}"))
    })?;
    Ok(printer.output.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world(wit: &str) -> (Resolve, WorldId) {
        let mut resolve = Resolve::default();
        let package = resolve.push_str("world.wit", wit).expect("WIT");
        let world = resolve.select_world(&[package], None).expect("a world");
        (resolve, world)
    }

    fn names(wit: &str) -> Vec<(String, String)> {
        let (resolve, world) = world(wit);
        let exports = of(&resolve, world);
        exports.into_iter().map(|export| (export.name, export.engine_name)).collect()
    }

    fn pair(name: &str, engine_name: &str) -> (String, String) {
        (name.to_owned(), engine_name.to_owned())
    }

    #[test]
    fn an_export_has_its_own_name() {
        let wit = "package a:b@0.1.0; interface my-tools { f: func(); }
                   world w { export my-tools; export g-h: func(); }";
        assert_eq!(names(wit), [pair("gH", "gH"), pair("myTools", "myTools")]);
    }

    #[test]
    fn interfaces_of_one_name_have_their_full_names() {
        let wit =
            "package a:b@0.1.0; world w { export c:d/tools; export e:f/tools@0.2.0; export tools-x: func(); }
                   package c:d { interface tools { f: func(); } }
                   package e:f@0.2.0 { interface tools { f: func(); } }";
        assert_eq!(
            names(wit),
            [pair("toolsX", "toolsX"), pair("c:d/tools", "tools"), pair("e:f/tools@0.2.0", "toolsXX")]
        );
    }

    #[test]
    fn a_world_that_sends_requests_says_so() {
        let importing = |what: &str| {
            let wit = format!(
                "package a:b; world w {{ import wasi:http/{what}@0.2.3; }}
                 package wasi:http@0.2.3 {{ interface types {{ f: func(); }} interface outgoing-handler {{ f: func(); }} }}"
            );
            let (resolve, world) = world(&wit);
            has_requests(&resolve, world)
        };
        assert!(importing("outgoing-handler"));
        assert!(!importing("types"));
    }

    #[test]
    fn a_function_keeps_its_name_beside_an_interface_of_that_name() {
        let wit =
            "package a:b; interface tools { f: func(); } world w { export tools; export tools: func(); }";
        assert_eq!(names(wit), [pair("tools", "tools"), pair("a:b/tools", "toolsX")]);
    }
}

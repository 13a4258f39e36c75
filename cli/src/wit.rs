//! Reads an author's WIT: the world that a plugin implements, with its documentation.

use std::collections::BTreeSet;
use std::path::Path;

use toolcell_host::catalog::Export;
use toolcell_host::codec::Function;
use wit_parser::{Resolve, WorldId};

use crate::component::{self, Component, Exported, name};
use crate::problem::{Problem, Result};
use crate::signature;

/// A world, read.
#[derive(Debug)]
pub struct World {
    /// Its full name.
    pub name: String,
    /// Functions that it exports, in the order of the WIT, with documentation.
    pub exports: Vec<Exported>,
}

/// Reads the WIT in `directory` and selects a world; it may be left out where there is only one.
///
/// # Errors
/// No WIT there, a mistake in it, no such world or several to choose from.
pub fn read(directory: &Path, world: Option<&str>) -> Result<World> {
    let shown = directory.display().to_string();
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(directory).map_err(|error| {
        Problem::refused(&shown, "cannot be read as WIT")
            .found(format!("{error:#}"))
            .expected("a directory with the plugin's .wit files")
            .next("correct the WIT, or set `wit` in plugin.toml")
    })?;
    let id = resolve.select_world(&[package], world).map_err(|error| {
        Problem::refused(&shown, "does not say which world the plugin implements")
            .found(format!("{error:#}"))
            .expected("one world, or `world` in plugin.toml")
            .next("add `world = \"NAME\"` to plugin.toml")
    })?;
    Ok(World { name: world_name(&resolve, id), exports: component::exports(&resolve, id) })
}

fn world_name(resolve: &Resolve, id: WorldId) -> String {
    let world = &resolve.worlds[id];
    match world.package {
        Some(package) => resolve.id_of_name(package, &world.name),
        None => world.name.clone(),
    }
}

/// Checks that a world says of a component's exports what the component's own types say.
///
/// # Errors
/// Names the first function that differs and how: descriptions of another build would mislead a model.
pub fn check(world: &World, file: &str, component: &Component) -> Result<()> {
    let differ = |export: &Export, found: String, expected: String| {
        Problem::refused(file, format!("function {} is not what the WIT says", name(export)))
            .found(found)
            .expected(expected)
            .next("build the component again from this WIT, then pack it")
    };
    for declared in &world.exports {
        let real = component.exports.iter().find(|real| real.export == declared.export);
        let Some(real) = real else {
            return Err(differ(
                &declared.export,
                format!("a component without it; it exports {}", all_names(component)),
                format!("{} (from world {})", shown(declared), world.name),
            ));
        };
        if !same(declared, real) {
            return Err(differ(&declared.export, shown(real), shown(declared)));
        }
    }
    let declared: BTreeSet<String> = world.exports.iter().map(|declared| name(&declared.export)).collect();
    match component.exports.iter().find(|real| real.is_public() && !declared.contains(&name(&real.export))) {
        None => Ok(()),
        Some(extra) => Err(differ(
            &extra.export,
            shown(extra),
            format!("no such function: world {} does not export it", world.name),
        )),
    }
}

fn same(declared: &Exported, real: &Exported) -> bool {
    match (&declared.plan, &real.plan) {
        (Ok(declared), Ok(real)) => same_types(declared, real),
        (Err(_), Err(_)) => true,
        _ => false,
    }
}

/// Whether two plans agree in names and types, whatever they document.
pub fn same_types(left: &Function, right: &Function) -> bool {
    let params = |function: &Function| -> Vec<_> {
        function.params.iter().map(|param| (param.name.clone(), signature::bare(&param.ty))).collect()
    };
    let result = |function: &Function| function.result.as_ref().map(signature::bare);
    params(left) == params(right) && result(left) == result(right)
}

fn shown(exported: &Exported) -> String {
    match &exported.plan {
        Ok(function) => signature::render(function),
        Err(obstacle) => format!("a function that {}", obstacle.text()),
    }
}

fn all_names(component: &Component) -> String {
    let names: Vec<String> = component.exports.iter().map(|exported| name(&exported.export)).collect();
    if names.is_empty() { "nothing".into() } else { names.join(", ") }
}

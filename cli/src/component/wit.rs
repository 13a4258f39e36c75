//! Reads an author's WIT: the world that a plugin implements, with its documentation.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use toolcell_host::catalog::Export;
use wit_parser::{
    PackageName, ParseError, ParseErrorKind, Resolve, ResolveError, ResolveErrorKind, Span, WorldId,
};

use super::export::{self, Exported, name};
use super::signature::same_types;
use super::{Component, content, wit_files};
use crate::ui::problem::{Problem, Result};

/// A world, read.
#[derive(Debug)]
pub struct World {
    /// Its full name.
    pub name: String,
    /// Functions that it exports, in the order of the WIT, with documentation.
    pub exports: Vec<Exported>,
    /// Its imports, as a component lists them.
    pub imports: BTreeMap<String, Vec<String>>,
}

/// Reads the WIT in `directory` and selects a world; it may be left out where there is only one.
///
/// # Errors
/// No WIT there, a mistake in it, no such world or several to choose from.
pub fn read(directory: &Path, world: Option<&str>) -> Result<World> {
    let (resolve, id) = resolve(directory, world)?;
    Ok(World {
        name: world_name(&resolve, id),
        exports: export::exports(&resolve, id),
        imports: export::imports(&resolve, id),
    })
}

/// The same, as the WIT tooling has it.
///
/// # Errors
/// As [`read`].
pub fn resolve(directory: &Path, world: Option<&str>) -> Result<(Resolve, WorldId)> {
    let shown = directory.display().to_string();
    let mut resolve = Resolve::default();
    let package = match wit_files::push(&mut resolve, directory) {
        Ok(package) => package,
        Err(error) => return Err(unreadable(&shown, &resolve, &error)),
    };
    let id = resolve.select_world(&[package], world).map_err(|error| {
        Problem::refused(&shown, "has several worlds")
            .found(format!("{error:#}"))
            .expected("one world, or `world` in plugin.toml")
            .next("add `world = \"NAME\"` to plugin.toml")
    })?;
    Ok((resolve, id))
}

fn unreadable(directory: &str, resolve: &Resolve, error: &anyhow::Error) -> Problem {
    for cause in error.chain() {
        if let Some(mistake) = cause.downcast_ref::<ParseError>() {
            return mistaken(directory, resolve, mistake.kind());
        }
        if let Some(mistake) = cause.downcast_ref::<ResolveError>() {
            return unresolved(directory, resolve, mistake.kind());
        }
    }
    Problem::refused(directory, "cannot be read as WIT")
        .found(format!("{error:#}"))
        .expected("a directory with the plugin's .wit files")
        .next("correct the path, or set `wit` in plugin.toml")
}

/// A mistake within one package.
fn mistaken(directory: &str, resolve: &Resolve, mistake: &ParseErrorKind) -> Problem {
    let expected = match mistake {
        ParseErrorKind::ItemNotFound { kind, .. } => {
            format!("the name of an item ({kind}) of this package, or of one that `use` imports")
        }
        ParseErrorKind::TypeCycle { .. } => "types that do not contain themselves".to_owned(),
        _ => "WIT as component-model.bytecodealliance.org/design/wit.html describes it".to_owned(),
    };
    at(directory, resolve, mistake.span(), &mistake.to_string()).expected(expected).next("correct the line")
}

/// A package that does not fit the packages around it.
fn unresolved(directory: &str, resolve: &Resolve, mistake: &ResolveErrorKind) -> Problem {
    let ResolveErrorKind::PackageNotFound { span, requested, .. } = mistake else {
        return at(directory, resolve, mistake.span(), &mistake.to_string())
            .expected("only names and types that the imported package declares")
            .next("correct the line, or the package named in it");
    };
    at(directory, resolve, *span, &format!("package {requested} is missing"))
        .expected(format!("its .wit files in a folder under {directory}/deps"))
        .next(copy_dependency(directory, requested))
}

fn copy_dependency(directory: &str, package: &PackageName) -> String {
    let folder = format!("{directory}/deps/{}-{}", package.namespace, package.name);
    match (package.namespace.as_str(), package.name.as_str()) {
        ("toolcell", "plugin") => format!("copy toolcell's wit/ folder to {folder}"),
        _ => format!("copy the package's .wit files to {folder}"),
    }
}

/// Starts a problem at a place in a `.wit` file, and shows the line.
fn at(directory: &str, resolve: &Resolve, span: Span, wrong: &str) -> Problem {
    if !span.is_known() {
        return Problem::refused(directory, "cannot be read as WIT").found(wrong);
    }
    let place = resolve.render_location(span);
    let mut parts = place.rsplitn(3, ':');
    let (_, line, file) = (parts.next(), parts.next(), parts.next());
    let text = file.and_then(|file| std::fs::read_to_string(file).ok()).unwrap_or_default();
    let number: usize = line.and_then(|line| line.parse().ok()).unwrap_or(1);
    let found = text.lines().nth(number.saturating_sub(1)).unwrap_or_default().trim();
    let found = if found.is_empty() { "an empty line, or the end of the file" } else { found };
    Problem::refused(&place, wrong.replace('\n', "; ")).found(found)
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
    let differ = |export: &Export, how: &str, found: String, expected: String| {
        Problem::refused(file, format!("function {} {how}", name(export)))
            .found(found)
            .expected(expected)
            .next("rebuild the component from this WIT, then pack it")
    };
    for declared in &world.exports {
        let real = component.exports.iter().find(|real| real.export == declared.export);
        let Some(real) = real else {
            return Err(differ(
                &declared.export,
                "is missing",
                format!("a component that exports {}", all_names(component)),
                format!("{} (from world {})", shown(declared), world.name),
            ));
        };
        if !same(declared, real) {
            return Err(differ(&declared.export, "differs from the WIT", shown(real), shown(declared)));
        }
    }
    let declared: BTreeSet<String> = world.exports.iter().map(|declared| name(&declared.export)).collect();
    let is_provider =
        |real: &Exported| component.providers.iter().any(|provider| provider.export == real.export);
    let mut counted = component.exports.iter().filter(|real| real.is_public() || is_provider(real));
    match counted.find(|real| !declared.contains(&name(&real.export))) {
        None => Ok(()),
        Some(extra) => Err(differ(
            &extra.export,
            "is not in the WIT",
            shown(extra),
            format!(
                "only functions of world {}, to which functions marked `@unstable` do not belong",
                world.name
            ),
        )),
    }
}

fn same(declared: &Exported, real: &Exported) -> bool {
    match (&declared.plan, &real.plan) {
        (Ok(left), Ok(right)) => declared.published_as == real.published_as && same_types(left, right),
        (Err(_), Err(_)) => true,
        _ => false,
    }
}

fn shown(exported: &Exported) -> String {
    match &exported.plan {
        Ok(function) => content::render(function, exported.published_as),
        Err(obstacle) => format!("a function that {}", obstacle.text()),
    }
}

fn all_names(component: &Component) -> String {
    let names: Vec<String> = component.exports.iter().map(|exported| name(&exported.export)).collect();
    if names.is_empty() { "nothing".into() } else { names.join(", ") }
}

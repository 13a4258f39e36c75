//! Puts a plugin together from one of three sources.
//!
//! `plugin.toml` and WIT ([`assemble`]), the section of a packed component ([`unpack`]), or a bare component ([`bare`]):
//! each is checked in the same way.

use toolcell_host::catalog::Export;
use toolcell_host::codec::Function;

use super::name::{self, ItemKind};
use super::{Plugin, Prompt, Tool, prompt, tool, verify};
use crate::component::content::PublishedAs;
use crate::component::export::Exported;
use crate::component::signature::{same_types, wit_name};
use crate::component::wit::{self, World};
use crate::component::{Component, package, section};
use crate::document::limit::Overrides;
use crate::document::origin::Origin;
use crate::manifest::{Manifest, Needs};
use crate::ui::problem::{Problem, Result};

/// Puts a plugin together from what its author wrote; `file` names the component.
///
/// # Errors
/// The WIT is not the component's, or `plugin.toml` names what does not exist or does not fit.
pub fn assemble(manifest: &Manifest, world: &World, file: &str, component: &Component) -> Result<Plugin> {
    wit::check(world, file, component)?;
    let published: Vec<&Exported> = world.exports.iter().filter(|exported| is_published(exported)).collect();
    let plugin = Plugin {
        format: Plugin::FORMAT,
        name: manifest.name.clone(),
        version: manifest.version.clone(),
        description: manifest.description.clone(),
        needs: manifest.needs.clone(),
        limits: manifest.limits.clone(),
        tools: tools(manifest, &published)?,
        prompts: prompts(manifest, &published)?,
        uris: manifest.uris.clone(),
    };
    verify::plugin(&plugin, component, &manifest.origin)?;
    Ok(plugin)
}

/// Checks what `plugin.toml` says of functions against the WIT alone, before a component is built that may take minutes.
///
/// # Errors
/// As [`assemble`].
pub fn foresee(manifest: &Manifest) -> Result<()> {
    // A build may write its own WIT.
    if !manifest.wit.exists() {
        return Ok(());
    }
    let world = wit::read(&manifest.wit, manifest.world.as_deref())?;
    let published: Vec<&Exported> = world.exports.iter().filter(|exported| is_published(exported)).collect();
    tools(manifest, &published)?;
    prompts(manifest, &published)?;
    Ok(())
}

fn tools(manifest: &Manifest, published: &[&Exported]) -> Result<Vec<Tool>> {
    let exported = of_kind(ItemKind::Tool, published);
    let names = name::of(&exported);
    name::refuse_unknown(ItemKind::Tool, &manifest.origin, &names, published, manifest.tools.keys())?;
    let tools = exported.into_iter().zip(names).filter_map(|(exported, name)| {
        let said = manifest.tools.get(&wit_name(&name)).cloned().unwrap_or_default();
        Some(tool::refine(tool::of(exported, name)?, exported, said, &manifest.origin))
    });
    tools.collect()
}

fn prompts(manifest: &Manifest, published: &[&Exported]) -> Result<Vec<Prompt>> {
    let exported = of_kind(ItemKind::Prompt, published);
    let names = name::of(&exported);
    name::refuse_unknown(ItemKind::Prompt, &manifest.origin, &names, published, manifest.prompts.keys())?;
    let prompts = exported.into_iter().zip(names).filter_map(|(exported, name)| {
        let said = manifest.prompts.get(&wit_name(&name)).cloned().unwrap_or_default();
        Some(prompt::refine(prompt::of(exported, name)?, exported, said, &manifest.origin))
    });
    prompts.collect()
}

fn of_kind<'a>(kind: ItemKind, published: &[&'a Exported]) -> Vec<&'a Exported> {
    published.iter().filter(|exported| ItemKind::of(exported.published_as) == kind).copied().collect()
}

/// Reads the plugin that a packed component carries.
///
/// # Errors
/// The section is damaged, of another version, or belongs to another component.
pub fn unpack(section: &[u8], file: &str, component: &Component) -> Result<Plugin> {
    let stale = |wrong: &str, found: String| {
        Problem::refused(format!("{file} (section {})", section::NAME), wrong)
            .found(found)
            .expected("a section that this version of `toolcell pack` writes")
            .next("run `toolcell pack` again")
    };
    let other = |found: String| {
        stale("describes another component", found)
            .expected("descriptions of the functions in this component")
    };
    let plugin: Plugin =
        serde_json::from_slice(section).map_err(|error| stale("cannot be read", error.to_string()))?;
    if plugin.format != Plugin::FORMAT {
        return Err(stale("has another version", format!("format {}", plugin.format)));
    }
    for tool in &plugin.tools {
        if !fits(component, &tool.export, &tool.function, PublishedAs::Tool(tool.returns)) {
            let found = format!("a description of tool {}: {}", tool.name, tool.signature());
            return Err(other(found));
        }
    }
    for prompt in &plugin.prompts {
        if !fits(component, &prompt.export, &prompt.function, PublishedAs::Prompt) {
            let found = format!("a description of prompt {}: {}", prompt.name, prompt.signature());
            return Err(other(found));
        }
    }
    verify::plugin(&plugin, component, &Origin::of(format!("{file} (section {})", section::NAME)))?;
    Ok(plugin)
}

/// Checks that a section which is about to be packed can be read back.
///
/// # Errors
/// Something in it nests too deep for a reader of JSON.
pub fn refuse_unreadable(section: &[u8], origin: &Origin) -> Result<()> {
    let Err(error) = serde_json::from_slice::<Plugin>(section) else { return Ok(()) };
    Err(Problem::refused(origin.file(), "describes a plugin that could not be read back")
        .found(error.to_string())
        .expected("values that nest at most some hundred levels deep")
        .next("flatten the deepest value: `meta`, `requires-client-capabilities`, a default or an example"))
}

/// Tells whether the component exports such a function.
fn fits(component: &Component, export: &Export, function: &Function, published_as: PublishedAs) -> bool {
    let Some(real) = component.exports.iter().find(|real| real.export == *export) else { return false };
    let same = real.plan.as_ref().is_ok_and(|plan| same_types(plan, function));
    same && real.published_as == published_as
}

/// Makes a plugin of a component that nobody packed: plain names, signatures for descriptions.
///
/// # Errors
/// Names that a client would refuse.
pub fn bare(name: &str, file: &str, component: &Component) -> Result<Plugin> {
    let published: Vec<&Exported> =
        component.exports.iter().filter(|exported| exported.is_offered() && is_published(exported)).collect();
    let (tools, prompts) = (of_kind(ItemKind::Tool, &published), of_kind(ItemKind::Prompt, &published));
    let (tool_names, prompt_names) = (name::of(&tools), name::of(&prompts));
    let plugin = Plugin {
        format: Plugin::FORMAT,
        name: name.to_string(),
        version: None,
        description: None,
        needs: Needs::default(),
        limits: Overrides::default(),
        tools: tools.into_iter().zip(tool_names).filter_map(|(one, name)| tool::of(one, name)).collect(),
        prompts: prompts
            .into_iter()
            .zip(prompt_names)
            .filter_map(|(one, name)| prompt::of(one, name))
            .collect(),
        uris: Vec::new(),
    };
    verify::plugin(&plugin, component, &Origin::of(file))?;
    Ok(plugin)
}

/// Tells whether a function that the author's WIT exports becomes a tool or a prompt.
fn is_published(exported: &Exported) -> bool {
    let interface = exported.export.interface.as_deref().unwrap_or_default();
    exported.plan.is_ok() && !interface.starts_with("wasi:") && !package::is_ours(interface)
}

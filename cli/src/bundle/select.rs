//! Decides what is served under which names, over all plugins.

use std::collections::BTreeMap;

use toolcell_host::catalog::ProviderRole;

use crate::config::{Config, Filter, PluginConfig};
use crate::document::name;
use crate::plugin::load::Loaded;
use crate::plugin::{Prompt, Tool};
use crate::ui::closest::closest;
use crate::ui::problem::{Problem, Result, one_of};

/// Something that is served.
#[derive(Debug)]
pub struct Selected<'a, T> {
    /// The name that clients call it.
    pub name: String,
    /// The loaded plugin.
    pub item: &'a T,
}

/// A plugin with its name and what the deployer says about it.
#[derive(Clone, Copy)]
pub struct ConfiguredPlugin<'a> {
    /// Its name in `toolcell.toml`.
    pub name: &'a str,
    /// Its configuration.
    pub settings: &'a PluginConfig,
    /// The plugin itself.
    pub loaded: &'a Loaded,
}

/// Selects the tools of each plugin, sorted by name.
///
/// # Errors
/// A filter or a limit names no tool, a plugin offers nothing, a name is too long with its prefix, two plugins clash.
pub fn tools<'a>(
    config: &Config,
    plugins: &'a [ConfiguredPlugin<'_>],
) -> Result<Vec<Vec<Selected<'a, Tool>>>> {
    for ConfiguredPlugin { name, settings, loaded } in plugins {
        refuse_unknown(config, name, settings, loaded)?;
        refuse_empty(config, name, loaded)?;
    }
    let served = |settings: &'a PluginConfig, loaded: &'a Loaded| -> Vec<_> {
        let tools = loaded.plugin.tools.iter().filter(|tool| serves(&settings.filter, &tool.name));
        let name = |tool: &'a Tool| settings.tools.get(&tool.name).and_then(|said| said.name.as_deref());
        tools.map(|tool| (name(tool).unwrap_or(&tool.name), tool)).collect()
    };
    let texts = NameProblems {
        refused: |plugin: &ConfiguredPlugin<'_>, tool: &Tool, name: &str| {
            unfit_tool(config, plugin, tool, name)
        },
        clash: |name: &str, one: &str, other: &str| clash(config, name, one, other),
    };
    named(plugins, served, texts)
}

/// Selects the prompts of each plugin, sorted by name.
///
/// # Errors
/// A name is too long with its prefix, two plugins clash.
pub fn prompts<'a>(
    config: &Config,
    plugins: &'a [ConfiguredPlugin<'_>],
) -> Result<Vec<Vec<Selected<'a, Prompt>>>> {
    let all = |_: &'a PluginConfig, loaded: &'a Loaded| -> Vec<_> {
        loaded.plugin.prompts.iter().map(|prompt| (prompt.name.as_str(), prompt)).collect()
    };
    let clash = |name: &str, one: &str, other: &str| {
        Problem::refused(
            config.origin.place(&format!("plugins.{other}")),
            format!("two plugins have a prompt `{name}`"),
        )
        .found(format!("`{one}` and `{other}`"))
        .expected("names of prompts that are unique in the server")
        .next(format!("add prefix = \"{other}_\" to [plugins.{other}]"))
    };
    let refused = |plugin: &ConfiguredPlugin<'_>, prompt: &Prompt, name: &str| {
        let problem = name::refused(&place_of_name(plugin, &prompt.name), name, &config.origin);
        problem.next("shorten the prefix, or rename the function in the WIT")
    };
    named(plugins, all, NameProblems { refused, clash })
}

/// Makes the problems of names.
struct NameProblems<R, C> {
    /// Of an item with a name that clients do not accept.
    refused: R,
    /// Of two plugins with one name.
    clash: C,
}

/// Puts prefixes before names, and finds two that are the same.
fn named<'a, T>(
    plugins: &'a [ConfiguredPlugin<'_>],
    served: impl Fn(&'a PluginConfig, &'a Loaded) -> Vec<(&'a str, &'a T)>,
    problems: NameProblems<
        impl Fn(&ConfiguredPlugin<'_>, &T, &str) -> Problem,
        impl Fn(&str, &str, &str) -> Problem,
    >,
) -> Result<Vec<Vec<Selected<'a, T>>>> {
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    let mut all = Vec::new();
    for plugin in plugins {
        let mut selected = Vec::new();
        for (name, item) in served(plugin.settings, plugin.loaded) {
            let name = format!("{}{name}", plugin.settings.prefix);
            if !name::is_accepted(&name) {
                return Err((problems.refused)(plugin, item, &name));
            }
            if let Some(other) = owners.insert(name.clone(), plugin.name) {
                return Err((problems.clash)(&name, other, plugin.name));
            }
            selected.push(Selected { name, item });
        }
        selected.sort_by(|left, right| left.name.cmp(&right.name));
        all.push(selected);
    }
    Ok(all)
}

/// Refuses plugins that would both be asked for the same resource, prompt or tool that is known only at run time.
///
/// # Errors
/// Names two plugins, and how to tell them apart.
pub fn refuse_conflicts(config: &Config, plugins: &[ConfiguredPlugin<'_>]) -> Result<()> {
    for (at, left) in plugins.iter().enumerate() {
        for right in &plugins[at + 1..] {
            refuse_shared_uris(config, left, right)?;
            for role in [ProviderRole::GetPrompt, ProviderRole::CallTool] {
                refuse_shared_prefix(config, role, left, right)?;
            }
        }
        refuse_bad_prefix(config, left)?;
    }
    Ok(())
}

fn provides(plugin: &ConfiguredPlugin<'_>, role: ProviderRole) -> bool {
    plugin.loaded.component.providers.iter().any(|provider| provider.role == role)
}

/// Tells whether one of two texts starts with the other.
fn overlap(left: &str, right: &str) -> bool {
    left.starts_with(right) || right.starts_with(left)
}

fn refuse_shared_uris(
    config: &Config,
    left: &ConfiguredPlugin<'_>,
    right: &ConfiguredPlugin<'_>,
) -> Result<()> {
    if !provides(left, ProviderRole::ReadResource) || !provides(right, ProviderRole::ReadResource) {
        return Ok(());
    }
    let uris = |one: &ConfiguredPlugin<'_>| match one.loaded.plugin.uris.clone() {
        none if none.is_empty() => vec![String::new()],
        uris => uris,
    };
    let said = |uri: &str| if uri.is_empty() { "any URI".to_string() } else { format!("{uri:?}") };
    let (one, other) = (left.name, right.name);
    let theirs = uris(right);
    let pair = |mine: String| theirs.iter().map(move |theirs| (mine.clone(), theirs.clone()));
    let mut pairs = uris(left).into_iter().flat_map(pair);
    let Some((mine, theirs)) = pairs.find(|(mine, theirs)| overlap(mine, theirs)) else {
        return Ok(());
    };
    Err(Problem::refused(
        config.origin.place(&format!("plugins.{other}")),
        "two plugins serve the same resource URIs",
    )
    .found(format!("{} of `{one}` and {} of `{other}`", said(&mine), said(&theirs)))
    .expected("plugins with different URI prefixes")
    .next(
        "change `uris` under [resources] in one plugin.toml and pack it again, or serve only one of the two",
    ))
}

fn refuse_shared_prefix(
    config: &Config,
    role: ProviderRole,
    left: &ConfiguredPlugin<'_>,
    right: &ConfiguredPlugin<'_>,
) -> Result<()> {
    let both = provides(left, role) && provides(right, role);
    if !both || !overlap(&left.settings.prefix, &right.settings.prefix) {
        return Ok(());
    }
    let (one, other) = (left.name, right.name);
    let what = role.function().0;
    Err(Problem::refused(
        config.origin.place(&format!("plugins.{other}")),
        format!("the prefixes of two plugins that export `{what}` overlap"),
    )
    .found(format!(
        "prefix {:?} of plugin `{one}` and prefix {:?} of plugin `{other}`",
        left.settings.prefix, right.settings.prefix
    ))
    .expected("prefixes of which none begins with the other; every prefix begins with \"\"")
    .next(format!(
        "write prefix = \"{one}_\" in [plugins.{one}] and prefix = \"{other}_\" in [plugins.{other}]"
    )))
}

/// A prefix that stands before names which only come at run time.
fn refuse_bad_prefix(config: &Config, plugin: &ConfiguredPlugin<'_>) -> Result<()> {
    let ConfiguredPlugin { name, settings, loaded } = plugin;
    if loaded.component.providers.is_empty() || settings.prefix.is_empty() {
        return Ok(());
    }
    check_prefix(config, name, &settings.prefix)
}

/// Checks a name that a plugin's prefix made.
fn check_prefix(config: &Config, plugin: &str, name: &str) -> Result<()> {
    name::check(&format!("plugins.{plugin}.prefix"), name, &config.origin)
        .map_err(|problem| problem.next("choose another prefix, for example \"text_\""))
}

/// Returns the key that gives an item its name: the prefix, where there is one.
fn place_of_name(plugin: &ConfiguredPlugin<'_>, item: &str) -> String {
    match plugin.settings.prefix.is_empty() {
        true => format!("plugins.{}.tools.{item}", plugin.name),
        false => format!("plugins.{}.prefix", plugin.name),
    }
}

/// A tool whose name clients do not accept: the deployer can give it another.
fn unfit_tool(config: &Config, plugin: &ConfiguredPlugin<'_>, tool: &Tool, name: &str) -> Problem {
    let said = plugin.settings.tools.get(&tool.name).is_some_and(|said| said.name.is_some());
    let (at, own) = (plugin.name, &tool.name);
    let key = if said { format!("plugins.{at}.tools.{own}.name") } else { place_of_name(plugin, own) };
    name::refused(&key, name, &config.origin).next(format!(
        "give the tool another name, or leave it out with except = [{own:?}] in [plugins.{at}]:\n\
         [plugins.{at}.tools.{own}]\nname = \"short_name\""
    ))
}

fn serves(filter: &Filter, name: &str) -> bool {
    let listed = |names: &[String]| names.iter().any(|listed| listed == name);
    match filter {
        Filter::All => true,
        Filter::Only(names) => listed(names),
        Filter::Except(names) => !listed(names),
    }
}

fn clash(config: &Config, tool: &str, one: &str, other: &str) -> Problem {
    let problem = |wrong: String| {
        let problem = Problem::refused(config.origin.place(&format!("plugins.{other}")), wrong);
        problem.expected("tool names that are unique in the server")
    };
    if one == other {
        return problem(format!("two of its tools have the name `{tool}`"))
            .found(format!("`name` of one of them in [plugins.{other}.tools]"))
            .next("write another name, or leave one of the tools out with `except`");
    }
    problem(format!("two plugins have a tool `{tool}`")).found(format!("`{one}` and `{other}`")).next(format!(
        "in [plugins.{other}], add prefix = \"{other}_\", give the tool another `name`, or leave it out with `except`"
    ))
}

fn refuse_empty(config: &Config, plugin: &str, loaded: &Loaded) -> Result<()> {
    let Loaded { plugin: own, component, .. } = loaded;
    if !own.tools.is_empty() || !own.prompts.is_empty() || !component.providers.is_empty() {
        return Ok(());
    }
    Err(Problem::refused(
        config.origin.place(&format!("plugins.{plugin}.source")),
        "is a plugin that offers nothing",
    )
    .found(format!("{}, which exports no function that can be called with JSON", loaded.file.display()))
    .expected("a component that exports at least one function of plain values")
    .next("export a function or an interface from the WIT world (`export tools;`) and rebuild the component"))
}

fn refuse_unknown(config: &Config, plugin: &str, settings: &PluginConfig, loaded: &Loaded) -> Result<()> {
    let known: Vec<&str> = loaded.plugin.tools.iter().map(|tool| tool.name.as_str()).collect();
    let (key, filtered) = match &settings.filter {
        Filter::All => ("only", [].as_slice()),
        Filter::Only(names) => ("only", names.as_slice()),
        Filter::Except(names) => ("except", names.as_slice()),
    };
    let filtered = filtered.iter().enumerate().map(|(at, name)| (format!("{key}[{at}]"), name));
    let limited = settings.tools.keys().map(|name| (format!("tools.{name}"), name));
    let Some((key, unknown)) = filtered.chain(limited).find(|(_, name)| !known.contains(&name.as_str()))
    else {
        return Ok(());
    };
    let expected = match known.as_slice() {
        [] => "no name: the plugin has no tools".to_string(),
        known => one_of(known),
    };
    let next = match closest(unknown, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "write a tool's name without prefix; `toolcell inspect` lists them".into(),
    };
    Err(Problem::refused(
        config.origin.place(&format!("plugins.{plugin}.{key}")),
        "is not a tool of the plugin",
    )
    .found(unknown.clone())
    .expected(expected)
    .next(next))
}

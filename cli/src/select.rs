//! Decides which tools are served under which names, over all plugins.

use std::collections::BTreeMap;

use crate::config::{Config, Filter, Plugin};
use crate::plugin::Tool;
use crate::problem::{Problem, Result, closest};
use crate::source::Loaded;
use crate::verify;

/// A tool that is served.
#[derive(Debug)]
pub struct Selected<'a> {
    /// The name that clients call.
    pub name: String,
    /// The tool.
    pub tool: &'a Tool,
}

/// Selects the tools of each plugin, sorted by name.
///
/// # Errors
/// A filter or a limit names no tool, a plugin has none at all, a name is too long with its prefix, two plugins clash.
pub fn tools<'a>(config: &Config, plugins: &'a [(&str, &Plugin, Loaded)]) -> Result<Vec<Vec<Selected<'a>>>> {
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    let mut all = Vec::new();
    for (plugin, settings, loaded) in plugins {
        refuse_unknown(config, plugin, settings, loaded)?;
        refuse_empty(config, plugin, loaded)?;
        let mut selected = Vec::new();
        for tool in loaded.plugin.tools.iter().filter(|tool| serves(&settings.filter, &tool.name)) {
            let name = format!("{}{}", settings.prefix, tool.name);
            verify::name(&format!("plugins.{plugin}.prefix"), &name, &config.origin)?;
            if let Some(other) = owners.insert(name.clone(), plugin) {
                return Err(clash(config, &name, other, plugin));
            }
            selected.push(Selected { name, tool });
        }
        selected.sort_by(|left, right| left.name.cmp(&right.name));
        all.push(selected);
    }
    Ok(all)
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
    Problem::refused(
        config.origin.place(&format!("plugins.{other}")),
        format!("two plugins have a tool `{tool}`"),
    )
    .found(format!("`{one}` and `{other}`"))
    .expected("tool names that are unique in the server")
    .next(format!("add prefix = \"{other}_\" to [plugins.{other}], or leave the tool out with `except`"))
}

fn refuse_empty(config: &Config, plugin: &str, loaded: &Loaded) -> Result<()> {
    if !loaded.plugin.tools.is_empty() {
        return Ok(());
    }
    Err(Problem::refused(
        config.origin.place(&format!("plugins.{plugin}.source")),
        "names a plugin without tools",
    )
    .found(format!("{}, which exports no function in an interface", loaded.file.display()))
    .expected("a component that exports an interface with at least one function")
    .next("export an interface from the WIT world (`export tools;`) and build the component again"))
}

fn refuse_unknown(config: &Config, plugin: &str, settings: &Plugin, loaded: &Loaded) -> Result<()> {
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
        known => format!("one of {}", known.join(", ")),
    };
    let next = match closest(unknown, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "write a tool's name without prefix; `toolcell inspect` lists them".into(),
    };
    Err(Problem::refused(
        config.origin.place(&format!("plugins.{plugin}.{key}")),
        "names no tool of the plugin",
    )
    .found(unknown.clone())
    .expected(expected)
    .next(next))
}

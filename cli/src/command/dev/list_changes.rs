//! Compares two catalogs and lists the changes that clients see.

use std::collections::{BTreeMap, BTreeSet};

use toolcell_host::catalog::Catalog;

use crate::ui::terminal::counted;

/// The list entries of one plugin, by name.
type Entries<'a> = BTreeMap<&'a str, &'a str>;

/// The changes of one plugin.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ListChange {
    /// The number of tools and prompts; `None` if the plugin is not served.
    pub(super) has: Option<String>,
    /// `+new -gone ~changed`, where the list of tools has changed.
    tools: String,
    /// The same for the list of prompts.
    prompts: String,
}

impl ListChange {
    /// `; tools/list changed: +shout`, or nothing.
    pub(super) fn lists(&self) -> String {
        let lists = [("tools/list", &self.tools), ("prompts/list", &self.prompts)];
        let changed = lists.iter().filter(|(_, changed)| !changed.is_empty());
        changed.map(|(list, changed)| format!("; {list} changed: {changed}")).collect()
    }
}

/// Returns the changes by plugin; omits unchanged plugins.
pub(super) fn changes(before: &Catalog, after: &Catalog) -> BTreeMap<String, ListChange> {
    let names = |catalog: &Catalog| -> BTreeSet<String> {
        catalog.plugins.iter().map(|plugin| plugin.name.clone()).collect()
    };
    let (old, new) = (names(before), names(after));
    let both = old.union(&new).map(|name| {
        let change = ListChange {
            has: has(after, name),
            tools: marks(&tools(before, name), &tools(after, name)),
            prompts: marks(&prompts(before, name), &prompts(after, name)),
        };
        (name.clone(), change)
    });
    let differs = |name: &String, change: &ListChange| {
        !change.lists().is_empty() || old.contains(name) != new.contains(name)
    };
    both.filter(|(name, change)| differs(name, change)).collect()
}

/// `6 tools`, `1 tool and 1 prompt`; none if the plugin is not in the catalog.
pub(super) fn has(catalog: &Catalog, plugin: &str) -> Option<String> {
    at(catalog, plugin)?;
    let tools = counted(tools(catalog, plugin).len(), "tool");
    Some(match prompts(catalog, plugin).len() {
        0 => tools,
        prompts => format!("{tools} and {}", counted(prompts, "prompt")),
    })
}

fn at(catalog: &Catalog, plugin: &str) -> Option<usize> {
    catalog.plugins.iter().position(|one| one.name == plugin)
}

fn tools<'a>(catalog: &'a Catalog, plugin: &str) -> Entries<'a> {
    let at = at(catalog, plugin);
    let own = catalog.tools.iter().filter(|tool| Some(tool.plugin) == at);
    own.map(|tool| (tool.name.as_str(), tool.entry.get())).collect()
}

fn prompts<'a>(catalog: &'a Catalog, plugin: &str) -> Entries<'a> {
    let at = at(catalog, plugin);
    let own = catalog.prompts.iter().filter(|prompt| Some(prompt.plugin) == at);
    own.map(|prompt| (prompt.name.as_str(), prompt.entry.get())).collect()
}

fn marks(before: &Entries<'_>, after: &Entries<'_>) -> String {
    let new = after.keys().filter(|name| !before.contains_key(*name)).map(|name| format!("+{name}"));
    let gone = before.keys().filter(|name| !after.contains_key(*name)).map(|name| format!("-{name}"));
    let differs = |name: &str, entry: &str| before.get(name).is_some_and(|other| *other != entry);
    let changed =
        after.iter().filter(|(name, entry)| differs(name, entry)).map(|(name, _)| format!("~{name}"));
    new.chain(gone).chain(changed).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_gone_and_changed_entries_are_marked() {
        let before = Entries::from([("a", "1"), ("b", "1"), ("c", "1")]);
        let after = Entries::from([("b", "1"), ("c", "2"), ("d", "1")]);
        assert_eq!(marks(&before, &after), "+d -a ~c");
        assert_eq!(marks(&before, &before), "");
    }
}

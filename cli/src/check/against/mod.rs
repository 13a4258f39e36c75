//! Finds what clients of an older contract notice when another one takes its place: `toolcell check --against`, and the
//! workbench of `toolcell dev`.
//!
//! Contracts are compared by what they mean. A type that takes more, or an option that is new, is no change; neither
//! are descriptions.

mod accept;
pub mod change;
mod contract;
mod provider;
mod tool;

use change::Change;

pub use contract::Contract;

/// Finds what clients of a plugin notice when another one takes its place, what breaks them first.
pub fn changes(old: &Contract, new: &Contract) -> Vec<Change> {
    let mut all = lists(&[old], &[new]);
    all.extend(provider::changes(old, new));
    sorted(all)
}

/// Finds what clients of a server notice, who see the tools and prompts of all plugins in one list.
pub fn changes_of_server(old: &[&Contract], new: &[&Contract]) -> Vec<Change> {
    let mut all = lists(old, new);
    for one in old {
        let gone = Contract { plugin: one.plugin.clone(), ..Contract::default() };
        let successor = new.iter().find(|other| other.plugin == one.plugin);
        all.extend(provider::changes(one, successor.copied().unwrap_or(&gone)));
    }
    sorted(all)
}

fn lists(old: &[&Contract], new: &[&Contract]) -> Vec<Change> {
    let tools = |all: &[&Contract]| all.iter().flat_map(|one| one.tools.clone()).collect::<Vec<_>>();
    let prompts = |all: &[&Contract]| all.iter().flat_map(|one| one.prompts.clone()).collect::<Vec<_>>();
    let mut all = tool::tools(&tools(old), &tools(new));
    all.extend(tool::prompts(&prompts(old), &prompts(new)));
    all
}

fn sorted(mut all: Vec<Change>) -> Vec<Change> {
    all.sort_by_key(|change| change.impact);
    all
}

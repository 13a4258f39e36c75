//! `toolcell check --against`: what clients of an older component notice when this one takes its place.
//!
//! Contracts are compared by what they mean. A type that takes more, or an option that is new, is no change; neither
//! are descriptions.

mod accept;
pub mod change;
mod provider;
mod tool;

use crate::plugin::load::Loaded;

use change::Change;

/// Finds what clients of `old` notice when `new` takes its place, what breaks them first.
pub fn changes(old: &Loaded, new: &Loaded) -> Vec<Change> {
    let mut all = tool::tools(&old.plugin, &new.plugin);
    all.extend(tool::prompts(&old.plugin, &new.plugin));
    all.extend(provider::changes(old, new));
    all.sort_by_key(|change| change.impact);
    all
}

//! Works out what a catalog offers of MCP: the capabilities to advertise, and so the methods that exist.

use crate::catalog::{Index, ItemList, ProviderRole};
use crate::protocol::{Feature, Features};

/// Returns the features of a catalog. Tools are always among them, even with an empty list.
pub(super) fn of(index: &Index) -> Features {
    let has_prompts = index.len(ItemList::Prompts) > 0;
    let offered = [
        (Feature::Tools, true),
        (Feature::Resources, index.offers(ProviderRole::ReadResource)),
        (Feature::Prompts, has_prompts || index.offers(ProviderRole::GetPrompt)),
        (Feature::Completions, index.root().has_choices || index.offers(ProviderRole::Complete)),
        (Feature::Logging, true),
    ];
    let offered = offered.into_iter().filter(|(_, is_offered)| *is_offered);
    offered.fold(Features::NONE, |features, (feature, _)| features.with(feature))
}

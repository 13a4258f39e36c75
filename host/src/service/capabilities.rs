//! Works out what a catalog offers of MCP: the capabilities to advertise, and so the methods that exist.

use crate::catalog::{Index, ProviderRole};
use crate::codec::Type;
use crate::protocol::{Feature, Features};

/// Returns the features of a catalog. Tools are always among them, even with an empty list.
pub(super) fn of(index: &Index) -> Features {
    let has = |role| index.providers(role).next().is_some();
    let prompts = &index.catalog().prompts;
    let completes = |ty: &Type| match ty {
        Type::Enum(_) => true,
        Type::Option(some) => matches!(**some, Type::Enum(_)),
        _ => false,
    };
    let has_choices =
        prompts.iter().flat_map(|prompt| &prompt.function.params).any(|param| completes(&param.ty));
    let offered = [
        (Feature::Tools, true),
        (Feature::Resources, has(ProviderRole::ReadResource)),
        (Feature::Prompts, !prompts.is_empty() || has(ProviderRole::GetPrompt)),
        (Feature::Completions, has_choices || has(ProviderRole::Complete)),
        (Feature::Logging, true),
    ];
    let offered = offered.into_iter().filter(|(_, is_offered)| *is_offered);
    offered.fold(Features::NONE, |features, (feature, _)| features.with(feature))
}

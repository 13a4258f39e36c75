//! Finds problems of a plugin as a whole, and functions that it does not offer.

use toolcell_host::catalog::{Export, ProviderRole};

use super::finding::Finding;
use crate::component::export::{Exported, name};
use crate::component::fingerprint::Runtime;
use crate::manifest::lint::Lint;
use crate::plugin::load::Loaded;

/// With more tools than this, three servers together exceed what model APIs take.
const TOOLS: usize = 40;

/// The interface that sends requests.
const OUTGOING_HTTP: &str = "wasi:http/outgoing-handler@";

pub(super) fn findings(loaded: &Loaded) -> Vec<Finding> {
    let (plugin, component) = (&loaded.plugin, &loaded.component);
    let is_packed = component.packed.is_some();
    let about = |lint, text: &str| Finding::new(lint, &plugin.name, text);
    let mut all = Vec::new();
    if plugin.tools.is_empty() && plugin.prompts.is_empty() && component.providers.is_empty() {
        all.push(about(Lint::NothingOffered, "offers nothing"));
    }
    let has_resources =
        component.providers.iter().any(|provider| provider.role == ProviderRole::ReadResource);
    if has_resources && is_packed && plugin.uris.is_empty() {
        all.push(about(Lint::AnyUri, "does not say which resources are its own"));
    }
    if !is_packed {
        all.push(about(Lint::NotPacked, "is not packed"));
    }
    if plugin.needs.http.is_empty() && sends_requests(loaded) {
        all.push(about(Lint::UndeclaredHttp, "imports wasi:http and declares no requests"));
    }
    if plugin.tools.len() > TOOLS {
        all.push(about(Lint::ManyTools, &format!("has {} tools", plugin.tools.len())));
    }
    // What a packed plugin's WIT does not have comes from the language runtime or from WASI.
    let is_mendable =
        |real: &&Exported| real.is_public() || !is_packed && !component.runtime.leaks(&real.export);
    let skipped = unpublished(loaded).filter(is_mendable);
    all.extend(skipped.map(|real| {
        let (text, remedy) = why(real);
        let finding = Finding::new(Lint::NotATool, name(&real.export), format!("is no tool: it {text}"));
        match remedy {
            Some(remedy) => finding.next(remedy),
            None => finding,
        }
    }));
    all
}

/// Tells whether its author meant it to send requests: some runtimes import the interface whether it is used or not.
fn sends_requests(loaded: &Loaded) -> bool {
    let is_http = |import: &String| import.starts_with(OUTGOING_HTTP);
    if !matches!(loaded.component.runtime, Runtime::StarlingMonkey | Runtime::CPython) {
        return loaded.component.imports.keys().any(is_http);
    }
    loaded.author_files.as_ref().is_some_and(|files| files.world.imports.keys().any(is_http))
}

/// Functions that the component exports and that become no tools, with the reason.
pub fn skipped(loaded: &Loaded) -> impl Iterator<Item = (String, String)> + '_ {
    unpublished(loaded).map(|real| {
        let text = match why(real) {
            (text, Some(remedy)) => format!("is no tool: it {text}; {remedy}"),
            (text, None) => format!("is no tool: it {text}"),
        };
        (name(&real.export), text)
    })
}

fn unpublished(loaded: &Loaded) -> impl Iterator<Item = &Exported> {
    let tools = loaded.plugin.tools.iter().map(|tool| &tool.export);
    let prompts = loaded.plugin.prompts.iter().map(|prompt| &prompt.export);
    let providers = loaded.component.providers.iter().map(|provider| &provider.export);
    let used: Vec<&Export> = tools.chain(prompts).chain(providers).collect();
    loaded.component.exports.iter().filter(move |real| !used.contains(&&real.export))
}

fn why(real: &Exported) -> (String, Option<&'static str>) {
    match &real.plan {
        Err(obstacle) => (obstacle.text(), Some(obstacle.remedy())),
        Ok(_) if real.is_public() => ("is not in what the plugin's WIT exports".into(), None),
        Ok(_) => ("belongs to the language runtime or to WASI".into(), None),
    }
}

//! Finds problems of a plugin as a whole, and functions that it does not offer.

use std::collections::BTreeMap;

use toolcell_host::catalog::{Export, HttpMethod, ProviderRole};

use super::finding::Finding;
use crate::component::export::{Exported, name};
use crate::component::fingerprint::Runtime;
use crate::manifest::lint::Lint;
use crate::plugin::load::Loaded;

/// With more tools than this, three servers together exceed what model APIs take.
const TOOLS: usize = 40;

/// The interface that sends requests.
const OUTGOING_HTTP: &str = "wasi:http/outgoing-handler@";

/// The interface with which a round tells the next one what it has done.
const MEMO: &str = "toolcell:plugin/memo@";

/// The interface with the key that is the same in all rounds of a call, and its function.
const CALL: &str = "toolcell:plugin/call@";
const KEY_OF_CALL: &str = "idempotency-key";

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
    if let Some(method) = unguarded(loaded) {
        let text = format!("asks, and sends {method} requests with neither a memo nor the key of the call");
        all.push(about(Lint::UnguardedRequest, &text));
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
    if !matches!(loaded.component.runtime, Runtime::StarlingMonkey | Runtime::CPython) {
        return has(&loaded.component.imports, OUTGOING_HTTP);
    }
    loaded.author_files.as_ref().is_some_and(|files| has(&files.world.imports, OUTGOING_HTTP))
}

/// Returns a method that is not idempotent, if the plugin asks and may send such requests, and has nothing that keeps the
/// next round from sending them again.
fn unguarded(loaded: &Loaded) -> Option<&str> {
    let imports = &loaded.component.imports;
    let has_key = imports.iter().any(|(import, functions)| {
        import.starts_with(CALL) && functions.iter().any(|function| function == KEY_OF_CALL)
    });
    if !loaded.component.asks() || !sends_requests(loaded) || has(imports, MEMO) || has_key {
        return None;
    }
    let mut methods = loaded.plugin.needs.http.values().flat_map(|need| &need.methods);
    methods.find(|method| !method.is_idempotent()).map(HttpMethod::as_str)
}

fn has(imports: &BTreeMap<String, Vec<String>>, interface: &str) -> bool {
    imports.keys().any(|import| import.starts_with(interface))
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

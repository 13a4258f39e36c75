//! Hints for clients: missing, contradictory, or more than a component can do.

use toolcell_host::mcp::ToolAnnotations;

use super::finding::Finding;
use crate::component::Component;
use crate::manifest::lint::Lint;
use crate::plugin::load::Loaded;

pub(super) fn findings(loaded: &Loaded) -> Vec<Finding> {
    let reaches_out = reaches_out(&loaded.component);
    let mut all = Vec::new();
    for tool in &loaded.plugin.tools {
        let hints = tool.annotations;
        let missing = missing(hints);
        if !missing.is_empty() {
            let text = match hints == ToolAnnotations::default() {
                true => "has no annotations".to_string(),
                false => format!("does not say {}", missing.join(", ")),
            };
            all.push(Finding::new(Lint::MissingAnnotations, &tool.name, text));
        }
        if hints.is_read_only() && hints.may_destroy() {
            let text =
                "says that it changes nothing (`read-only-hint`) and that it destroys (`destructive-hint`)";
            all.push(Finding::new(Lint::ContradictoryAnnotations, &tool.name, text));
        }
        if hints.is_read_only() && hints.may_change_more() {
            let text = "says that it changes nothing (`read-only-hint`) and changes more if called twice (`idempotent-hint`)";
            all.push(Finding::new(Lint::ContradictoryAnnotations, &tool.name, text));
        }
        if hints.open_world == Some(true) && !reaches_out {
            let text = "says that it talks to the outside (`open-world-hint`), and imports nothing to do so";
            all.push(Finding::new(Lint::NeedlessOpenWorld, &tool.name, text));
        }
    }
    all
}

/// The hints that a client would take for the worst. What a tool that changes nothing changes needs no saying.
fn missing(hints: ToolAnnotations) -> Vec<&'static str> {
    let changes = !hints.is_read_only();
    let table = [
        ("`read-only-hint`", hints.read_only.is_none()),
        ("`destructive-hint`", hints.destructive.is_none() && changes),
        ("`idempotent-hint`", hints.idempotent.is_none() && changes),
        ("`open-world-hint`", hints.open_world.is_none()),
    ];
    table.into_iter().filter(|(_, is_missing)| *is_missing).map(|(name, _)| name).collect()
}

/// Tells whether a component has a way out, meant or not: the network, or a question to the client's model.
fn reaches_out(component: &Component) -> bool {
    let is_network =
        |import: &String| import.starts_with("wasi:http/") || import.starts_with("wasi:sockets/");
    component.asks() || component.imports.keys().any(is_network)
}

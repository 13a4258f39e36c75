//! `toolcell build`: makes the plugins of a `toolcell.toml` and compiles them into a bundle.

use super::{issuer_keys, summary};
use crate::bundle::build::{self, BuildRequest, Summary};
use crate::bundle::lock_file;
use crate::config;
use crate::ui::exit::Exit;
use crate::ui::format::Format;
use crate::ui::problem::Result;
use crate::ui::terminal::{Style, Terminal, size};

/// Selects the keys of authorization servers that a bundle holds.
#[derive(Clone, Copy, Debug)]
pub enum IssuerKeys<'a> {
    /// Those of now, also from these ports of this machine.
    Fetched(&'a [u16]),
    /// None: the first request fetches them.
    LeftOut,
}

/// Builds a bundle, and prints what it holds.
///
/// # Errors
/// As [`build::build`]; keys cannot be fetched.
pub fn run(
    request: &BuildRequest<'_>,
    keys: IssuerKeys<'_>,
    format: Format,
    terminal: &Terminal,
) -> Result<Exit> {
    let mut config = config::read(request.config)?;
    if let IssuerKeys::Fetched(loopback) = keys {
        issuer_keys::fetch(&mut config, loopback)?;
    }
    let summary = build::build_of(request, &config)?;
    for plugin in &summary.plugins {
        plugin
            .warnings
            .iter()
            .for_each(|warning| terminal.warning(format!("plugin `{}`: {warning}", plugin.name)));
    }
    let lock = lock_file(request.config);
    for change in summary.changes.iter().filter_map(|change| change.lines().next()) {
        terminal.note(format!("{}: {change}", lock.display()));
    }
    match format {
        Format::Json => terminal.print(serde_json::to_string(&summary).expect("a summary is JSON")),
        Format::Text => print_summary(&summary, terminal),
    }
    Ok(Exit::Done)
}

fn print_summary(summary: &Summary, terminal: &Terminal) {
    for plugin in &summary.plugins {
        let origin = if plugin.cached { "from cache" } else { "compiled" };
        terminal.print(format!(
            "{}  {origin}, {} of machine code; serves {}",
            terminal.style(Style::Strong, &plugin.name),
            size(plugin.code_bytes),
            summary::items(&plugin.tools, &plugin.prompts, &plugin.offers)
        ));
    }
    let out = terminal.style(Style::Good, summary.out.display().to_string());
    terminal.print(format!("{out} for {}, {}", summary.engine.target, summary.engine.cpu));
}

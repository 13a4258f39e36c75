//! Says where a server listens and what it serves.

use std::io::IsTerminal as _;

use tokio::net::TcpListener;
use toolcell_host::catalog::{Catalog, Contents, ItemList};
use toolcell_host::service::Service;

use crate::component::provider;
use crate::ui::terminal::{Style, Terminal, counted};

/// Says where to connect; the first line is what scripts wait for.
pub(crate) fn start(listener: &TcpListener, service: &Service, terminal: &Terminal) {
    let address = listener.local_addr().map(|address| address.to_string()).unwrap_or_default();
    serving(&format!("at http://{address}{}", service.mcp_path()), service, terminal);
    let index = service.index();
    if let Some(oauth) = &index.root().auth.oauth {
        let issuers: Vec<_> = oauth.issuers.values().map(|issuer| issuer.issuer.as_str()).collect();
        terminal.note(format!("callers need an access token of {}", issuers.join(" or ")));
    }
    if index.root().auth.bearer.is_some() {
        terminal.note("callers need a token: `toolcell token NAME` makes one");
    }
}

/// Says what is served to the client of the pipes; to a person, also what to do.
pub(crate) fn start_on_pipes(service: &Service, terminal: &Terminal) {
    serving("on standard input and output", service, terminal);
    if std::io::stdin().is_terminal() {
        terminal.note("an MCP client starts this command and sends messages, one a line; stop with Ctrl-D");
    }
}

/// Says what is served, and where.
fn serving(place: &str, service: &Service, terminal: &Terminal) {
    let index = service.index();
    let tools = counted(index.len(ItemList::Tools), "tool");
    let plugins = counted(index.plugin_count(), "plugin");
    terminal.note(format!("serving {tools} of {plugins} {place}"));
    // A catalog that is served can be read.
    if let Ok(Contents { catalog, .. }) = index.contents() {
        also(&catalog, terminal);
        for (at, plugin) in catalog.plugins.iter().enumerate() {
            let name = terminal.style_note(Style::Strong, &plugin.name);
            terminal.note(format!("  {name}: {}", parts(&catalog, at).join(", ")));
        }
    }
}

/// Says what is served beside tools, if anything is.
pub(crate) fn also(catalog: &Catalog, terminal: &Terminal) {
    let others = others(catalog);
    if !others.is_empty() {
        terminal.note(format!("also {}", others.join(", ")));
    }
}

/// Counts what is served beside tools.
fn others(catalog: &Catalog) -> Vec<String> {
    let mut all = Vec::new();
    if !catalog.prompts.is_empty() {
        all.push(counted(catalog.prompts.len(), "prompt"));
    }
    let interfaces = provider::interfaces(catalog.providers.iter().map(|provider| provider.role));
    for interface in interfaces {
        let of_it = catalog.providers.iter().filter(|provider| provider.role.function().0 == interface);
        let mut plugins: Vec<usize> = of_it.map(|provider| provider.plugin).collect();
        plugins.dedup();
        all.push(format!("{interface} of {}", counted(plugins.len(), "plugin")));
    }
    all
}

/// Lists the items of one plugin by name.
fn parts(catalog: &Catalog, at: usize) -> Vec<String> {
    let tools = catalog.tools.iter().filter(|tool| tool.plugin == at).map(|tool| tool.name.clone());
    let prompts = catalog.prompts.iter().filter(|prompt| prompt.plugin == at);
    let prompts = prompts.map(|prompt| format!("prompt {}", prompt.name));
    let roles = catalog.providers.iter().filter(|one| one.plugin == at).map(|one| one.role);
    tools.chain(prompts).chain(provider::interfaces(roles).into_iter().map(str::to_string)).collect()
}

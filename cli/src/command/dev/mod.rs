//! `toolcell dev`: serves, watches, builds again what has changed, and puts it in the place of what was served.
//!
//! ```text
//! file system ─> watch ─> sources (changed?) ─> plugin_builder ─> versions (do they fit?) ─> service ─> edge
//!                         └────── build_loop: one thread ──────┴──────── session ─────────┘
//! ```
//!
//! Whatever fails leaves what is served as it was: the last good build of a plugin, the last good configuration. A
//! request stays with the service that it began with, so a client sees one state or the other, never a mixture.

mod build_loop;
mod list_changes;
mod plugin_builder;
mod session;
mod sources;
mod status;
mod versions;
mod watch;
mod workbench;

use std::path::Path;
use std::sync::Arc;
use std::thread;

use crate::bundle::open;
use crate::server::{self, Endpoint, announce, edge};
use crate::ui::exit::Exit;
use crate::ui::problem::{Problem, Result};
use crate::ui::terminal::Terminal;

use build_loop::BuildLoop;
use plugin_builder::{PluginBuilder, ServiceSettings};
use session::Session;
use workbench::{Feed, Inventory, Workbench};

/// Serves the plugins of `config` at `endpoint`, each as its source is now, until the process is asked to stop.
///
/// # Errors
/// The configuration as a whole, the endpoint or this machine is refused.
pub(crate) fn run(
    config: &Path,
    endpoint: Endpoint,
    loopback: &[u16],
    log_level: tracing::Level,
    terminal: &Terminal,
) -> Result<Exit> {
    let (feed, inventory) = (Feed::new(), Inventory::new(open::base(config)));
    feed.start_log(log_level);
    let (runtime, address) = (server::runtime()?, endpoint.address());
    let listener = runtime.block_on(edge::bind(address)).map_err(|error| server::busy(address, &error))?;
    let keyring = Arc::new(runtime.block_on(server::keyring())?);
    let settings = ServiceSettings { endpoint, keyring, loopback: loopback.to_vec() };
    let builder = PluginBuilder::new(config.to_path_buf(), settings, runtime.handle().clone())?;
    let (session, start) = Session::open(config, builder, inventory.clone())?;
    let services = session.services();
    let build_loop = BuildLoop::new(session, Terminal::new(), feed.clone())?;
    // The page can start whatever the plugins may do, so it is for this machine alone.
    let is_loopback = listener.local_addr().is_ok_and(|address| address.ip().is_loopback());
    let pages = is_loopback.then(|| Workbench::new(feed, inventory).map(Workbench::pages)).transpose()?;
    announce::start(&listener, &services.borrow(), terminal);
    if let (Some(_), Ok(address)) = (&pages, listener.local_addr()) {
        terminal.note(format!("workbench at http://{address}{}", workbench::PATH));
    }
    terminal.note("watching the source of every plugin; stop with Ctrl-C");
    let builder = thread::Builder::new().name("toolcell-dev".to_owned());
    builder.spawn(move || build_loop.work(&start)).map_err(|error| {
        Problem::internal("toolcell dev", "cannot start the thread that builds").found(error.to_string())
    })?;
    let current = edge::Current::from(services).with_pages(pages);
    Ok(server::until_stopped(runtime, listener, current, terminal))
}

//! `toolcell dev`: serves, watches, builds again what has changed, and puts it in the place of what was served.
//!
//! ```text
//! file system ─> watch ─> sources (changed?) ─> plugin_builder ─> versions (do they fit?) ─> service ─> edge
//!                         └────── build_loop: one thread ──────┴──────── session ─────────┘
//! ```
//!
//! Whatever fails leaves what is served as it was: the last good build of a plugin, the last good configuration. A
//! request stays with the service that it began with, so a client sees one state or the other, never a mixture.

mod baseline;
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

use toolcell_host::public_key::PublicKey;

use crate::bundle::open;
use crate::server::{self, Endpoint, announce, edge};
use crate::ui::exit::Exit;
use crate::ui::problem::{Problem, Result};
use crate::ui::terminal::Terminal;

use baseline::Baseline;
use build_loop::BuildLoop;
use plugin_builder::{PluginBuilder, ServiceSettings};
use session::Session;
use workbench::{Feed, Inventory, Workbench};

pub(crate) use baseline::Released;

/// Says what to serve, where, and what to compare it with.
#[derive(Debug)]
pub(crate) struct DevRequest<'a> {
    pub(crate) config: &'a Path,
    pub(crate) endpoint: Endpoint,
    /// Ports of this machine that plugins may reach.
    pub(crate) loopback: &'a [u16],
    pub(crate) log_level: tracing::Level,
    /// The release that the workbench compares the contract with.
    pub(crate) released: Option<&'a Released>,
    /// Keys that are trusted in addition to those of the configuration.
    pub(crate) public: &'a [PublicKey],
}

/// Serves the plugins of a configuration, each as its source is now, until the process is asked to stop.
///
/// # Errors
/// The configuration as a whole, the endpoint, the release or this machine is refused.
pub(crate) fn run(request: &DevRequest<'_>, terminal: &Terminal) -> Result<Exit> {
    let &DevRequest { config, endpoint, loopback, log_level, released, public } = request;
    let baseline = Baseline::read(released, config, public)?;
    let compared = released.map(|_| format!("comparing the contract with {baseline}"));
    let (feed, inventory) = (Feed::new(), Inventory::new(open::base(config), baseline));
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
        compared.into_iter().for_each(|text| terminal.note(text));
    }
    terminal.note("watching the source of every plugin; stop with Ctrl-C");
    let builder = thread::Builder::new().name("toolcell-dev".to_owned());
    builder.spawn(move || build_loop.work(&start)).map_err(|error| {
        Problem::internal("toolcell dev", "cannot start the thread that builds").found(error.to_string())
    })?;
    let current = edge::Current::from(services).with_pages(pages);
    Ok(server::until_stopped(runtime, listener, current, terminal))
}

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

use std::path::Path;
use std::sync::Arc;
use std::thread;

use crate::server::{self, Endpoint, announce, edge};
use crate::ui::exit::Exit;
use crate::ui::problem::{Problem, Result};
use crate::ui::terminal::Terminal;

use build_loop::BuildLoop;
use plugin_builder::{PluginBuilder, ServiceSettings};
use session::Session;

/// Serves the plugins of `config` at `endpoint`, each as its source is now, until the process is asked to stop.
///
/// # Errors
/// The configuration as a whole, the endpoint or this machine is refused.
pub(crate) fn run(config: &Path, endpoint: Endpoint, loopback: &[u16], terminal: &Terminal) -> Result<Exit> {
    let (runtime, address) = (server::runtime()?, endpoint.address());
    let listener = runtime.block_on(edge::bind(address)).map_err(|error| server::busy(address, &error))?;
    let keyring = Arc::new(runtime.block_on(server::keyring())?);
    let settings = ServiceSettings { endpoint, keyring, loopback: loopback.to_vec() };
    let builder = PluginBuilder::new(config.to_path_buf(), settings, runtime.handle().clone())?;
    let (session, start) = Session::open(config, builder)?;
    let services = session.services();
    let build_loop = BuildLoop::new(session, Terminal::new())?;
    announce::start(&listener, &services.borrow(), terminal);
    terminal.note("watching the source of every plugin; stop with Ctrl-C");
    let builder = thread::Builder::new().name("toolcell-dev".to_owned());
    builder.spawn(move || build_loop.work(&start)).map_err(|error| {
        Problem::internal("toolcell dev", "cannot start the thread that builds").found(error.to_string())
    })?;
    Ok(server::until_stopped(runtime, listener, services, terminal))
}

//! `toolcell serve`: serves a configuration or a bundle on a local port.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::bundle::load_errors;
use crate::bundle::open::{self, Source};
use crate::server::{self, announce, edge};
use crate::ui::exit::Exit;
use crate::ui::problem::Result;
use crate::ui::progress::Progress;
use crate::ui::terminal::Terminal;

/// Serves `source` at `address` until the process is asked to stop.
///
/// # Errors
/// The configuration, a plugin or the address is refused.
pub fn run(
    source: &Source,
    address: SocketAddr,
    progress: &dyn Progress,
    terminal: &Terminal,
) -> Result<Exit> {
    let runner = open::runner(source, progress)?;
    load_errors::refuse(&runner, source)?;
    let runtime = server::runtime()?;
    let keyring = Arc::new(runtime.block_on(server::keyring())?);
    let service = runtime.block_on(server::service(runner, server::exposure(address), keyring))?;
    let listener = runtime.block_on(edge::bind(address)).map_err(|error| server::busy(address, &error))?;
    announce::start(&listener, &service, terminal);
    terminal.note("stop with Ctrl-C");
    Ok(server::until_stopped(runtime, listener, Arc::new(service), terminal))
}

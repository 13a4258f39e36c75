//! `toolcell serve`: serves a configuration or a bundle on a local port.

use std::sync::Arc;

use crate::bundle::load_errors;
use crate::bundle::open::{self, Source};
use crate::server::{self, Endpoint, announce, edge};
use crate::ui::exit::Exit;
use crate::ui::problem::Result;
use crate::ui::progress::Progress;
use crate::ui::terminal::Terminal;

/// Serves `source` at `endpoint` until the process is asked to stop.
///
/// # Errors
/// The configuration, a plugin or the endpoint is refused.
pub(crate) fn run(
    source: &Source,
    endpoint: Endpoint,
    progress: &dyn Progress,
    terminal: &Terminal,
) -> Result<Exit> {
    let runner = open::runner(source, progress)?;
    load_errors::refuse(&runner, source)?;
    let runtime = server::runtime()?;
    let keyring = Arc::new(runtime.block_on(server::keyring())?);
    let service = runtime.block_on(server::service(runner, endpoint, keyring))?;
    let address = endpoint.address();
    let listener = runtime.block_on(edge::bind(address)).map_err(|error| server::busy(address, &error))?;
    announce::start(&listener, &service, terminal);
    terminal.note("stop with Ctrl-C");
    Ok(server::until_stopped(runtime, listener, Arc::new(service), terminal))
}

//! `toolcell dev`: serves, watches, builds again what has changed, and puts it in the place of what was served.
//!
//! ```text
//! file system ─> watch ─> bench (has anything changed?) ─> make ─> shelf (does it fit?) ─> service ─> edge
//!                         └──────────── workshop: one thread ────┴────── stage ──────┘
//! ```
//!
//! Whatever fails leaves what is served as it was: the last good build of a plugin, the last good configuration. A
//! request stays with the service that it began with, so a client sees one state or the other, never a mixture.

mod bench;
mod board;
mod listed;
mod maker;
mod shelf;
mod stage;
mod watch;
mod workshop;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use crate::serve::{self, edge};
use crate::ui::exit::Exit;
use crate::ui::problem::{Problem, Result};
use crate::ui::terminal::Terminal;

use maker::Maker;
use stage::Stage;
use workshop::Workshop;

/// Serves the plugins of `config` at `address`, each as its source is now, until the process is asked to stop.
///
/// # Errors
/// The configuration as a whole, the address or this machine is refused.
pub fn run(config: &Path, address: SocketAddr, terminal: &Terminal) -> Result<Exit> {
    let runtime = serve::runtime()?;
    let listener = runtime.block_on(edge::bind(address)).map_err(|error| serve::busy(address, &error))?;
    let keyring = Arc::new(runtime.block_on(serve::keyring())?);
    let exposure = serve::exposure(address);
    let maker = Maker::new(config.to_path_buf(), exposure, keyring, runtime.handle().clone())?;
    let (stage, start) = Stage::open(config, maker)?;
    let services = stage.services();
    let workshop = Workshop::new(stage, Terminal::new())?;
    serve::announce(&listener, &services.borrow(), terminal);
    terminal.note("watching the source of every plugin; stop with Ctrl-C");
    let builder = thread::Builder::new().name("toolcell-dev".to_owned());
    builder.spawn(move || workshop.work(&start)).map_err(|error| {
        Problem::internal("toolcell dev", "cannot start the thread that builds").found(error.to_string())
    })?;
    Ok(runtime.block_on(serve::until_stopped(listener, services, terminal)))
}

//! Calls a server over HTTP, without Lambda.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use measure::connection::Connection;

use crate::run::{Asked, Endpoint};

/// The longest time that a contender may take until it listens.
const PATIENCE: Duration = Duration::from_secs(30);

/// The pause between two attempts to connect.
const PAUSE: Duration = Duration::from_millis(1);

/// A server and one connection to it.
pub(crate) struct Web {
    address: SocketAddr,
    request: Vec<u8>,
    connection: Option<Connection>,
}

impl Web {
    /// Prepares to send `request` to the server at `address`.
    pub(crate) fn new(address: SocketAddr, request: Vec<u8>) -> Self {
        Web { address, request, connection: None }
    }
}

impl Endpoint for Web {
    fn ready(&mut self) -> anyhow::Result<()> {
        let start = Instant::now();
        while self.connection.is_none() {
            ensure!(start.elapsed() < PATIENCE, "nothing listens on {} after {PATIENCE:?}", self.address);
            self.connection = Connection::open(self.address).ok();
            if self.connection.is_none() {
                std::thread::sleep(PAUSE);
            }
        }
        Ok(())
    }

    fn ask(&mut self) -> anyhow::Result<Asked> {
        let connection = self.connection.as_mut().context("not connected")?;
        let sent = Instant::now();
        connection.send(&self.request)?;
        let answer = connection.receive()?;
        Ok(Asked { sent, answered: Instant::now(), answer })
    }
}

//! A server under attack, with the neighbour beside the attacks.

use toolcell_tests::{Edge, Server};

use crate::count;
use crate::neighbour::{self, Neighbour};

/// Words that no client may read: from the server's paths and crates, and from what guests say when they crash.
const INTERNALS: [&str; 8] =
    ["wasmtime", "cranelift", ".rs:", "0x", "backtrace", "panicked at", "a secret", "/rustc/"];

/// A server, its neighbour, and what went wrong so far.
#[derive(Debug)]
pub(crate) struct Scene {
    server: Server,
    neighbour: Neighbour,
    attacks: usize,
    wrong: Vec<String>,
}

/// Tells whether a client could read something of the server's inside.
pub(crate) fn tells_internals(text: &str) -> bool {
    INTERNALS.iter().any(|internal| text.contains(internal))
}

impl Scene {
    /// Serves a configuration and the neighbour's plugin.
    pub(crate) fn start(config: &str) -> Self {
        // `config` may begin with tables of its own, which must stand before those of the plugins.
        let server = Server::start(&format!("{config}\n{}", neighbour::config()));
        let neighbour = Neighbour::start(server.address());
        Self { server, neighbour, attacks: 0, wrong: Vec::new() }
    }

    /// Returns a function that tells how many calls of the neighbour were answered so far.
    pub(crate) fn neighbour(&self) -> impl Fn() -> usize + use<> {
        self.neighbour.answers()
    }

    /// Runs something that is no attack.
    pub(crate) fn prepare(&mut self, prepare: impl FnOnce(&Server)) {
        prepare(&self.server);
    }

    /// Runs an attack, which tells what its client saw wrongly, and waits for the neighbour.
    ///
    /// # Panics
    /// Panics if the neighbour suffers.
    pub(crate) fn attack(&mut self, name: &str, attack: impl FnOnce(&Server) -> Result<(), String>) {
        let outcome = attack(&self.server);
        self.wrong.extend(outcome.err().map(|wrong| format!("{name}: {wrong}")));
        self.neighbour.goes_on_after(name);
        self.attacks += 1;
    }

    /// Ends the attacks and prints their number.
    ///
    /// # Panics
    /// Panics if a client saw anything else than expected, the neighbour was answered wrongly, or a process ended.
    pub(crate) fn end(self, area: &str) {
        self.neighbour.stop();
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n"));
        if Edge::chosen() == Edge::Lambda {
            let environments = self.server.lambda().environments();
            assert!(environments.iter().all(|one| one.starts == 1 && one.pid.is_some()), "{environments:?}");
        }
        count::print(self.attacks, area);
    }
}

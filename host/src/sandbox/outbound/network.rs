//! Holds what all plugins of a process share to reach other hosts.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::tape::Tape;
use crate::catalog;
use crate::clock::Clock;
use crate::net::{CaBundle, NetworkSettings, Outbound};
use crate::sandbox::slots::{Sharing, Slots};

/// The most requests of all plugins at a time; each has a connection, and files are few. A plugin has
/// as many as are free, so half if it is alone.
const AT_ONCE: u32 = 128;

/// How plugins reach other hosts; one for each process. Does nothing until a plugin with a rule is loaded.
#[derive(Debug, Default)]
pub struct Network {
    settings: catalog::Network,
    /// The directory with the certificates.
    bundle: PathBuf,
    loopback_ports: Vec<u16>,
    tape: Option<Arc<Tape>>,
    shared: OnceLock<Shared>,
}

/// The reason why no plugin can reach any host. For the operator.
#[derive(Debug, thiserror::Error)]
#[error("the certificates of [network] ca-bundle, {} in the bundle, cannot be used: {reason}", file.display())]
pub struct NetworkError {
    /// The file.
    file: PathBuf,
    /// The system's error, or the mistake in the file.
    reason: String,
}

/// What requests take from the process.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    pub(super) outbound: Arc<Outbound>,
    /// A slot for each request, shared by plugin.
    pub(super) slots: Slots,
    /// The exchanges that take the place of the network.
    pub(super) tape: Option<Arc<Tape>>,
}

impl Network {
    /// Keeps the settings of a package, whose bundle is at `bundle`.
    pub fn new(settings: Option<&catalog::Network>, bundle: &Path) -> Self {
        let settings = settings.cloned().unwrap_or_default();
        Self { settings, bundle: bundle.to_owned(), ..Self::default() }
    }

    /// Lets requests reach these ports of this machine. For developers alone.
    #[must_use]
    pub fn with_loopback(self, loopback_ports: Vec<u16>) -> Self {
        Self { loopback_ports, ..self }
    }

    /// Puts the exchanges of a golden case in the place of the network.
    #[must_use]
    pub fn with_tape(self, tape: Arc<Tape>) -> Self {
        Self { tape: Some(tape), ..self }
    }

    /// Returns what requests take from the process; reads the certificates at the first time.
    ///
    /// # Errors
    ///
    /// The certificates cannot be read.
    pub(super) fn shared(&self) -> Result<Shared, NetworkError> {
        if let Some(shared) = self.shared.get() {
            return Ok(shared.clone());
        }
        let settings = NetworkSettings {
            resolver: self.settings.resolver,
            ca_bundle: self.ca_bundle()?,
            loopback_ports: self.loopback_ports.clone(),
        };
        let outbound = Arc::new(Outbound::new(settings, Clock::system()));
        let slots = Slots::new(AT_ONCE, Sharing::Fair);
        let shared = Shared { outbound, slots, tape: self.tape.clone() };
        Ok(self.shared.get_or_init(|| shared).clone())
    }

    /// Returns what sends requests, for the server itself.
    ///
    /// # Errors
    ///
    /// The certificates cannot be read.
    pub fn outbound(&self) -> Result<Arc<Outbound>, NetworkError> {
        Ok(self.shared()?.outbound)
    }

    /// Reads the certificates that requests trust besides the compiled-in ones.
    ///
    /// # Errors
    ///
    /// They cannot be read.
    pub(super) fn ca_bundle(&self) -> Result<Option<CaBundle>, NetworkError> {
        let Some(file) = self.settings.ca_bundle_file() else { return Ok(None) };
        let file = self.bundle.join(file);
        let pem = std::fs::read(&file).map_err(|error| error.to_string());
        let read = pem.and_then(|pem| CaBundle::read(&pem).map_err(|error| error.to_string()));
        read.map(Some).map_err(|reason| NetworkError { file, reason })
    }
}

//! Records what a guest asked for and was not granted.
//!
//! The guest gets the interface's own error and may handle it. The operator finds the denial in the log. If
//! the call then fails, its client is told of the denial instead of the guest's own message.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::attribution::Attribution;

/// The missing grant of every socket.
pub(super) const NO_SOCKETS: &str = "none: sockets cannot be granted; use wasi:http";

/// The most lines of each kind that the log has about one call.
pub(super) const MAX_LINES: usize = 16;

/// An access that a guest was denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// The interface that the guest called.
    pub interface: &'static str,
    /// The grant in `toolcell.toml` that would allow it, or the reason why none can.
    pub grant: Cow<'static, str>,
    /// The host of the request, escaped and cut.
    pub host: Option<Box<str>>,
}

impl Denial {
    /// Makes the denial of an interface that reaches no host.
    pub(super) const fn new(interface: &'static str, grant: &'static str) -> Self {
        Self { interface, grant: Cow::Borrowed(grant), host: None }
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "access was denied: {}", self.interface)
    }
}

#[derive(Default)]
struct Met {
    denials: Vec<Denial>,
    failures: usize,
    repetitions: usize,
    repeated_secrets: usize,
}

/// Records the denials of one call; host functions without access to the store hold a clone.
#[derive(Clone)]
pub(super) struct Denials {
    attribution: Arc<Attribution>,
    /// The denials, each once, in order; and the number of what else went into the log.
    met: Arc<Mutex<Met>>,
}

impl Denials {
    pub(super) fn new(attribution: Arc<Attribution>) -> Self {
        Self { attribution, met: Arc::default() }
    }

    /// Returns the name of the plugin.
    pub(super) fn plugin(&self) -> &str {
        &self.attribution.plugin
    }

    /// Records a denial and logs it, the first time in a call.
    pub(super) fn note(&self, denial: Denial) {
        let mut met = self.lock();
        if met.denials.len() >= MAX_LINES || met.denials.contains(&denial) {
            return;
        }
        met.denials.push(denial.clone());
        drop(met);
        let Attribution { plugin, tool, request } = &*self.attribution;
        let Denial { interface, grant, host } = denial;
        tracing::warn!(plugin, tool, request, interface, host, missing_grant = &*grant, "access denied");
    }

    /// Logs why a request that was allowed has failed; `error` holds no data of the call.
    pub(super) fn failed(&self, interface: &'static str, host: &str, error: &dyn fmt::Display) {
        if !self.has_room(|met| &mut met.failures) {
            return;
        }
        let Attribution { plugin, tool, request } = &*self.attribution;
        tracing::warn!(plugin, tool, request, interface, host, %error, "a request failed");
    }

    /// Logs that the next round of the call sends a request again that is not idempotent.
    pub(super) fn sent_again(&self, interface: &'static str, host: &str, http_method: &str) {
        if !self.has_room(|met| &mut met.repetitions) {
            return;
        }
        let Attribution { plugin, tool, request } = &*self.attribution;
        tracing::warn!(
            plugin,
            tool,
            request,
            interface,
            host,
            http_method,
            "a request is sent again after the question: set a memo, or send the idempotency key"
        );
    }

    /// Logs that a response of `host` repeated the secret of its rule in a header, which was removed.
    pub(super) fn repeated_secret(&self, host: &str, header: &str) {
        if !self.has_room(|met| &mut met.repeated_secrets) {
            return;
        }
        let Attribution { plugin, tool, request } = &*self.attribution;
        tracing::warn!(plugin, tool, request, host, header, "a response repeats the secret of its request");
    }

    /// Returns the first denial of the call.
    pub(super) fn first(&self) -> Option<Denial> {
        self.lock().denials.first().cloned()
    }

    /// Counts a line of a kind, and tells whether the log has room for it.
    fn has_room(&self, count: impl FnOnce(&mut Met) -> &mut usize) -> bool {
        let mut met = self.lock();
        let count = count(&mut met);
        *count += 1;
        *count <= MAX_LINES
    }

    fn lock(&self) -> MutexGuard<'_, Met> {
        self.met.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

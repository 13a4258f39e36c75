//! Records what a guest asked for and was not granted.
//!
//! The guest gets the interface's own error and may handle it. The operator finds the denial in the log. If
//! the call then fails, its client is told of the denial instead of the guest's own message.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::attribution::Attribution;

/// The missing grant of every network interface, as long as outbound HTTP cannot be granted.
pub(super) const NO_NETWORK: &str = "none: outbound network access cannot be granted";

/// An access that a guest was denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Denial {
    /// The interface that the guest called.
    pub interface: &'static str,
    /// The grant in `toolcell.toml` that would allow it, or the reason why none can.
    pub grant: &'static str,
}

impl std::fmt::Display for Denial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "access was denied: {}", self.interface)
    }
}

/// Records the denials of one call; host functions without access to the store hold a clone.
#[derive(Clone)]
pub(super) struct Denials {
    attribution: Arc<Attribution>,
    /// The denials, each once, in order.
    met: Arc<Mutex<Vec<Denial>>>,
}

impl Denials {
    pub(super) fn new(attribution: Arc<Attribution>) -> Self {
        Self { attribution, met: Arc::default() }
    }

    /// Records a denial and logs it, the first time in a call.
    pub(super) fn note(&self, denial: Denial) {
        let mut met = self.lock();
        if met.contains(&denial) {
            return;
        }
        met.push(denial);
        drop(met);
        let Attribution { plugin, tool, request } = &*self.attribution;
        let Denial { interface, grant } = denial;
        tracing::warn!(plugin, tool, request, interface, missing_grant = grant, "access denied");
    }

    /// Returns the first denial of the call.
    pub(super) fn first(&self) -> Option<Denial> {
        self.lock().first().copied()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Denial>> {
        self.met.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

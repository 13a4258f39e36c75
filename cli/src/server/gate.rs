//! A server for tests of edges: it holds requests until the test lets them pass, and counts those that have come.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;
use toolcell_host::service::Service;
use toolcell_host::updater::NothingToServe;

/// Clones share the gate.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    come: Arc<AtomicUsize>,
    open: Arc<Semaphore>,
}

impl Gate {
    /// Makes a gate that is closed.
    pub(super) fn closed() -> Self {
        Self { come: Arc::default(), open: Arc::new(Semaphore::new(0)) }
    }

    /// Returns the number of requests that have come to the gate.
    pub(super) fn come(&self) -> usize {
        self.come.load(Ordering::SeqCst)
    }

    /// Lets so many requests pass.
    pub(super) fn pass(&self, requests: usize) {
        self.open.add_permits(requests);
    }

    /// Waits until the gate lets this request pass; there is nothing to serve behind it.
    pub(super) async fn passed(&self) -> Result<Arc<Service>, NothingToServe> {
        self.come.fetch_add(1, Ordering::SeqCst);
        self.open.acquire().await.expect("a gate that nobody closes for good").forget();
        Err(NothingToServe)
    }
}

//! The real server in this process, with threads of its own.

use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use tokio::runtime;
use tokio::sync::oneshot;
use toolcell_cli::serve::edge::{self, Ended};
use toolcell_host::auth::Anonymous;
use toolcell_host::call::Host;
use toolcell_host::gate::{Gate, Variables};
use toolcell_host::protocol::Exposure;
use toolcell_host::service::Service;

use crate::bundle::Bundle;
use crate::client::{Client, Revision};

/// Threads that run calls, as many as `toolcell serve` has.
const THREADS: usize = 2;

/// A running server; dropping it lets go of it without waiting.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<Ended>,
    _bundle: Option<Bundle>,
}

impl Server {
    /// Builds a configuration and serves it.
    ///
    /// # Panics
    /// The configuration is refused, or a plugin of it cannot be loaded.
    pub fn start(config: &str) -> Self {
        let bundle = Bundle::build(config);
        let host = bundle.open().unwrap_or_else(|problem| panic!("{problem}"));
        let refused: Vec<_> =
            host.load_all().into_iter().map(|(tool, why)| format!("{tool}: {why}")).collect();
        assert!(refused.is_empty(), "{refused:?}");
        Self { _bundle: Some(bundle), ..Self::serve(host) }
    }

    /// Serves what a bundle holds, good or bad.
    pub fn serve(host: Host) -> Self {
        let auth = &host.index().catalog().auth;
        let gate = Gate::open(auth, Anonymous::Allowed, &Variables::of_process());
        let gate = gate.expect("principals of the builder's making");
        let service = Service::new(host, Exposure::Loopback, gate).expect("a policy of the builder's making");
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = mpsc::channel();
        let thread = thread::spawn(move || run(Arc::new(service), &tell, stopped));
        let address = told.recv().expect("a loopback port");
        Self { address, stop, thread, _bundle: None }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A client that speaks `revision`.
    pub fn client(&self, revision: Revision) -> Client {
        Client::new(self.address, revision)
    }

    /// Stops it and waits for its end.
    ///
    /// # Panics
    /// The server panicked.
    pub fn stop(self) -> Ended {
        self.begin_stop().join().expect("the server does not panic")
    }

    /// Asks it to stop, and leaves the waiting to the caller.
    pub fn begin_stop(self) -> JoinHandle<Ended> {
        // A server that is gone already is seen by whoever joins.
        let _ = self.stop.send(());
        self.thread
    }
}

fn run(service: Arc<Service>, tell: &mpsc::Sender<SocketAddr>, stopped: oneshot::Receiver<()>) -> Ended {
    let runtime = runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build();
    let runtime = runtime.expect("threads for the server");
    let ended = runtime.block_on(async {
        let listener = edge::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a free port");
        tell.send(listener.local_addr().expect("a bound address")).expect("the test waits for it");
        let stop = async {
            // A test that ended without stopping its server stops it, too.
            let _ = stopped.await;
        };
        edge::run(listener, service, stop).await
    });
    runtime.shutdown_background();
    ended
}

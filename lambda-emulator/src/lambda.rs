//! Runs a deployed function, with its URL, its log and its environments.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::fleet::Fleet;
use crate::front::Front;
use crate::function::{Setup, StartError};
use crate::log::{Logs, Sink};

/// Threads of the emulator. The function does the work that takes time.
const THREADS: usize = 2;

/// The longest time in which running invocations let go of their processes and directories.
const SHUTDOWN_WAIT: Duration = Duration::from_secs(2);

/// The state of an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The process starts, or serves an invocation.
    Busy,
    /// The process waits for an invocation.
    Idle,
    /// The process waits for an invocation, and is stopped.
    Frozen,
    /// The process has ended; the next invocation starts another one.
    Down,
}

/// A snapshot of an execution environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Its number, from 1.
    pub number: usize,
    /// Its process, if one runs.
    pub pid: Option<u32>,
    /// Its state.
    pub phase: Phase,
    /// The number of processes that were started in it.
    pub starts: usize,
}

/// A running function. Dropping it ends its processes; it must not be dropped on a thread of an async runtime.
#[derive(Debug)]
pub struct Lambda {
    address: SocketAddr,
    logs: Logs,
    fleet: Arc<Fleet>,
    runtime: Option<Runtime>,
}

impl Lambda {
    pub(crate) fn start(setup: Setup, sink: Option<Sink>) -> Result<Self, StartError> {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(THREADS).thread_name("lambda").enable_all().build();
        let runtime = runtime.map_err(StartError::Threads)?;
        let refused = |source| StartError::Listen { address: setup.listen, source };
        let listener = runtime.block_on(TcpListener::bind(setup.listen)).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let logs = Logs::new(sink);
        let setup = Arc::new(setup);
        let fleet = Arc::new(Fleet::new(Arc::clone(&setup), logs.clone()));
        let front = Arc::new(Front::new(setup, Arc::clone(&fleet), address));
        runtime.spawn(front.serve(listener));
        Ok(Self { address, logs, fleet, runtime: Some(runtime) })
    }

    /// Returns the address on which the Function URL listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the Function URL, ending in a slash as on AWS.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Returns the function's log.
    pub fn logs(&self) -> Logs {
        self.logs.clone()
    }

    /// Returns a snapshot of every environment.
    pub fn environments(&self) -> Vec<Environment> {
        let seen = self.fleet.views().into_iter().map(|seen| {
            let bootstrap = seen.environment.bootstrap();
            let phase = match &bootstrap {
                _ if seen.busy > 0 => Phase::Busy,
                Some(bootstrap) if bootstrap.process.is_frozen() => Phase::Frozen,
                Some(_) => Phase::Idle,
                None => Phase::Down,
            };
            let pid = bootstrap.map(|bootstrap| bootstrap.process.pid());
            Environment { number: seen.environment.number, pid, phase, starts: seen.environment.starts() }
        });
        seen.collect()
    }

    /// Ends the environments that are idle, as AWS does after some minutes; returns how many.
    pub fn reclaim(&self) -> usize {
        self.fleet.reclaim()
    }

    /// Ends every process and stops listening.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Lambda {
    fn drop(&mut self) {
        self.fleet.close();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(SHUTDOWN_WAIT);
        }
    }
}

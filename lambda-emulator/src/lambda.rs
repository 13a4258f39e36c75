//! Runs a deployed function, with its URL, its log and its environments.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use crate::fleet::Fleet;
use crate::front::Front;
use crate::function::{Setup, StartError};
use crate::identifier;
use crate::invocation::{self, Invoker, Work};
use crate::log::{Logs, Sink};
use crate::reply::Reply;

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

/// The answer to a caller of `Invoke`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invoked {
    /// The payload, as the function posted it.
    Payload(Bytes),
    /// An error: its type and message, if the function reported them.
    FunctionError(Option<(String, String)>),
    /// No environment was free.
    Throttled,
}

/// A running function. Dropping it ends its processes; it must not be dropped on a thread of an async runtime.
#[derive(Debug)]
pub struct Lambda {
    address: SocketAddr,
    stage: Option<String>,
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
        let stage = setup.front_end.stage().map(str::to_owned);
        let setup = Arc::new(setup);
        let fleet = Arc::new(Fleet::new(Arc::clone(&setup), logs.clone()));
        let front = Arc::new(Front::new(setup, Arc::clone(&fleet), address));
        runtime.spawn(front.serve(listener));
        Ok(Self { address, stage, logs, fleet, runtime: Some(runtime) })
    }

    /// Returns the address on which the Function URL listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the URL of the front end, ending in a slash as on AWS.
    pub fn url(&self) -> String {
        format!(
            "http://{}{}/",
            self.address,
            self.stage.as_deref().map_or(String::new(), |stage| format!("/{stage}"))
        )
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

    /// Invokes the function past its front end, as `Invoke` does.
    ///
    /// # Panics
    /// Panics on a thread of an async runtime.
    pub fn invoke(&self, event: impl Into<Bytes>, client_context: Option<&str>) -> Invoked {
        let runtime = self.runtime.as_ref().expect("it ends with the function");
        let (event, by) = (event.into(), Invoker::Caller(client_context.map(str::to_owned)));
        let request_id = identifier::request();
        let trace = format!("Root={}", identifier::trace_root(std::time::SystemTime::now()));
        let replied = runtime.block_on(async {
            let lease = self.fleet.lease().await?;
            let (reply, replied) = oneshot::channel();
            tokio::spawn(invocation::run(lease, Work { request_id, event, trace, reply, by }));
            Some(replied.await.unwrap_or(Reply::Failed(None)))
        });
        match replied {
            None => Invoked::Throttled,
            Some(Reply::Raw(payload)) => Invoked::Payload(payload),
            Some(Reply::Failed(error)) => {
                Invoked::FunctionError(error.map(|error| (error.error_type, error.error_message)))
            }
            Some(Reply::Whole(_, body)) => Invoked::Payload(body),
            Some(Reply::Stream(..)) => Invoked::FunctionError(None),
        }
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

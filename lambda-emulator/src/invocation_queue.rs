//! Keeps the state behind one Runtime API: brings a process and its invocations together.
//!
//! Each request of the process for the next invocation is a waiter; an invocation goes to the first waiter and stays
//! open until it is answered. A queue lives as long as its process.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::HeaderMap;
use hyper::body::Incoming;
use tokio::sync::{oneshot, watch};

use crate::failure::FunctionError;

/// The event and the facts that `/invocation/next` returns.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) request_id: String,
    pub(crate) event: Bytes,
    pub(crate) deadline_ms: u64,
    pub(crate) function_arn: String,
    /// The trace; `None` on managed instances, where one process serves several traces.
    pub(crate) trace: Option<String>,
    /// The client context of a caller of `Invoke`.
    pub(crate) client_context: Option<String>,
}

/// The outcome of an invocation, as the process reports it.
#[derive(Debug)]
pub(crate) enum Outcome {
    Response(PostedResponse),
    Error(FunctionError),
}

/// A response whose head has come.
#[derive(Debug)]
pub(crate) struct PostedResponse {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Incoming,
    pub(crate) receipt: oneshot::Sender<Receipt>,
}

/// The verdict on a response that was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Receipt {
    Accepted,
    TooLarge,
}

/// A reason for which a request of the process is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The request names an unknown invocation.
    UnknownRequest,
    /// The process asks for the next invocation before it has answered, or answers twice.
    OutOfTurn,
}

/// The readiness of a process for invocations.
#[derive(Clone, Debug, Default)]
pub(crate) struct Readiness {
    /// The number of requests for an invocation that wait.
    pub(crate) waiting: usize,
    /// The process waits to be restored.
    pub(crate) restoring: bool,
    /// The error with which the process reported that it cannot start.
    pub(crate) failed: Option<FunctionError>,
}

/// The state behind one Runtime API.
#[derive(Debug)]
pub(crate) struct InvocationQueue {
    capacity: usize,
    state: Mutex<State>,
    readiness: watch::Sender<Readiness>,
    connections: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct State {
    waiters: VecDeque<oneshot::Sender<Arc<Invocation>>>,
    restore: Option<oneshot::Sender<()>>,
    open: HashMap<String, Option<oneshot::Sender<Outcome>>>,
}

impl InvocationQueue {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            state: Mutex::default(),
            readiness: watch::Sender::new(Readiness::default()),
            connections: watch::Sender::new(0),
        }
    }

    /// Waits for an invocation.
    pub(crate) async fn next(&self) -> Result<Arc<Invocation>, Refusal> {
        let (waiter, handed) = oneshot::channel();
        {
            let mut state = self.state();
            state.waiters.retain(|waiter| !waiter.is_closed());
            if state.open.len() + state.waiters.len() >= self.capacity {
                return Err(Refusal::OutOfTurn);
            }
            state.waiters.push_back(waiter);
            self.readiness.send_modify(|readiness| readiness.waiting = state.waiters.len());
        }
        handed.await.map_err(|_| Refusal::OutOfTurn)
    }

    /// Waits to be restored.
    pub(crate) async fn restored(&self) {
        let (restore, restored) = oneshot::channel();
        self.state().restore = Some(restore);
        self.readiness.send_modify(|readiness| readiness.restoring = true);
        // Without a restore the process waits forever, as it does in a snapshot.
        let _ = restored.await;
    }

    /// Continues a process that waits to be restored.
    pub(crate) fn restore(&self) {
        self.readiness.send_modify(|readiness| readiness.restoring = false);
        if let Some(restore) = self.state().restore.take() {
            let _ = restore.send(());
        }
    }

    /// Notes that the process cannot start.
    pub(crate) fn fail(&self, error: FunctionError) {
        self.readiness.send_modify(|readiness| readiness.failed = Some(error));
    }

    /// Sends an invocation to the first waiter, if there is one; returns the receiver of its outcome.
    pub(crate) fn dispatch(&self, invocation: &Arc<Invocation>) -> Option<oneshot::Receiver<Outcome>> {
        let mut state = self.state();
        let (told, outcome) = oneshot::channel();
        state.open.insert(invocation.request_id.clone(), Some(told));
        let mut handed = false;
        while let Some(waiter) = state.waiters.pop_front() {
            handed = waiter.send(Arc::clone(invocation)).is_ok();
            if handed {
                break;
            }
        }
        if !handed {
            state.open.remove(&invocation.request_id);
        }
        self.readiness.send_modify(|readiness| readiness.waiting = state.waiters.len());
        handed.then_some(outcome)
    }

    /// Takes the sender of an invocation's outcome, which is there once.
    pub(crate) fn take(&self, request_id: &str) -> Result<oneshot::Sender<Outcome>, Refusal> {
        let mut state = self.state();
        let place = state.open.get_mut(request_id).ok_or(Refusal::UnknownRequest)?;
        place.take().ok_or(Refusal::OutOfTurn)
    }

    /// Ends an invocation: the process may ask for the next one.
    pub(crate) fn close(&self, request_id: &str) {
        self.state().open.remove(request_id);
    }

    /// Waits until `wanted` holds.
    pub(crate) async fn until(&self, wanted: impl FnMut(&Readiness) -> bool) -> Readiness {
        let mut readiness = self.readiness.subscribe();
        let seen = readiness.wait_for(wanted).await.map(|seen| seen.clone());
        seen.expect("the queue holds the sender")
    }

    /// Counts a connection until the returned value is dropped.
    pub(crate) fn connected(self: &Arc<Self>) -> Connection {
        self.connections.send_modify(|connections| *connections += 1);
        Connection(Arc::clone(self))
    }

    /// Waits until the process has no connection any more, so that everything that it sent is read.
    pub(crate) async fn disconnected(&self) {
        let mut connections = self.connections.subscribe();
        // This queue owns the sender, so that waiting cannot fail.
        let _ = connections.wait_for(|connections| *connections == 0).await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection of the process.
#[derive(Debug)]
pub(crate) struct Connection(Arc<InvocationQueue>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.connections.send_modify(|connections| *connections -= 1);
    }
}

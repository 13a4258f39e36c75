//! Where a process and its invocations meet: the state behind one Runtime API.
//!
//! A process asks for the next invocation and waits in a seat; an invocation is handed to the first seat and stays
//! open until it is answered. A desk lives as long as its process.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::HeaderMap;
use hyper::body::Incoming;
use tokio::sync::{oneshot, watch};

use crate::failure::FunctionError;

/// What `/invocation/next` answers.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) request_id: String,
    pub(crate) event: Bytes,
    pub(crate) deadline_ms: u64,
    pub(crate) function_arn: String,
    /// Not given on managed instances, where one process serves several traces.
    pub(crate) trace: Option<String>,
}

/// What a process says of an invocation that it was handed.
#[derive(Debug)]
pub(crate) enum Step {
    Answer(Answer),
    Error(FunctionError),
}

/// An answer whose head has come.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Incoming,
    pub(crate) receipt: oneshot::Sender<Receipt>,
}

/// How an answer was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Receipt {
    Accepted,
    TooLarge,
}

/// Why a request of the process is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no such invocation.
    UnknownRequest,
    /// It asks for the next invocation, or answers again, before it has answered.
    OutOfTurn,
}

/// What whoever waits for a process wants to know.
#[derive(Clone, Debug, Default)]
pub(crate) struct Situation {
    /// Seats in which the process waits for an invocation.
    pub(crate) waiting: usize,
    /// It waits to be restored.
    pub(crate) restoring: bool,
    /// It reported that it cannot start.
    pub(crate) failed: Option<FunctionError>,
}

/// The state behind one Runtime API.
#[derive(Debug)]
pub(crate) struct Desk {
    capacity: usize,
    state: Mutex<State>,
    situation: watch::Sender<Situation>,
    connections: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct State {
    seats: VecDeque<oneshot::Sender<Arc<Invocation>>>,
    restore: Option<oneshot::Sender<()>>,
    open: HashMap<String, Option<oneshot::Sender<Step>>>,
}

impl Desk {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            state: Mutex::default(),
            situation: watch::Sender::new(Situation::default()),
            connections: watch::Sender::new(0),
        }
    }

    /// Takes a seat and waits for an invocation.
    pub(crate) async fn next(&self) -> Result<Arc<Invocation>, Refusal> {
        let (seat, handed) = oneshot::channel();
        {
            let mut state = self.state();
            state.seats.retain(|seat| !seat.is_closed());
            if state.open.len() + state.seats.len() >= self.capacity {
                return Err(Refusal::OutOfTurn);
            }
            state.seats.push_back(seat);
            self.situation.send_modify(|situation| situation.waiting = state.seats.len());
        }
        handed.await.map_err(|_| Refusal::OutOfTurn)
    }

    /// Waits to be restored.
    pub(crate) async fn restored(&self) {
        let (restore, restored) = oneshot::channel();
        self.state().restore = Some(restore);
        self.situation.send_modify(|situation| situation.restoring = true);
        // A restore that never comes leaves the process waiting, as a snapshot does.
        let _ = restored.await;
    }

    /// Lets a process that waits to be restored go on.
    pub(crate) fn restore(&self) {
        self.situation.send_modify(|situation| situation.restoring = false);
        if let Some(restore) = self.state().restore.take() {
            let _ = restore.send(());
        }
    }

    /// Notes that the process cannot start.
    pub(crate) fn fail(&self, error: FunctionError) {
        self.situation.send_modify(|situation| situation.failed = Some(error));
    }

    /// Hands an invocation to a waiting seat; the receiver gives what the process says of it.
    pub(crate) fn hand(&self, invocation: &Arc<Invocation>) -> Option<oneshot::Receiver<Step>> {
        let mut state = self.state();
        let (told, steps) = oneshot::channel();
        state.open.insert(invocation.request_id.clone(), Some(told));
        let mut handed = false;
        while let Some(seat) = state.seats.pop_front() {
            handed = seat.send(Arc::clone(invocation)).is_ok();
            if handed {
                break;
            }
        }
        if !handed {
            state.open.remove(&invocation.request_id);
        }
        self.situation.send_modify(|situation| situation.waiting = state.seats.len());
        handed.then_some(steps)
    }

    /// Takes the place in which an invocation is answered; it can be taken once.
    pub(crate) fn take(&self, request_id: &str) -> Result<oneshot::Sender<Step>, Refusal> {
        let mut state = self.state();
        let place = state.open.get_mut(request_id).ok_or(Refusal::UnknownRequest)?;
        place.take().ok_or(Refusal::OutOfTurn)
    }

    /// Ends an invocation: from now on the process may ask for the next one.
    pub(crate) fn close(&self, request_id: &str) {
        self.state().open.remove(request_id);
    }

    /// Resolves once `wanted` holds.
    pub(crate) async fn until(&self, wanted: impl FnMut(&Situation) -> bool) -> Situation {
        let mut situation = self.situation.subscribe();
        let seen = situation.wait_for(wanted).await.map(|seen| seen.clone());
        seen.expect("the desk holds the sender")
    }

    /// Counts a connection until what is returned is dropped.
    pub(crate) fn connected(self: &Arc<Self>) -> Connection {
        self.connections.send_modify(|connections| *connections += 1);
        Connection(Arc::clone(self))
    }

    /// Resolves when the process has no connection any more: everything that it sent was read.
    pub(crate) async fn disconnected(&self) {
        let mut connections = self.connections.subscribe();
        // The sender is this desk's own.
        let _ = connections.wait_for(|connections| *connections == 0).await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection of the process.
#[derive(Debug)]
pub(crate) struct Connection(Arc<Desk>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.connections.send_modify(|connections| *connections -= 1);
    }
}

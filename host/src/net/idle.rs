//! Keeps connections between requests.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};

use super::connection::Connection;
use super::origin::Origin;
use super::task;

/// The longest time that a connection is kept without a request. Servers and gateways close idle ones after some time,
/// S3 among them, and nobody is told in a process that is frozen: so it is the wall clock that counts for the next
/// request. A timer closes those that no request asks for.
const MAX_IDLE: Duration = Duration::from_secs(30);

/// The most connections that are kept.
const MAX_CONNECTIONS: usize = 8;

/// Connections that can take a request.
#[derive(Debug)]
pub(super) struct Idle<B>(Mutex<State<B>>);

#[derive(Debug)]
struct State<B> {
    /// The latest last.
    kept: Vec<Kept<B>>,
    /// The timer that closes those that are too old.
    timer: Option<AbortHandle>,
}

#[derive(Debug)]
struct Kept<B> {
    since: SystemTime,
    until: Instant,
    connection: Connection<B>,
}

impl<B> Default for Idle<B> {
    fn default() -> Self {
        Self(Mutex::new(State { kept: Vec::new(), timer: None }))
    }
}

impl<B: Send + 'static> Idle<B> {
    /// Keeps a connection: one whose response has been read to its end, or one that takes several requests at once.
    /// Lets go of one that is no good any more.
    pub(super) fn put(self: &Arc<Self>, connection: Connection<B>, now: SystemTime) {
        if connection.is_retired() {
            return;
        }
        let mut state = self.state();
        state.kept.retain(|kept| !kept.connection.is(&connection));
        if state.kept.len() == MAX_CONNECTIONS {
            state.kept.remove(0);
        }
        state.kept.push(Kept { since: now, until: Instant::now() + MAX_IDLE, connection });
        // A runtime that has ended has ended its timer, too.
        if state.timer.as_ref().is_none_or(AbortHandle::is_finished) {
            state.timer = Some(task::spawn(watch(Arc::downgrade(self))).abort_handle());
        }
    }

    /// Returns a connection to an origin that can take a request.
    pub(super) async fn take(&self, origin: &Origin, now: SystemTime) -> Option<Connection<B>> {
        while let Some(mut connection) = self.latest(origin, now) {
            if connection.is_ready().await {
                return Some(connection);
            }
            self.forget(&connection);
        }
        None
    }

    /// Lets go of a connection that is no good any more, and never takes it back.
    pub(super) fn forget(&self, connection: &Connection<B>) {
        connection.retire();
        self.state().kept.retain(|kept| !kept.connection.is(connection));
    }

    /// Takes out the latest connection to an origin, or shares it, and lets go of all that are too old.
    fn latest(&self, origin: &Origin, now: SystemTime) -> Option<Connection<B>> {
        let kept = &mut self.state().kept;
        // A clock that was set back makes everything old.
        kept.retain(|kept| now.duration_since(kept.since).is_ok_and(|age| age <= MAX_IDLE));
        let place = kept.iter().rposition(|kept| kept.connection.origin == *origin)?;
        let shared = kept[place].connection.share();
        Some(shared.unwrap_or_else(|| kept.remove(place).connection))
    }

    /// Lets go of all that are too old, and returns when the next one will be; `None` if none is left.
    fn expire(&self) -> Option<Instant> {
        let (mut state, now) = (self.state(), Instant::now());
        state.kept.retain(|kept| kept.until > now);
        let next = state.kept.first().map(|kept| kept.until);
        if next.is_none() {
            state.timer = None;
        }
        next
    }

    fn state(&self) -> MutexGuard<'_, State<B>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts the kept connections that have ended.
    #[cfg(test)]
    pub(super) fn closed(&self) -> usize {
        self.state().kept.iter().filter(|kept| kept.connection.is_closed()).count()
    }
}

/// Lets go of connections when they are too old, until none is kept.
async fn watch<B: Send + 'static>(idle: Weak<Idle<B>>) {
    // Whoever keeps the connections may go: so it holds them for no longer than a look.
    while let Some(next) = idle.upgrade().and_then(|idle| idle.expire()) {
        sleep_until(next).await;
    }
}

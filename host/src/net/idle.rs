//! Keeps connections between requests.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use super::connection::Connection;
use super::origin::Origin;

/// The longest time that a connection is kept without a request. Servers and gateways close idle ones after some time,
/// S3 among them, and nobody is told in a process that is frozen: so it is the wall clock that counts.
const MAX_IDLE: Duration = Duration::from_secs(30);

/// The most connections that are kept.
const MAX_CONNECTIONS: usize = 8;

/// Connections that can take a request, the latest last.
#[derive(Debug)]
pub(super) struct Idle<B> {
    connections: Mutex<Vec<(SystemTime, Connection<B>)>>,
}

impl<B> Default for Idle<B> {
    fn default() -> Self {
        Self { connections: Mutex::default() }
    }
}

impl<B> Idle<B> {
    /// Keeps a connection: one whose response has been read to its end, or one that takes several requests at once.
    pub(super) fn put(&self, connection: Connection<B>, now: SystemTime) {
        let mut connections = self.connections();
        connections.retain(|(_, kept)| !kept.is(&connection));
        if connections.len() == MAX_CONNECTIONS {
            connections.remove(0);
        }
        connections.push((now, connection));
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

    /// Lets go of a connection that is no good any more.
    pub(super) fn forget(&self, connection: &Connection<B>) {
        self.connections().retain(|(_, kept)| !kept.is(connection));
    }

    /// Takes out the latest connection to an origin, or shares it, and lets go of all that are too old.
    fn latest(&self, origin: &Origin, now: SystemTime) -> Option<Connection<B>> {
        let mut connections = self.connections();
        // A clock that was set back makes everything old.
        connections.retain(|(since, _)| now.duration_since(*since).is_ok_and(|age| age <= MAX_IDLE));
        let place = connections.iter().rposition(|(_, connection)| connection.origin == *origin)?;
        let shared = connections[place].1.share();
        Some(shared.unwrap_or_else(|| connections.remove(place).1))
    }

    fn connections(&self) -> MutexGuard<'_, Vec<(SystemTime, Connection<B>)>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts the kept connections that have ended.
    #[cfg(test)]
    pub(super) fn closed(&self) -> usize {
        self.connections().iter().filter(|(_, connection)| connection.is_closed()).count()
    }
}

//! Keeps connections between requests.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::connection::Connection;
use super::origin::Origin;
use crate::clock::Clock;

/// The longest time that a connection is kept without a request. Servers and gateways close idle ones after some time,
/// S3 among them, and nobody is told in a process that is frozen: so it is the wall clock that counts.
const MAX_IDLE: Duration = Duration::from_secs(30);

/// The most connections that are kept.
const MAX_CONNECTIONS: usize = 8;

/// Connections without a request, the latest last.
#[derive(Debug)]
pub(super) struct Idle {
    connections: Mutex<Vec<(SystemTime, Connection)>>,
    clock: Clock,
}

impl Idle {
    pub(super) fn new(clock: Clock) -> Self {
        Self { connections: Mutex::default(), clock }
    }

    /// Keeps a connection whose response has been read to its end.
    pub(super) fn put(&self, connection: Connection) {
        let now = self.clock.now();
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        if connections.len() == MAX_CONNECTIONS {
            connections.remove(0);
        }
        connections.push((now, connection));
    }

    /// Returns a connection to an origin that can take a request.
    pub(super) async fn take(&self, origin: &Origin) -> Option<Connection> {
        while let Some(mut connection) = self.latest(origin) {
            if connection.is_ready().await {
                return Some(connection);
            }
        }
        None
    }

    /// Takes out the latest connection to an origin, and lets go of all that are too old.
    fn latest(&self, origin: &Origin) -> Option<Connection> {
        let now = self.clock.now();
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back makes everything old.
        connections.retain(|(since, _)| now.duration_since(*since).is_ok_and(|age| age <= MAX_IDLE));
        let place = connections.iter().rposition(|(_, connection)| connection.origin == *origin)?;
        Some(connections.remove(place).1)
    }

    /// Counts the kept connections that have ended.
    #[cfg(test)]
    pub(super) fn closed(&self) -> usize {
        self.connections.lock().unwrap().iter().filter(|(_, connection)| connection.is_closed()).count()
    }
}

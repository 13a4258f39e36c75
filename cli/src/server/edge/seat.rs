//! Limits the number of connections, with a few more that only ask for the server's health.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The connections that may send any request.
pub(super) const SEATS: usize = 256;

/// The further connections that may ask for the server's health.
pub(super) const RESERVED_SEATS: usize = 32;

/// Free ordinary seats from which on connections are not kept open for another request.
const SCARCE_SEATS: usize = SEATS / 4;

/// The seats of all connections. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Seats {
    ordinary: Arc<Semaphore>,
    reserved: Arc<Semaphore>,
}

/// The seat of one connection; dropping it frees the seat.
#[derive(Debug)]
pub(super) struct Seat {
    /// The requests that it may send.
    pub(super) kind: SeatKind,
    _permit: OwnedSemaphorePermit,
}

/// Tells which requests a connection may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SeatKind {
    /// Any.
    Ordinary,
    /// One, for the server's health.
    Reserved,
}

impl Seats {
    pub(super) fn new() -> Self {
        Self { ordinary: Arc::new(Semaphore::new(SEATS)), reserved: Arc::new(Semaphore::new(RESERVED_SEATS)) }
    }

    /// Tells whether so few ordinary seats are free that connections which have been answered should give theirs back.
    pub(super) fn are_scarce(&self) -> bool {
        self.ordinary.available_permits() < SCARCE_SEATS
    }

    /// Waits for a seat: an ordinary one where there is one, else a reserved one.
    pub(super) async fn take(&self) -> Seat {
        let ordinary = Arc::clone(&self.ordinary).acquire_owned();
        let reserved = Arc::clone(&self.reserved).acquire_owned();
        let (permit, kind) = tokio::select! {
            biased;
            permit = ordinary => (permit, SeatKind::Ordinary),
            permit = reserved => (permit, SeatKind::Reserved),
        };
        match permit {
            Ok(permit) => Seat { kind, _permit: permit },
            // The semaphores are never closed.
            Err(_) => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_reserve_is_used_when_nothing_else_is_left_and_then_everyone_waits() {
        let seats = Seats::new();
        let mut taken = Vec::new();
        for _ in 0..SEATS {
            taken.push(seats.take().await);
        }
        assert!(taken.iter().all(|seat| seat.kind == SeatKind::Ordinary));
        assert!(seats.are_scarce());
        let mut reserved = Vec::new();
        for _ in 0..RESERVED_SEATS {
            reserved.push(seats.take().await);
        }
        assert!(reserved.iter().all(|seat| seat.kind == SeatKind::Reserved));
        let wait = Duration::from_secs(3600);
        assert!(tokio::time::timeout(wait, seats.take()).await.is_err());
        taken.pop();
        assert_eq!(seats.take().await.kind, SeatKind::Ordinary);
    }
}

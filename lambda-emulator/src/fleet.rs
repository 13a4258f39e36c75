//! Chooses which environment of a function takes a request.
//!
//! A warm environment comes first, the last used of them; then one whose process has to be started again; then a new
//! one, as long as the reserved concurrency is not used up.
//! <https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html>

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::environment::Environment;
use crate::function::Setup;
use crate::limit;
use crate::log::Logs;

/// The environments of a function.
#[derive(Debug)]
pub(crate) struct Fleet {
    setup: Arc<Setup>,
    logs: Logs,
    slots: Mutex<Slots>,
    freed: Notify,
}

#[derive(Debug, Default)]
struct Slots {
    all: Vec<Slot>,
    made: usize,
    turn: u64,
}

/// One environment and the number of invocations in it.
#[derive(Debug)]
struct Slot {
    environment: Arc<Environment>,
    busy: usize,
    finishing: usize,
    used: u64,
}

/// An environment that is in use until the lease is dropped.
#[derive(Debug)]
pub(crate) struct Lease {
    fleet: Arc<Fleet>,
    environment: Arc<Environment>,
    finishing: bool,
}

/// An environment as it is seen from outside.
pub(crate) struct EnvironmentView {
    pub(crate) environment: Arc<Environment>,
    pub(crate) busy: usize,
}

/// The outcome of a request for an environment.
enum Choice {
    Take(Arc<Environment>),
    Wait,
    Throttle,
}

impl Fleet {
    pub(crate) fn new(setup: Arc<Setup>, logs: Logs) -> Self {
        Self { setup, logs, slots: Mutex::default(), freed: Notify::new() }
    }

    /// Takes an environment; `None` if the reserved concurrency is used up.
    pub(crate) async fn lease(self: &Arc<Self>) -> Option<Lease> {
        let end = Instant::now() + limit::HANDOVER;
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            let choice = self.choose(Instant::now() < end);
            match choice {
                Choice::Take(environment) => {
                    return Some(Lease { fleet: Arc::clone(self), environment, finishing: false });
                }
                Choice::Throttle => return None,
                // The next round finds out whether one was freed or the time is up.
                Choice::Wait => drop(tokio::time::timeout_at(end, freed).await),
            }
        }
    }

    /// Returns a view of every environment.
    pub(crate) fn views(&self) -> Vec<EnvironmentView> {
        let slots = self.slots();
        let view =
            |slot: &Slot| EnvironmentView { environment: Arc::clone(&slot.environment), busy: slot.busy };
        slots.all.iter().map(view).collect()
    }

    /// Ends idle environments; returns how many.
    pub(crate) fn reclaim(&self) -> usize {
        let mut slots = self.slots();
        let before = slots.all.len();
        slots.all.retain(|slot| {
            if slot.busy == 0 {
                slot.environment.reset();
            }
            slot.busy > 0
        });
        before - slots.all.len()
    }

    /// Ends all environments.
    pub(crate) fn close(&self) {
        for slot in self.slots().all.drain(..) {
            slot.environment.reset();
        }
    }

    fn choose(&self, patient: bool) -> Choice {
        let capacity = self.setup.capacity();
        let mut slots = self.slots();
        let free = slots.all.iter().enumerate().filter(|(_, slot)| slot.busy < capacity);
        let best = free.max_by_key(|(_, slot)| (slot.environment.bootstrap().is_some(), slot.used));
        if let Some(place) = best.map(|(place, _)| place) {
            return Choice::Take(slots.begin(place));
        }
        if patient && slots.all.iter().any(|slot| slot.finishing > 0) {
            return Choice::Wait;
        }
        let running: usize = slots.all.iter().map(|slot| slot.busy).sum();
        if running >= self.setup.reserved {
            return Choice::Throttle;
        }
        slots.made += 1;
        let environment = Environment::new(slots.made, Arc::clone(&self.setup), self.logs.clone());
        slots.all.push(Slot { environment: Arc::new(environment), busy: 0, finishing: 0, used: 0 });
        let place = slots.all.len() - 1;
        Choice::Take(slots.begin(place))
    }

    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slots {
    fn begin(&mut self, place: usize) -> Arc<Environment> {
        let slot = &mut self.all[place];
        slot.busy += 1;
        Arc::clone(&slot.environment)
    }

    fn end(&mut self, environment: &Arc<Environment>, finishing: bool) {
        self.turn += 1;
        let turn = self.turn;
        if let Some(slot) = self.of(environment) {
            slot.busy -= 1;
            slot.finishing -= usize::from(finishing);
            slot.used = turn;
        }
    }

    fn of(&mut self, environment: &Arc<Environment>) -> Option<&mut Slot> {
        self.all.iter_mut().find(|slot| Arc::ptr_eq(&slot.environment, environment))
    }
}

impl Lease {
    pub(crate) fn environment(&self) -> &Arc<Environment> {
        &self.environment
    }

    /// Notes that the response has ended and that the process will soon ask for the next invocation.
    pub(crate) fn finishing(&mut self) {
        if !self.finishing
            && let Some(slot) = self.fleet.slots().of(&self.environment)
        {
            slot.finishing += 1;
            self.finishing = true;
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.fleet.slots().end(&self.environment, self.finishing);
        self.fleet.freed.notify_waiters();
    }
}

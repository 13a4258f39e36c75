//! Advances the epoch of every engine while calls run, which stops a guest that never returns.
//!
//! The first call starts one operating-system thread for the process. While no call runs, the thread sleeps: an
//! idle server, or a frozen execution environment, does nothing.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use wasmtime::{Engine, EngineWeak};

/// The time between two checks of a running guest's deadline.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// Owns the thread; dropping it ends the thread.
#[derive(Default)]
pub(in crate::sandbox) struct Ticker {
    shared: Arc<Shared>,
}

/// Keeps the epoch advancing while it lives; each running call holds one.
pub(in crate::sandbox) struct Running {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<TickerState>,
    changed: Condvar,
}

#[derive(Default)]
struct TickerState {
    engines: Vec<EngineWeak>,
    calls: usize,
    started: bool,
    /// True while the thread waits for a call, which must wake it.
    parked: bool,
    ended: bool,
}

impl Ticker {
    /// Adds an engine to those that every tick advances.
    pub(super) fn watch(&self, engine: &Engine) {
        self.shared.lock().engines.push(engine.weak());
    }

    /// Keeps ticking until the returned value is dropped.
    ///
    /// # Errors
    ///
    /// The system has no thread left. Without it no deadline would hold, so the call must not start.
    pub(in crate::sandbox) fn run(&self) -> std::io::Result<Running> {
        let mut state = self.shared.lock();
        if !state.started {
            let shared = Arc::clone(&self.shared);
            thread::Builder::new().name("toolcell-epoch".to_owned()).spawn(move || shared.tick())?;
            state.started = true;
        }
        state.calls += 1;
        if state.parked {
            self.shared.changed.notify_one();
        }
        drop(state);
        Ok(Running { shared: Arc::clone(&self.shared) })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.lock().ended = true;
        self.shared.changed.notify_one();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shared.lock().calls -= 1;
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, TickerState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tick(&self) {
        let mut state = self.lock();
        while !state.ended {
            if state.calls == 0 {
                state.parked = true;
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.parked = false;
                continue;
            }
            drop(state);
            thread::sleep(TICK);
            state = self.lock();
            state.engines.retain(|engine| match engine.upgrade() {
                Some(engine) => {
                    engine.increment_epoch();
                    true
                }
                None => false,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// The longest wait for what has to happen, on a machine that is busy otherwise.
    const PATIENCE: Duration = Duration::from_secs(20);

    #[test]
    fn an_idle_ticker_is_parked_and_a_call_wakes_it() {
        let ticker = Ticker::default();
        assert!(!ticker.shared.lock().started, "no thread before the first call");
        let running = ticker.run().unwrap();
        assert!(!within(20 * TICK, || ticker.shared.lock().parked), "it ticks while a call runs");
        drop(running);
        assert!(within(PATIENCE, || ticker.shared.lock().parked), "it parks when the last call ended");
        let running = ticker.run().unwrap();
        assert!(within(PATIENCE, || !ticker.shared.lock().parked), "the next call wakes it");
        drop(running);
    }

    fn within(time: Duration, condition: impl Fn() -> bool) -> bool {
        let limit = Instant::now() + time;
        while Instant::now() < limit {
            if condition() {
                return true;
            }
            thread::sleep(TICK / 10);
        }
        false
    }
}

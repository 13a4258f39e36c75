//! Holds the engines of the process: their configuration, the pool of instances, the thread that advances
//! epochs, and the slots of calls.

mod configuration;
mod pool;
mod slots;
mod ticker;

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};

use wasmtime::Engine;

pub use configuration::{
    CONFIGURATION, DEFAULT_STACK_BYTES, EngineMismatch, MAX_STACK_BYTES, MIN_STACK_BYTES, WASMTIME, check,
    config, describe, host_target,
};
pub(super) use pool::Allocation;
pub(super) use slots::CallSlots;
pub(super) use ticker::Ticker;

/// Holds the engines of the process and the thread that advances their epochs.
///
/// Each stack size has an engine, because wasmtime sets the stack for a whole engine, and plugins that do not
/// fit the pool have one more. Usually that is one engine. It is created when a plugin first needs it, in a
/// fraction of a millisecond.
pub struct Sandbox {
    engines: Mutex<BTreeMap<(usize, Allocation), Engine>>,
    pub(super) ticker: Arc<Ticker>,
    pub(super) slots: CallSlots,
    pub(super) allocation: Allocation,
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::for_calls(NonZero::new(pool::CALLS).unwrap_or(NonZero::<u32>::MIN))
    }
}

impl Sandbox {
    /// Creates a sandbox with the default number of slots, without an engine and without a thread.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a sandbox for this many calls at a time; further calls wait.
    pub fn for_calls(calls: NonZero<u32>) -> Self {
        let calls = calls.get();
        Self {
            engines: Mutex::default(),
            ticker: Arc::default(),
            slots: CallSlots::new(calls),
            allocation: Allocation::Pooled { calls },
        }
    }

    /// Returns the engine whose guests have `stack_bytes` of stack.
    pub(super) fn engine(&self, stack_bytes: usize, allocation: Allocation) -> wasmtime::Result<Engine> {
        let mut engines = self.engines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = engines.get(&(stack_bytes, allocation)) {
            return Ok(engine.clone());
        }
        let engine = configuration::engine(stack_bytes, allocation)?;
        self.ticker.watch(&engine);
        engines.insert((stack_bytes, allocation), engine.clone());
        Ok(engine)
    }
}

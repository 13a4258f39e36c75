//! The engines of the process: how they are configured, where instances live, how epochs advance, and how
//! many calls run side by side.

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

/// The engines of the process and the thread that advances their epochs.
///
/// There is one engine for each stack size that tools ask for, because wasmtime sets the stack for a
/// whole engine, and one more for plugins that do not fit its pool; usually that is one engine. Making
/// one costs a fraction of a millisecond, so none is made before a plugin needs it.
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
    /// Makes a sandbox with room for as many calls as a server of its own has use for, without engine and
    /// without thread.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a sandbox for so many calls side by side; what would be more waits for its turn.
    pub fn for_calls(calls: NonZero<u32>) -> Self {
        let calls = calls.get();
        Self {
            engines: Mutex::default(),
            ticker: Arc::default(),
            slots: CallSlots::new(calls),
            allocation: Allocation::Pooled { calls },
        }
    }

    /// The engine whose guests have `stack_bytes` of stack.
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

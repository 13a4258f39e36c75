//! Holds the engines of the process: their configuration, the pool of instances, the thread that advances
//! epochs, the slots of calls and their turns to compute.

mod configuration;
mod pool;
mod ticker;
mod turns;
mod version;

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};

use wasmtime::Engine;

pub use configuration::{
    DEFAULT_STACK_BYTES, EngineMismatch, MAX_STACK_BYTES, MIN_STACK_BYTES, check, config, describe,
    host_target,
};
pub use pool::Allocation;
pub(super) use ticker::Ticker;
pub(super) use turns::{Turn, Turns};
pub use version::{MARK, WASMTIME, configuration_version};

use super::outbound::Network;
use super::slots::{Sharing, Slots};
use crate::aws::AwsAccess;
use crate::secrets::Secrets;

/// Holds the engines of the process and the thread that advances their epochs.
///
/// Each stack size has an engine, because wasmtime sets the stack for a whole engine, and plugins that do not
/// fit the pool have one more. Usually that is one engine. It is created when a plugin first needs it, in a
/// fraction of a millisecond.
pub struct Sandbox {
    engines: Mutex<BTreeMap<(usize, Allocation), Engine>>,
    pub(super) ticker: Arc<Ticker>,
    pub(super) slots: Slots,
    pub(super) turns: Turns,
    pub(super) network: Arc<Network>,
    pub(super) secrets: Arc<Secrets>,
    pub(super) aws: AwsAccess,
    calls: u32,
    /// True if the first calls do not wait for a pool.
    starts_on_demand: bool,
}

impl Default for Sandbox {
    fn default() -> Self {
        let slots = Slots::new(pool::CALLS, Sharing::Fair);
        Self::with(pool::CALLS, slots, Turns::shared(), false)
    }
}

impl Sandbox {
    /// The threads that a runtime needs so that its calls share the processors.
    pub const THREADS: usize = turns::THREADS;

    /// Creates a sandbox with the default number of slots, without an engine and without a thread. Plugins and
    /// principals share slots and processors; the calls run on [`Self::THREADS`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a sandbox for a platform that never sends more than this many calls at a time, to one thread. Each call
    /// has its slot. The platform counts every millisecond until the first answer, so the first calls run on demand.
    pub fn for_calls(calls: NonZero<u32>) -> Self {
        let calls = calls.get();
        Self::with(calls, Slots::new(calls, Sharing::Unlimited), Turns::Unlimited, true)
    }

    fn with(calls: u32, slots: Slots, turns: Turns, starts_on_demand: bool) -> Self {
        Self {
            engines: Mutex::default(),
            ticker: Arc::default(),
            slots,
            turns,
            network: Arc::default(),
            secrets: Arc::new(Secrets::none()),
            aws: AwsAccess::of_process(),
            calls,
            starts_on_demand,
        }
    }

    /// Lets plugins with rules reach other hosts in this way.
    #[must_use]
    pub fn with_network(self, network: Arc<Network>) -> Self {
        Self { network, ..self }
    }

    /// Returns how plugins reach other hosts.
    pub fn network(&self) -> Arc<Network> {
        Arc::clone(&self.network)
    }

    /// Lets plugins be granted these secrets.
    #[must_use]
    pub fn with_secrets(self, secrets: Arc<Secrets>) -> Self {
        Self { secrets, ..self }
    }

    /// Returns the secrets that plugins can be granted.
    pub fn secrets(&self) -> Arc<Secrets> {
        Arc::clone(&self.secrets)
    }

    /// Assumes roles for plugins' requests as whoever has this access; without it, as this process.
    #[must_use]
    pub fn with_aws(self, aws: AwsAccess) -> Self {
        Self { aws, ..self }
    }

    /// Returns as whom roles for plugins' requests are assumed.
    pub fn aws(&self) -> AwsAccess {
        self.aws.clone()
    }

    /// Tells whether the first calls of the process are to run on demand.
    pub fn starts_on_demand(&self) -> bool {
        self.starts_on_demand
    }

    /// Returns the engine whose guests have `stack_bytes` of stack.
    pub(super) fn engine(&self, stack_bytes: usize, allocation: Allocation) -> wasmtime::Result<Engine> {
        let mut engines = self.engines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = engines.get(&(stack_bytes, allocation)) {
            return Ok(engine.clone());
        }
        let pool = (allocation == Allocation::Pooled).then_some(self.calls);
        let engine = configuration::engine(stack_bytes, pool)?;
        self.ticker.watch(&engine);
        engines.insert((stack_bytes, allocation), engine.clone());
        Ok(engine)
    }
}

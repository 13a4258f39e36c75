//! Runs the first calls of a process on demand, and makes the pool when they have been answered.
//!
//! A pool makes every later call cheaper, and takes longer to make than a call. A process that serves a single call
//! would make it in vain (docs/adr/0017-allocation-on-lambda.md).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Prepared, Runner, Unavailable};
use crate::catalog::FunctionRef;
use crate::sandbox::{Allocation, LoadedPlugin};

/// The number of calls after which a process is expected to serve more.
const CALLS: usize = 2;

/// The calls of a process until there is a pool.
#[derive(Default)]
pub(super) struct FirstCalls(Mutex<Stage>);

enum Stage {
    /// Calls run on demand: these have run, or still do.
    OnDemand(Vec<Arc<FirstCall>>),
    /// Calls run in the pool.
    Pooled,
}

impl Default for Stage {
    fn default() -> Self {
        Self::OnDemand(Vec::new())
    }
}

/// What a call uses that runs on demand.
pub(super) struct FirstCall {
    function: FunctionRef,
    pub(super) plugin: Arc<LoadedPlugin>,
    pub(super) prepared: Prepared,
}

impl FirstCalls {
    /// Returns the calls until now; `None` once there is a pool.
    fn earlier(&self) -> Option<Vec<Arc<FirstCall>>> {
        match &*self.stage() {
            Stage::OnDemand(calls) => Some(calls.clone()),
            Stage::Pooled => None,
        }
    }

    /// Adds a call, unless a pool was made while it was prepared.
    fn add(&self, call: &Arc<FirstCall>) {
        if let Stage::OnDemand(calls) = &mut *self.stage() {
            calls.push(Arc::clone(call));
        }
    }

    /// Ends the stage and returns the calls, if there were enough of them.
    fn end(&self) -> Vec<Arc<FirstCall>> {
        let mut stage = self.stage();
        match &mut *stage {
            Stage::OnDemand(calls) if calls.len() >= CALLS => {
                let calls = std::mem::take(calls);
                *stage = Stage::Pooled;
                calls
            }
            Stage::OnDemand(_) | Stage::Pooled => Vec::new(),
        }
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Runner {
    /// Loads what a call needs that runs on demand; returns `None` if it is to run in the pool.
    ///
    /// # Errors
    /// Fails if the function cannot be called; the next call tries again.
    pub(super) fn prepare_first(
        &self,
        function: &FunctionRef,
    ) -> Result<Option<Arc<FirstCall>>, Unavailable> {
        if !self.sandbox.starts_on_demand() {
            return Ok(None);
        }
        let Some(earlier) = self.first.earlier() else { return Ok(None) };
        let place = self.index.position(function);
        let same = earlier.iter().find(|call| self.index.position(&call.function) == place);
        let call = match same {
            Some(call) => Arc::clone(call),
            None => Arc::new(self.first_call(function, &earlier)?),
        };
        self.first.add(&call);
        Ok(Some(call))
    }

    /// Prepares a function that was not called before, in its plugin if that was loaded before.
    fn first_call(
        &self,
        function: &FunctionRef,
        earlier: &[Arc<FirstCall>],
    ) -> Result<FirstCall, Unavailable> {
        let place = function.entry().plugin;
        let loaded = earlier.iter().find(|call| call.function.entry().plugin == place);
        let plugin = match loaded {
            Some(call) => Arc::clone(&call.plugin),
            None => Arc::new(self.load(function, Allocation::OnDemand)?),
        };
        let prepared = Prepared::new(&plugin, function)?;
        Ok(FirstCall { function: function.clone(), plugin, prepared })
    }

    /// Makes the pool after the first calls, loads what they called into it, and lets go of what they used. Call it when
    /// an answer is on its way: once, it takes about a millisecond.
    pub fn settle(&self) {
        for call in self.first.end() {
            // The next call says what is wrong.
            if let Err(error) = self.prepare(&call.function) {
                tracing::debug!(%error, "a plugin of the first calls is not in the pool");
            }
        }
    }
}

//! Runs the first call of a process on demand, and makes the pool when its answer is on its way.
//!
//! A pool makes every later call cheaper and takes longer to make than the first call itself
//! (docs/adr/0017-allocation-on-lambda.md).

use std::sync::{Arc, Mutex, PoisonError};

use super::{Prepared, Runner, Unavailable};
use crate::catalog::FunctionRef;
use crate::sandbox::{Allocation, LoadedPlugin};

/// The first call of a process.
#[derive(Default)]
pub(super) struct First(Mutex<Stage>);

#[derive(Default)]
enum Stage {
    /// It is still to come.
    #[default]
    Ahead,
    /// Its plugin is being loaded, or could not be.
    Taken,
    /// It has run, or still does.
    Made(Arc<FirstCall>),
    /// Calls run in the pool.
    Over,
}

/// What the first call uses.
pub(super) struct FirstCall {
    function: FunctionRef,
    pub(super) plugin: LoadedPlugin,
    pub(super) prepared: Prepared,
}

impl First {
    /// Replaces the stage by `next` if `is_it` says so, and returns the one that was there.
    fn replace(&self, is_it: fn(&Stage) -> bool, next: Stage) -> Option<Stage> {
        let mut stage = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        is_it(&stage).then(|| std::mem::replace(&mut *stage, next))
    }
}

impl Runner {
    /// Loads the plugin of the first call; `None` for any other call.
    ///
    /// # Errors
    /// The plugin cannot be loaded; the next call tries again, in the pool.
    pub(super) fn prepare_first(
        &self,
        function: &FunctionRef,
    ) -> Result<Option<Arc<FirstCall>>, Unavailable> {
        if !self.sandbox.starts_on_demand() {
            return Ok(None);
        }
        if self.first.replace(|stage| matches!(stage, Stage::Ahead), Stage::Taken).is_none() {
            return Ok(None);
        }
        let plugin = self.load(function, Allocation::OnDemand)?;
        let prepared = Prepared::new(&plugin, function)?;
        let first = Arc::new(FirstCall { function: function.clone(), plugin, prepared });
        self.first.replace(|_| true, Stage::Made(Arc::clone(&first)));
        Ok(Some(first))
    }

    /// Makes what the calls after the first one need, and lets go of what it used. Call it when the first answer is on
    /// its way: it takes about a millisecond.
    pub fn settle(&self) {
        let made = self.first.replace(|stage| matches!(stage, Stage::Made(_)), Stage::Over);
        let Some(Stage::Made(first)) = made else { return };
        // The next call says what is wrong.
        if let Err(error) = self.prepare(&first.function) {
            tracing::debug!(%error, "the plugin of the first call is not in the pool");
        }
    }
}

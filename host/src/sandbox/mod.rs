//! One call, one store: interfaces linked from grants, limits armed, everything dropped at the end.
//!
//! Three lifetimes, three types: [`Sandbox`] lives as long as the process and holds the engines and the
//! thread that advances their epochs; [`Prepared`] lives as long as its plugin and holds what is the same
//! for every call; [`State`] lives for one call, inside the store that [`Prepared::call`] makes and drops.
//! How arguments and results are translated is the business of whoever calls.

mod about;
mod ask;
mod attribution;
mod call;
mod config;
mod denial;
pub mod engine;
mod event;
mod failure;
mod filesystem;
mod grant;
mod interface;
mod limiter;
mod network;
mod output;
mod plugin;
mod pool;
mod prepared;
mod replay;
mod state;
mod ticker;
mod turn;

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};

use wasmtime::Engine;

pub use about::{About, Questions};
pub use ask::Halt;
pub use attribution::Attribution;
pub use call::{Ended, Invocation, Run, Stop, Usage};
pub use denial::Denial;
pub use event::{Event, Interest, Level, Listener};
pub use failure::{Crash, Failure, Limit};
pub use grant::{GrantError, Roots};
pub use interface::{Refused, check_import, interfaces};
pub use prepared::{PrepareError, Prepared};
pub use state::State;

use pool::Allocation;
use ticker::Ticker;
use turn::Turns;

/// The engines of the process and the thread that advances their epochs.
///
/// There is one engine for each stack size that tools ask for, because wasmtime sets the stack for a
/// whole engine, and one more for plugins that do not fit its pool; usually that is one engine. Making
/// one costs a fraction of a millisecond, so none is made before a plugin needs it.
pub struct Sandbox {
    engines: Mutex<BTreeMap<(usize, Allocation), Engine>>,
    ticker: Arc<Ticker>,
    turns: Turns,
    allocation: Allocation,
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
            turns: Turns::new(calls),
            allocation: Allocation::Pooled { calls },
        }
    }

    /// The engine whose guests have `stack_bytes` of stack.
    fn engine(&self, stack_bytes: usize, allocation: Allocation) -> wasmtime::Result<Engine> {
        let mut engines = self.engines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = engines.get(&(stack_bytes, allocation)) {
            return Ok(engine.clone());
        }
        let engine = engine::engine(stack_bytes, allocation)?;
        self.ticker.watch(&engine);
        engines.insert((stack_bytes, allocation), engine.clone());
        Ok(engine)
    }
}

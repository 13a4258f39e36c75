//! JSON straight into a guest's linear memory, and results straight out of it as JSON.
//!
//! [`call`] is the way that every tool is called. Between the text and the guest there is no tree of
//! values: bytes of 4 MB cost their base64 text, the guest's own copy and the answer, where
//! [`val`](super::val) would take 160 MB for the tree alone. `val` follows the same rules independently
//! and is what this is tested against.
//!
//! # What is relied on in wasmtime 48.0.8
//! The engine's own hooks for typed calls, `ComponentType`, `Lower` and `Lift`, are implemented by hand in
//! [`abi`], the only module here with `unsafe`. They are public but no stable API, hence the exact version
//! in `Cargo.toml`. Read again at every upgrade, in `runtime/component/func{.rs,/typed.rs,/options.rs}`:
//!
//! 1. `TypedFunc` lowers flat where `flatten_count()`, which is the size of `Lower`, is at most 16, and
//!    lifts flat where it is at most 1. No other method of ours is reached, and `ABI` is not read.
//! 2. A core function takes its first slots from `Lower`. `ValRaw` of any core type is read from the low
//!    bits of the 64 that `ValRaw::u64` sets (see "Lower for Result" there). The result slot is not
//!    initialised where there is no result, and is what `post-return` is given where there is one.
//! 3. `LowerContext::realloc` runs guest code: memory may move, the fiber may suspend and go on on
//!    another thread. It checks alignment and bounds of what it returns. It panics without a `realloc`
//!    option, but validation asks for that option where parameters need memory (and the plan fits).
//! 4. `LiftContext::memory` is the guest's memory, empty where it has none. Lifting runs no guest code.
//! 5. `Func::typed` calls `typecheck` with the tuples of parameters and results.
//! 6. The canonical ABI as [`layout`] has it (`CanonicalAbiInfo`, `VariantInfo` and `FlagsSize` in
//!    wasmtime-environ), 32-bit memories only, and the core types of joined payloads: a narrower payload
//!    in a wider slot is extended with zeros, floats travel as their bits.
//!
//! No memory of the host depends on any of it: guest memory is only touched through slices with checked
//! ranges. A plan that does not fit its function is refused before the call; if that check were wrong,
//! the guest would see wrong numbers and the client a wrong answer, nothing more.
//!
//! `Store::set_hostcall_fuel` does not meter what is lifted here; [`Budgets`] does.

mod abi;
mod budget;
mod cursor;
mod decode;
mod encode;
mod fit;
mod layout;
mod memory;
#[cfg(test)]
mod tests;
mod text;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use wasmtime::AsContextMut;
use wasmtime::component::__internal::{ComponentTypes, InterfaceType};
use wasmtime::component::Func;

use self::layout::Layout;
use super::{ArgumentError, Checked, EncodeError, Encoded, Type};

/// A function's plan, with the layout of everything that passes through it. Made once per tool.
#[derive(Debug)]
pub struct Plan {
    checked: Checked,
    /// The parameters as a tuple.
    params: Layout,
    /// The result as a tuple of one or none.
    results: Layout,
}

/// Memory that one call may take on its way in and out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budgets {
    /// For arguments: what is allocated in the guest, and what is kept on the host until its length is
    /// known. The text of the arguments does not count.
    pub input_bytes: usize,
    /// For the result, as JSON or text.
    pub output_bytes: usize,
}

/// What a call came to, and how long each way took.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The result.
    pub encoded: Encoded,
    /// From JSON into the guest, the guest's allocations included.
    pub decode: Duration,
    /// From the guest's memory to JSON.
    pub encode: Duration,
}

/// Why a call came to nothing. Whatever it is, the store must not be used again.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The arguments are not what the tool takes; the caller can mend them. The function did not run.
    #[error(transparent)]
    Argument(ArgumentError),
    /// The arguments take more memory than the input budget. The function did not run.
    #[error("the arguments take more than {limit_bytes} bytes of memory")]
    Input {
        /// The budget.
        limit_bytes: usize,
    },
    /// The result is larger than the output budget.
    #[error("the result is larger than {limit_bytes} bytes")]
    Output {
        /// The budget.
        limit_bytes: usize,
    },
    /// The plan was not made from this function: the bundle is at fault. The function did not run.
    #[error("the function is not what its plan says")]
    Misfit(#[source] wasmtime::Error),
    /// The guest trapped, was stopped, or returned what breaks the canonical ABI.
    #[error(transparent)]
    Guest(wasmtime::Error),
}

/// Calls a function with arguments as they came from the client, and writes its result as JSON.
///
/// `arguments` is one JSON object. It is dropped once it has been read, before the function runs; so
/// that this frees it, hand over the only reference to its buffer.
///
/// # Errors
/// Everything in [`CallError`]; nothing that a caller or a guest sends makes this panic.
///
/// # Panics
/// Where `store` does not own `func`.
pub async fn call(
    store: impl AsContextMut<Data: Send>,
    func: Func,
    plan: &Arc<Plan>,
    arguments: Bytes,
    budgets: Budgets,
) -> Result<Reply, CallError> {
    abi::call(store, func, Arc::clone(plan), arguments, budgets).await
}

impl Plan {
    /// Lays out what a function takes and returns.
    pub fn new(checked: Checked) -> Self {
        let params = Layout::sequence(checked.params.iter().map(|param| &param.param.ty));
        let results = Layout::sequence(checked.result.iter());
        Self { checked, params, results }
    }

    /// Type and layout of the result, if there is one.
    fn result(&self) -> Option<(&Type, &Layout)> {
        self.checked.result.as_ref().zip(self.results.members.first().map(|member| &member.layout))
    }

    fn fits_params(&self, declared: &InterfaceType, types: &ComponentTypes) -> bool {
        fit::fits(self.checked.params.iter().map(|param| &param.param.ty), &self.params, declared, types)
    }

    fn fits_result(&self, declared: &InterfaceType, types: &ComponentTypes) -> bool {
        fit::fits(self.checked.result.as_slice().iter(), &self.results, declared, types)
    }
}

impl From<EncodeError> for CallError {
    fn from(error: EncodeError) -> Self {
        match error {
            EncodeError::TooLarge { limit_bytes } => Self::Output { limit_bytes },
            EncodeError::Mismatch => Self::Misfit(wasmtime::Error::msg(error)),
        }
    }
}

impl CallError {
    /// Packs an error for its way through the engine.
    fn into_engine(self) -> wasmtime::Error {
        match self {
            Self::Guest(error) => error,
            error => wasmtime::Error::new(error),
        }
    }

    /// Unpacks an error that may be one of ours.
    fn from_engine(error: wasmtime::Error) -> Self {
        error.downcast().unwrap_or_else(Self::Guest)
    }
}

//! Writes JSON directly into a guest's linear memory, and results directly out of it as JSON.
//!
//! Every tool is called through [`call`]. It builds no tree of values: bytes of 4 MB take their base64 text, the
//! guest's copy and the answer, while a tree of [`Val`](wasmtime::component::Val)s would take 160 MB. The test oracle
//! `codec::val` uses such trees; it follows the same rules independently, and tests compare the two.
//!
//! # Assumptions about wasmtime 48.0.8
//! [`abi`], the only module here with `unsafe`, implements the engine's own hooks for typed calls by hand:
//! `ComponentType`, `Lower` and `Lift`. They are public but not a stable API, so `Cargo.toml` pins the exact version.
//! Check these assumptions at every upgrade, in `runtime/component/func{.rs,/typed.rs,/options.rs}`:
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
//! The host's memory depends on none of them: guest memory is only accessed through slices with checked ranges. A
//! plan that does not fit its function is refused before the call. If that check were wrong, the guest would see
//! wrong numbers and the client a wrong answer, nothing more.
//!
//! [`Budgets`] meters what is lifted here; `Store::set_hostcall_fuel` does not.

mod abi;
mod budget;
mod canonical;
mod decode;
mod encode;
mod error;
mod layout;
mod lexer;
mod memory;
mod plan;
pub(super) mod sample;
#[cfg(test)]
mod tests;
mod text;
mod typecheck;

use std::sync::Arc;

use bytes::Bytes;
use wasmtime::AsContextMut;
use wasmtime::component::Func;

pub use abi::TimedResult;
pub use budget::Budgets;
pub use canonical::canonical;
pub use error::CallError;
pub use plan::Plan;

/// Calls a function with arguments as they came from the client, and writes its result as JSON.
///
/// `arguments` is one JSON object. It is dropped once it has been read, before the function runs; pass the only
/// reference to its buffer, so that this frees it.
///
/// # Errors
/// See [`CallError`]; nothing that a caller or a guest sends causes a panic.
///
/// # Panics
/// Panics if `store` does not own `func`.
pub async fn call(
    store: impl AsContextMut<Data: Send>,
    func: Func,
    plan: &Arc<Plan>,
    arguments: Bytes,
    budgets: Budgets,
) -> Result<TimedResult, CallError> {
    abi::call(store, func, Arc::clone(plan), arguments, budgets).await
}

//! JSON straight into a guest's linear memory, and results straight out of it as JSON.
//!
//! [`call`] is the way that every tool is called. Between the text and the guest there is no tree of
//! values: bytes of 4 MB cost their base64 text, the guest's own copy and the answer, where
//! a tree of [`Val`](wasmtime::component::Val)s would take 160 MB. The test oracle `codec::val` goes that way:
//! it follows the same rules independently, and this is tested against it.
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
pub use error::CallError;
pub use plan::Plan;

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
) -> Result<TimedResult, CallError> {
    abi::call(store, func, Arc::clone(plan), arguments, budgets).await
}

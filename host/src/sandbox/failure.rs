//! Why a call did not return, named by what its caller can do about it.
//!
//! Nothing here shows internals of host or guest: a client may read every `Display` text. The detail,
//! a backtrace included, goes to the server's log.

use std::time::Duration;

use wasmtime::Trap;
use wasmtime::component::ResourceTableError;
use wasmtime_wasi::I32Exit;

use super::denial::Denial;
use super::limit::{Limit, LimitReached};
use super::suspend::Suspend;

/// Why a call did not return; `E` is the error of whoever lowers arguments and lifts results.
#[derive(Debug, thiserror::Error)]
pub enum GuestFailure<E> {
    /// It ran longer than it may.
    #[error("the tool did not finish within {} ms", .0.as_millis())]
    Deadline(Duration),
    /// It needed more of something than it may have.
    #[error("the tool needed more {0} than it is allowed")]
    Exceeded(Limit),
    /// It was denied something and then failed.
    #[error("{0}")]
    Denied(Denial),
    /// It ended itself (`wasi:cli/exit`) instead of returning.
    #[error("the tool exited with status {0} instead of returning a result")]
    Exited(i32),
    /// It broke a rule of WebAssembly, or panicked, which is the same trap in most languages.
    #[error("the tool crashed: {0}")]
    Trapped(Crash),
    /// It could not be started.
    #[error("the tool could not be started")]
    Start,
    /// It came to a question that has no answer.
    #[error(transparent)]
    Suspended(Suspend),
    /// The one who lowers arguments and lifts results refused.
    #[error(transparent)]
    Caller(E),
}

/// How a guest crashed, as coarse as a client may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// `unreachable`: a panic, an abort or a failed assertion.
    Panic,
    /// Access outside of a memory or a table.
    OutOfBounds,
    /// Division by zero, or a number that does not fit.
    Arithmetic,
    /// A call through a null or wrongly typed function pointer.
    BadCall,
    /// A value that breaks the component model's rules.
    BadValue,
    /// Anything else.
    Other,
}

impl std::fmt::Display for Crash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Crash::Panic => "it panicked or aborted",
            Crash::OutOfBounds => "it accessed memory out of bounds",
            Crash::Arithmetic => "an arithmetic operation failed",
            Crash::BadCall => "it called a function that does not exist",
            Crash::BadValue => "it returned a malformed value",
            Crash::Other => "it broke a rule of WebAssembly",
        })
    }
}

/// What wasmtime's error says by itself, before what the call remembers is taken into account.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Cause {
    Interrupted,
    Exceeded(Limit),
    Exited(i32),
    Crashed(Crash),
    /// No trap: a host function or the engine refused.
    Refused,
}

/// How wasmtime 48.0.8 begins its errors for limits that it enforces itself and whose types it keeps private:
/// nothing but the text tells them from other errors. `host/tests/sandbox/limit.rs` has the engine produce each.
///
/// - Hostcall fuel: `HostcallFuelExhausted` in `component/func/options.rs`; the fuel that is left is not readable.
/// - Instances: `bump_resource_counts` in `store.rs`; `ResourceLimiter` names the caps and is not asked again.
/// - Handles of a guest: `HandleTable` in `vm/component/handle_table.rs`, on a new handle and on a loan; the count
///   is not readable.
const TEXTS: [(&str, Limit); 4] = [
    ("too much data is being copied between the host and the guest: fuel", Limit::Hostcall),
    ("resource limit exceeded: ", Limit::Instances),
    ("cannot allocate another handle: store handle limit exceeded", Limit::Handles),
    ("cannot lend resource: store handle limit exceeded", Limit::Handles),
];

/// Reads the cause out of an error of wasmtime.
pub(super) fn cause(error: &wasmtime::Error) -> Cause {
    if let Some(exit) = error.downcast_ref::<I32Exit>() {
        return Cause::Exited(exit.0);
    }
    if let Some(LimitReached(limit)) = error.downcast_ref::<LimitReached>() {
        return Cause::Exceeded(*limit);
    }
    if let Some(ResourceTableError::Full) = error.downcast_ref::<ResourceTableError>() {
        return Cause::Exceeded(Limit::Handles);
    }
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return of_trap(*trap);
    }
    // Only the root cause: above it stands a backtrace, whose names the guest chooses.
    let root = error.root_cause().to_string();
    let limit = TEXTS.iter().find(|(text, _)| root.starts_with(text)).map(|(_, limit)| *limit);
    limit.map_or(Cause::Refused, Cause::Exceeded)
}

fn of_trap(trap: Trap) -> Cause {
    Cause::Crashed(match trap {
        Trap::Interrupt => return Cause::Interrupted,
        Trap::StackOverflow => return Cause::Exceeded(Limit::Stack),
        Trap::UnreachableCodeReached => Crash::Panic,
        Trap::MemoryOutOfBounds | Trap::TableOutOfBounds | Trap::ArrayOutOfBounds => Crash::OutOfBounds,
        Trap::IntegerOverflow | Trap::IntegerDivisionByZero | Trap::BadConversionToInteger => {
            Crash::Arithmetic
        }
        Trap::IndirectCallToNull | Trap::BadSignature | Trap::NullReference => Crash::BadCall,
        Trap::InvalidChar
        | Trap::StringOutOfBounds
        | Trap::ListOutOfBounds
        | Trap::InvalidDiscriminant
        | Trap::UnalignedPointer => Crash::BadValue,
        _ => Crash::Other,
    })
}

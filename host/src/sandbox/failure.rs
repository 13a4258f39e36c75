//! Names the reasons why a call did not return, by what its caller can do about them.
//!
//! A client may read every `Display` text, so none shows internals of the host or the guest. Details and
//! backtraces go to the server's log.

use std::time::Duration;

use wasmtime::Trap;
use wasmtime::component::ResourceTableError;
use wasmtime_wasi::I32Exit;

use super::denial::Denial;
use super::keyvalue::CommitError;
use super::limit::{Limit, LimitReached};
use super::suspend::Suspend;

/// The reason why a call did not return; `E` is the error of the code that lowers arguments and lifts results.
#[derive(Debug, thiserror::Error)]
pub enum GuestFailure<E> {
    /// It exceeded its deadline.
    #[error("the tool did not finish within {} ms", .0.as_millis())]
    Deadline(Duration),
    /// It exceeded another limit.
    #[error("the tool needed more {0} than it is allowed")]
    Exceeded(Limit),
    /// It was denied an access and then failed.
    #[error("{0}")]
    Denied(Denial),
    /// It ended itself (`wasi:cli/exit`) instead of returning.
    #[error("the tool exited with status {0} instead of returning a result")]
    Exited(i32),
    /// It broke a rule of WebAssembly, panicked or threw what nothing caught: the same trap in most languages.
    #[error("the tool crashed: {0}")]
    Trapped(Crash),
    /// It could not be started.
    #[error("the tool could not be started")]
    Start,
    /// It asked a question that has no answer yet.
    #[error(transparent)]
    Suspended(Suspend),
    /// It returned, and what it wrote could not be stored.
    #[error(transparent)]
    State(CommitError),
    /// The code that lowers arguments and lifts results refused.
    #[error(transparent)]
    Caller(E),
}

/// Classifies a crash, as far as a client may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// `unreachable`: a panic, an abort, a failed assertion, or an exception that nothing caught.
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
            Crash::Panic => "an unexpected error ended it",
            Crash::OutOfBounds => "it accessed memory out of bounds",
            Crash::Arithmetic => "an arithmetic operation failed",
            Crash::BadCall => "it called a function that does not exist",
            Crash::BadValue => "it returned a malformed value",
            Crash::Other => "it broke a rule of WebAssembly",
        })
    }
}

/// The cause that wasmtime's error names, without the records of the store.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Cause {
    Interrupted,
    Exceeded(Limit),
    Exited(i32),
    Crashed(Crash),
    /// A host function or the engine refused, without a trap.
    Refused,
}

/// The first words of errors of wasmtime 48.0.8 that have private types, so that only their text tells them apart.
///
/// wasmtime enforces these limits itself. `host/tests/sandbox/limit.rs` makes the engine produce each error, so that
/// an upgrade with other words fails.
///
/// - Hostcall fuel: `HostcallFuelExhausted` in `component/func/options.rs`; the remaining fuel cannot be read.
/// - Instances: `bump_resource_counts` in `store.rs`; it reads the caps of `ResourceLimiter` once, at the start.
/// - Handles of a guest: `HandleTable` in `vm/component/handle_table.rs`, for a new handle and for a loan; the count
///   cannot be read.
const TEXTS: [(&str, Limit); 4] = [
    ("too much data is being copied between the host and the guest: fuel", Limit::Hostcall),
    ("resource limit exceeded: ", Limit::Instances),
    ("cannot allocate another handle: store handle limit exceeded", Limit::Handles),
    ("cannot lend resource: store handle limit exceeded", Limit::Handles),
];

/// Finds the cause in an error of wasmtime.
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
    // Only the root cause counts: the backtrace above it shows names that the guest chooses.
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

//! Checks defaults and examples: reads arguments as a call would, without a guest.

use wasmtime::component::__internal::wasmtime_environ::component::StringEncoding;

use super::decode::decode;
use super::error::CallError;
use super::memory::{GuestBlock, Heap};
use super::plan::Plan;
use crate::codec::checked::{CheckedFunction, CheckedParam};
use crate::codec::error::ArgumentError;

/// The string encodings that take the most memory in a guest: a text may fit a budget in one and not in the other.
const ENCODINGS: [StringEncoding; 2] = [StringEncoding::Utf8, StringEncoding::Utf16];

/// Checks that a function with these parameters would accept `arguments`, by the decoder that serves calls.
///
/// # Errors
/// Everything that a call refuses, and arguments that take more than `budget_bytes` of memory.
pub(in crate::codec) fn check(
    params: Vec<CheckedParam>,
    arguments: &str,
    budget_bytes: usize,
) -> Result<(), ArgumentError> {
    let plan = Plan::new(CheckedFunction { params, result: None });
    ENCODINGS.into_iter().try_for_each(|encoding| {
        decode(&plan, arguments.as_bytes(), budget_bytes, encoding, &mut NullHeap::default())
            .map(drop)
            .map_err(refusal)
    })
}

/// Turns an error of the decoder into one for the author of the arguments.
fn refusal(error: CallError) -> ArgumentError {
    match error {
        CallError::Argument(error) => error,
        other => ArgumentError {
            path: "arguments".into(),
            found: other.to_string(),
            expected: "arguments that a call can pass on".into(),
        },
    }
}

/// Replaces a guest's memory; nothing reads what is written to it.
#[derive(Default)]
struct NullHeap {
    bytes: Vec<u8>,
}

impl Heap for NullHeap {
    fn allocate(&mut self, _align: usize, size: usize) -> wasmtime::Result<GuestBlock<'_>> {
        self.bytes.resize(self.bytes.len().max(size), 0);
        Ok(GuestBlock { address: 0, bytes: &mut self.bytes[..size] })
    }
}

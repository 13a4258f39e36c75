//! Accesses a guest's linear memory: fills blocks on the way in, reads ranges on the way out. The guest chooses every
//! address and length that is read; each is checked here.

use super::error::CallError;

/// Allocates in the guest. A block stays valid until the next allocation, which may move the memory.
pub(super) trait Heap {
    /// Asks the guest for `size` bytes at a multiple of `align`; their contents are undefined.
    ///
    /// # Errors
    /// The guest trapped, or returned a block that is misaligned or outside its memory.
    fn allocate(&mut self, align: usize, size: usize) -> wasmtime::Result<GuestBlock<'_>>;
}

/// Memory that the guest has allocated for the codec.
#[derive(Debug)]
pub(super) struct GuestBlock<'m> {
    pub(super) address: u32,
    pub(super) bytes: &'m mut [u8],
}

/// The address and length of a string or list; the length counts elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) address: u32,
    pub(super) len: u32,
}

/// A guest's memory after the function has returned.
#[derive(Clone, Copy, Debug)]
pub(super) struct Memory<'m>(pub(super) &'m [u8]);

impl<'m> Memory<'m> {
    /// Returns the `count` elements of `size` bytes each at an address that must be a multiple of `align`.
    pub(super) fn block(
        self,
        address: u32,
        count: u32,
        size: usize,
        align: usize,
    ) -> Result<&'m [u8], CallError> {
        let start = address as usize;
        if !start.is_multiple_of(align) {
            return Err(malformed("a pointer is not aligned"));
        }
        let end = (count as usize).checked_mul(size).and_then(|bytes| start.checked_add(bytes));
        let range = end.and_then(|end| self.0.get(start..end));
        range.ok_or_else(|| malformed("a pointer or length is out of bounds of memory"))
    }
}

/// Returns the error for a result that violates the canonical ABI.
#[cold]
pub(super) fn malformed(what: &'static str) -> CallError {
    CallError::Guest(wasmtime::Error::msg(what))
}

//! What the codec sees of a guest's linear memory: blocks to fill on the way in, ranges to read on the
//! way out. The guest chooses every address and length that is read; each is checked here.

use super::error::CallError;

/// Allocates in the guest. A block stays valid until the next allocation, which may move the memory.
pub(super) trait Heap {
    /// Has the guest allocate `size` bytes at a multiple of `align`; what is in them is undefined.
    ///
    /// # Errors
    /// The guest trapped, or answered with a block that is misaligned or not within its memory.
    fn allocate(&mut self, align: usize, size: usize) -> wasmtime::Result<GuestBlock<'_>>;
}

/// Memory that the guest has allocated for us.
#[derive(Debug)]
pub(super) struct GuestBlock<'m> {
    pub(super) address: u32,
    pub(super) bytes: &'m mut [u8],
}

/// Address and length of a string or list; the length counts elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) address: u32,
    pub(super) len: u32,
}

/// A guest's memory as it stands when the function has returned.
#[derive(Clone, Copy, Debug)]
pub(super) struct Memory<'m>(pub(super) &'m [u8]);

impl<'m> Memory<'m> {
    /// The `count` elements of `size` bytes each at an address that has to be a multiple of `align`.
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

/// The guest's result breaks the canonical ABI.
#[cold]
pub(super) fn malformed(what: &'static str) -> CallError {
    CallError::Guest(wasmtime::Error::msg(what))
}

//! Counts the memory of decoded values before it is allocated.

use wasmtime::component::Val;

/// The memory that the arguments of one call may still take.
///
/// Vectors are charged by capacity, strings by length, boxes by content. Not counted: what the JSON
/// reader keeps while it unescapes one string, which the size of the request bounds.
#[derive(Debug)]
pub(super) struct Budget {
    limit_bytes: usize,
    left_bytes: usize,
}

/// The budget is used up.
#[derive(Debug)]
pub(super) struct Exceeded {
    pub(super) limit_bytes: usize,
}

impl Budget {
    pub(super) fn new(limit_bytes: usize) -> Self {
        Self { limit_bytes, left_bytes: limit_bytes }
    }

    /// Takes `count` times `size` bytes, before they are allocated.
    pub(super) fn take(&mut self, count: usize, size: usize) -> Result<(), Exceeded> {
        let left = count.checked_mul(size).and_then(|bytes| self.left_bytes.checked_sub(bytes));
        self.left_bytes = left.ok_or(Exceeded { limit_bytes: self.limit_bytes })?;
        Ok(())
    }

    /// Appends to a list, paying for its growth first.
    pub(super) fn push(&mut self, list: &mut Vec<Val>, item: Val) -> Result<(), Exceeded> {
        if list.len() == list.capacity() {
            let more = list.capacity().max(4);
            self.take(more, size_of::<Val>())?;
            list.reserve_exact(more);
        }
        list.push(item);
        Ok(())
    }
}

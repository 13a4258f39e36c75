//! Counts memory before it is allocated.

use super::error::CallError;
use crate::codec::encoded::AnswerForm;

/// The memory that one call's arguments and result may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budgets {
    /// The limit of the arguments: what is allocated in the guest, and what the host holds until a length is known.
    /// The text of the arguments does not count.
    pub input_bytes: usize,
    /// The limit of the result, as it is sent.
    pub output_bytes: usize,
    /// The way in which it is sent.
    pub answer: AnswerForm,
}

/// The memory that the arguments of one call may still take, in the guest and on the way there.
#[derive(Debug)]
pub(super) struct Budget {
    limit_bytes: usize,
    left_bytes: usize,
}

impl Budget {
    pub(super) fn new(limit_bytes: usize) -> Self {
        Self { limit_bytes, left_bytes: limit_bytes }
    }

    /// Takes `bytes`, before they are allocated.
    pub(super) fn take(&mut self, bytes: usize) -> Result<(), CallError> {
        let left = self.left_bytes.checked_sub(bytes);
        self.left_bytes = left.ok_or(CallError::Input { limit_bytes: self.limit_bytes })?;
        Ok(())
    }

    /// Appends `bytes` zeros to a buffer, after taking the capacity that it grows by.
    pub(super) fn extend(&mut self, buffer: &mut Vec<u8>, bytes: usize) -> Result<(), CallError> {
        let missing = (buffer.len() + bytes).saturating_sub(buffer.capacity());
        if missing > 0 {
            let more = missing.max(buffer.capacity()).max(MIN_GROWTH_BYTES);
            self.take(more)?;
            buffer.reserve_exact(buffer.capacity() - buffer.len() + more);
        }
        buffer.resize(buffer.len() + bytes, 0);
        Ok(())
    }
}

/// The first capacity of a buffer; most arguments need no more.
const MIN_GROWTH_BYTES: usize = 256;

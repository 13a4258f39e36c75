//! Turns bytes into decisions, so that a fuzzer that changes bytes changes decisions.

/// The decisions that an input has left; when it has ended, every decision is the first one.
#[derive(Clone, Debug)]
pub(super) struct Choices<'d> {
    rest: &'d [u8],
}

impl<'d> Choices<'d> {
    /// Takes the decisions from `data`.
    pub(super) fn new(data: &'d [u8]) -> Self {
        Self { rest: data }
    }

    /// Returns the next byte.
    pub(super) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        *first
    }

    /// Returns a number below `end`, which is at least 1.
    pub(super) fn below(&mut self, end: usize) -> usize {
        let byte = usize::from(self.byte());
        if end <= 256 { byte % end } else { (byte << 8 | usize::from(self.byte())) % end }
    }

    /// Returns one of several values.
    pub(super) fn one<'v, T>(&mut self, values: &'v [T]) -> &'v T {
        &values[self.below(values.len())]
    }

    /// Returns a number of 64 bits.
    pub(super) fn word(&mut self) -> u64 {
        u64::from_le_bytes(std::array::from_fn(|_| self.byte()))
    }

    /// Returns a text of at most 15 bytes; what is not UTF-8 is replaced.
    pub(super) fn text(&mut self) -> String {
        let length = self.below(16).min(self.rest.len());
        let (text, rest) = self.rest.split_at(length);
        self.rest = rest;
        String::from_utf8_lossy(text).into_owned()
    }

    /// Returns what no decision has taken.
    pub(super) fn rest(self) -> &'d [u8] {
        self.rest
    }
}

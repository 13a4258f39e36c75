//! Makes numbers that look random and are the same in every run with the same seed.

/// The seed without `TOOLCELL_SOAK_SEED`.
pub(crate) const SEED: u64 = 1;

/// A generator of numbers.
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Makes the generator number `number` of a seed.
    pub(crate) fn new(seed: u64, number: usize) -> Self {
        let mut dice = Self((seed << 32 | number as u64).wrapping_add(0x9e37_79b9_7f4a_7c15) | 1);
        // The first numbers of neighbours are alike.
        for _ in 0..16 {
            dice.throw(2);
        }
        dice
    }

    /// Returns a number below `sides`.
    pub(crate) fn throw(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % sides
    }
}

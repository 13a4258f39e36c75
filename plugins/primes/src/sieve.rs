//! The sieve of Eratosthenes in blocks, so that its memory does not grow with the limit.

/// Odd numbers per block: one byte each, small enough for the second-level cache.
const BLOCK_LENGTH: usize = 1 << 20;

/// Numbers that one block covers.
const BLOCK_SPAN: u64 = 2 * BLOCK_LENGTH as u64;

/// Finds the primes below a limit, block by block.
pub(crate) struct Sieve {
    limit: u64,
    /// Odd primes up to the square root of the limit.
    base: Vec<u64>,
    /// First number of the next block; even.
    start: u64,
    composite: Vec<bool>,
}

/// The primes of one block.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// The number after the last one that was looked at.
    pub(crate) end: u64,
    /// How many primes there are.
    pub(crate) primes: u64,
    /// The largest of them.
    pub(crate) largest: Option<u64>,
}

impl Sieve {
    /// Prepares to find all primes below `limit`.
    pub(crate) fn new(limit: u64) -> Self {
        Self { limit, base: odd_primes_to(limit.isqrt()), start: 0, composite: Vec::new() }
    }

    /// How many blocks there are.
    pub(crate) fn blocks(&self) -> u64 {
        self.limit.div_ceil(BLOCK_SPAN)
    }

    /// Works through the next block; none after the last one.
    pub(crate) fn next_block(&mut self) -> Option<Block> {
        if self.start >= self.limit {
            return None;
        }
        let start = self.start;
        let end = self.limit.min(start.saturating_add(BLOCK_SPAN));
        self.cross_out(start, end);
        self.start = end;
        Some(self.evaluate(start, end))
    }

    /// Marks the odd composite numbers from `start` to `end`; index `i` is the number `start + 2 * i + 1`.
    fn cross_out(&mut self, start: u64, end: u64) {
        self.composite.clear();
        self.composite.resize(((end - start) / 2) as usize, false);
        for &prime in &self.base {
            let square = prime * prime;
            if square >= end {
                break;
            }
            let first = if square > start { square } else { first_odd_multiple(prime, start) };
            let first = ((first - start) / 2) as usize;
            for index in (first..self.composite.len()).step_by(prime as usize) {
                self.composite[index] = true;
            }
        }
    }

    fn evaluate(&self, start: u64, end: u64) -> Block {
        let number = |index: usize| start + 2 * index as u64 + 1;
        let is_prime = |index: &usize| !self.composite[*index] && number(*index) > 1;
        let odd = (0..self.composite.len()).filter(is_prime).count() as u64;
        let largest = (0..self.composite.len()).rev().find(is_prime).map(number);
        // 2 is the only even prime.
        let two = (start..end).contains(&2).then_some(2);
        Block { end, primes: odd + u64::from(two.is_some()), largest: largest.or(two) }
    }
}

/// The smallest odd multiple of `prime` after `start`.
fn first_odd_multiple(prime: u64, start: u64) -> u64 {
    let multiple = (start / prime + 1) * prime;
    if multiple.is_multiple_of(2) { multiple + prime } else { multiple }
}

fn odd_primes_to(last: u64) -> Vec<u64> {
    let mut primes: Vec<u64> = Vec::new();
    for candidate in (3..=last).step_by(2) {
        let is_divisor = |prime: &&u64| candidate.is_multiple_of(**prime);
        let mut possible = primes.iter().take_while(|prime| **prime * **prime <= candidate);
        if possible.find(is_divisor).is_none() {
            primes.push(candidate);
        }
    }
    primes
}

#[cfg(test)]
mod tests {
    use super::{BLOCK_SPAN, Sieve};

    fn primes_below(limit: u64) -> (u64, Option<u64>) {
        let mut sieve = Sieve::new(limit);
        let blocks: Vec<_> = std::iter::from_fn(|| sieve.next_block()).collect();
        assert_eq!(blocks.len() as u64, sieve.blocks());
        let largest = blocks.iter().filter_map(|block| block.largest).next_back();
        (blocks.iter().map(|block| block.primes).sum(), largest)
    }

    #[test]
    fn small_limits_are_exact() {
        let expected = [
            (0, 0, None),
            (2, 0, None),
            (3, 1, Some(2)),
            (4, 2, Some(3)),
            (10, 4, Some(7)),
            (100, 25, Some(97)),
            (122, 30, Some(113)),
        ];
        for (limit, count, largest) in expected {
            assert_eq!(primes_below(limit), (count, largest), "below {limit}");
        }
    }

    #[test]
    fn several_blocks_add_up() {
        const { assert!(10_000_000 > 3 * BLOCK_SPAN) };
        assert_eq!(primes_below(10_000_000), (664_579, Some(9_999_991)));
    }
}

//! Factoring by trial division of small factors, then Pollard's rho.

use crate::PrimePower;

/// Smaller factors are found by dividing.
const TRIAL_LIMIT: u64 = 1_000;

/// Witnesses that make the Miller-Rabin test exact for every `u64` (Sorenson and Webster 2015).
const WITNESSES: [u64; 12] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];

/// The prime factors of `number`, which is not 0, the smallest first.
pub(crate) fn factor(mut number: u64) -> Vec<PrimePower> {
    let mut primes = Vec::new();
    for divisor in 2..TRIAL_LIMIT {
        while number.is_multiple_of(divisor) {
            primes.push(divisor);
            number /= divisor;
        }
    }
    split(number, &mut primes);
    primes.sort_unstable();
    let groups = primes.chunk_by(|a, b| a == b);
    groups.map(|group| PrimePower { prime: group[0], exponent: group.len() as u32 }).collect()
}

/// Appends the prime factors of `number`, none of which is smaller than [`TRIAL_LIMIT`].
fn split(number: u64, primes: &mut Vec<u64>) {
    if number == 1 {
        return;
    }
    if is_prime(number) {
        primes.push(number);
        return;
    }
    let divisor = (1..).find_map(|step| find_divisor(number, step));
    let divisor = divisor.expect("some step splits a composite number");
    split(divisor, primes);
    split(number / divisor, primes);
}

/// Pollard's rho with Floyd's cycle finding; none where this `step` fails.
fn find_divisor(number: u64, step: u64) -> Option<u64> {
    let next = |x: u64| ((u128::from(x) * u128::from(x) + u128::from(step)) % u128::from(number)) as u64;
    let (mut slow, mut fast) = (2, 2);
    loop {
        slow = next(slow);
        fast = next(next(fast));
        match greatest_common_divisor(slow.abs_diff(fast), number) {
            1 => {}
            divisor if divisor == number => return None,
            divisor => return Some(divisor),
        }
    }
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// The Miller-Rabin test, for numbers that no small prime divides.
fn is_prime(number: u64) -> bool {
    let shift = (number - 1).trailing_zeros();
    let odd = (number - 1) >> shift;
    WITNESSES.iter().all(|witness| {
        let mut power = power_modulo(*witness, odd, number);
        let mut passes = power == 1 || power == number - 1;
        for _ in 1..shift {
            power = multiply_modulo(power, power, number);
            passes |= power == number - 1;
        }
        passes
    })
}

fn power_modulo(mut base: u64, mut exponent: u64, modulus: u64) -> u64 {
    let mut power = 1;
    while exponent > 0 {
        if !exponent.is_multiple_of(2) {
            power = multiply_modulo(power, base, modulus);
        }
        base = multiply_modulo(base, base, modulus);
        exponent /= 2;
    }
    power
}

fn multiply_modulo(a: u64, b: u64, modulus: u64) -> u64 {
    (u128::from(a) * u128::from(b) % u128::from(modulus)) as u64
}

#[cfg(test)]
mod tests {
    use super::factor;

    fn factors(number: u64) -> Vec<(u64, u32)> {
        factor(number).iter().map(|power| (power.prime, power.exponent)).collect()
    }

    #[test]
    fn one_has_no_factors() {
        assert!(factors(1).is_empty());
    }

    #[test]
    fn small_and_large_numbers_are_factored() {
        assert_eq!(factors(360), [(2, 3), (3, 2), (5, 1)]);
        assert_eq!(
            factors(u64::MAX),
            [(3, 1), (5, 1), (17, 1), (257, 1), (641, 1), (65_537, 1), (6_700_417, 1)]
        );
        assert_eq!(factors(18_446_744_073_709_551_557), [(18_446_744_073_709_551_557, 1)]);
    }

    #[test]
    fn squares_of_large_primes_are_factored() {
        assert_eq!(factors(1_000_003 * 1_000_003), [(1_000_003, 2)]);
        assert_eq!(factors(4_294_967_291 * 4_294_967_291), [(4_294_967_291, 2)]);
    }

    #[test]
    fn pseudoprimes_are_not_taken_for_primes() {
        assert_eq!(factors(3_215_031_751), [(151, 1), (751, 1), (28_351, 1)]);
        assert_eq!(factors(1_093 * 1_093), [(1_093, 2)]);
    }
}

//! Prime numbers, with progress and log. The contract of every function is in `wit/world.wit`.

mod factor;
mod sieve;

wit_bindgen::generate!({ world: "primes", path: "wit", generate_all });

use exports::samples::primes::tools::{Guest, PrimeCount, PrimePower};
use sieve::Sieve;
use toolcell::plugin::log::{self, Level};
use toolcell::plugin::progress;

struct Primes;

impl Guest for Primes {
    fn count_primes(limit: u64) -> PrimeCount {
        let mut sieve = Sieve::new(limit);
        let fields =
            [("limit".to_owned(), limit.to_string()), ("blocks".to_owned(), sieve.blocks().to_string())];
        log::write(Level::Info, "counting primes", &fields);

        let mut counted = PrimeCount { count: 0, largest: None };
        while let Some(block) = sieve.next_block() {
            counted.count += block.primes;
            counted.largest = block.largest.or(counted.largest);
            let message = format!("{} primes below {}", counted.count, block.end);
            progress::report(block.end as f64, Some(limit as f64), Some(&message));
        }
        counted
    }

    fn factor_number(number: u64) -> Result<Vec<PrimePower>, String> {
        if number == 0 {
            return Err("0 has no prime factors: every prime divides it".to_owned());
        }
        Ok(factor::factor(number))
    }
}

export!(Primes);

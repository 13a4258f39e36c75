//! Runs all contenders, in rounds.

use anyhow::ensure;
use measure::machine::Machine;

use crate::contender::Contender;
use crate::options::Options;
use crate::result::{ContenderResult, Results};
use crate::run::{self, Run};

/// Starts every contender once in each round, each round in another order, so that none always follows the same one. A
/// first round, which does not count, brings the files into the page cache.
///
/// # Errors
/// Fails when a contender does not start, does not answer, or answers wrongly.
pub(crate) fn run(contenders: &[Contender], options: &Options) -> anyhow::Result<Results> {
    ensure!(!contenders.is_empty(), "no contender to measure");
    let mut machine = Machine::look();
    for contender in contenders {
        run::once(contender, options.warm.min(10))?;
    }
    let mut runs: Vec<Vec<Run>> = contenders.iter().map(|_| Vec::new()).collect();
    let mut dice = Dice(options.rounds as u64);
    for round in 0..options.rounds {
        eprint!("\rround {} of {}", round + 1, options.rounds);
        machine.measure();
        for at in dice.order(contenders.len()) {
            runs[at].push(run::once(&contenders[at], options.warm)?);
        }
    }
    eprintln!();
    machine.finish();
    let results = contenders.iter().zip(runs);
    let results = results.map(|(contender, runs)| ContenderResult {
        name: contender.name.clone(),
        what: contender.what.clone(),
        runs,
        reference: contender.reference.clone(),
        sizes: contender.sizes,
    });
    Ok(Results { machine, contenders: results.collect() })
}

/// Chooses the order of a round: random, but the same in every measurement of as many rounds.
struct Dice(u64);

impl Dice {
    fn order(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for last in (1..count).rev() {
            order.swap(last, self.throw(last as u64 + 1) as usize);
        }
        order
    }

    /// Returns a number below `sides`, from Knuth's MMIX generator; its upper bits are good enough for an order.
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;

    #[test]
    fn an_order_holds_each_contender_once_and_changes() {
        let mut dice = Dice(1);
        let orders: Vec<Vec<usize>> = (0..3).map(|_| dice.order(8)).collect();
        for order in &orders {
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..8).collect::<Vec<_>>());
        }
        assert_ne!(orders[0], orders[1]);
    }
}

//! Measures how long a neighbour's short calls take beside attacks on the same server, and how far attacks go beyond the
//! limits of their own calls.
//!
//! In each round, every attack has a server of its own, and the neighbour calls the same tool of another plugin over one
//! connection, one call after the other. A ratio compares an attack with no attack in the same round; the report shows
//! the median over rounds with its range.
//!
//! ```text
//! server      the process, started and listening
//! attack      what goes on beside the neighbour
//! sample      the neighbour's calls -> p50 and p99
//! cap         an attack alone -> its lateness, answer, log and memory
//! report      the tables and the JSON file
//! ```

mod attack;
mod cap;
mod report;
mod sample;
mod server;

use std::path::PathBuf;

use anyhow::{Context, bail};
use measure::machine::Machine;
use measure::workload;

use attack::Attack;
use cap::{Attempt, Excess};
use report::Report;
use sample::Sample;
use server::Server;

const USAGE: &str = "usage: neighbour --toolcell FILE --bundle DIR [--rounds N] [--calls N]
                     [--only TEXT] [--out DIR]";

/// The program, and how much is measured.
struct Options {
    toolcell: PathBuf,
    bundle: PathBuf,
    rounds: usize,
    /// The neighbour's calls beside one attack in one round.
    calls: usize,
    /// The text that an attack's name must contain.
    only: String,
    out: PathBuf,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut options = Options {
            toolcell: "target/release/toolcell".into(),
            bundle: "target/bench/neighbour".into(),
            rounds: 7,
            calls: 500,
            only: String::new(),
            out: "target/bench".into(),
        };
        while let Some(name) = arguments.next() {
            let value = arguments.next().with_context(|| format!("{name} needs a value\n{USAGE}"))?;
            match name.as_str() {
                "--toolcell" => options.toolcell = value.into(),
                "--bundle" => options.bundle = value.into(),
                "--rounds" => options.rounds = value.parse().context(USAGE)?,
                "--calls" => options.calls = value.parse().context(USAGE)?,
                "--only" => options.only = value,
                "--out" => options.out = value.into(),
                _ => bail!("unknown option {name}\n{USAGE}"),
            }
        }
        Ok(options)
    }
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse(std::env::args().skip(1))?;
    std::fs::create_dir_all(&options.out)?;
    let mut machine = Machine::look();
    let is_chosen = |attack: &Attack| *attack == Attack::None || attack.name().contains(&options.only);
    let attacks: Vec<_> = Attack::ALL.into_iter().filter(is_chosen).collect();
    let attempts: Vec<_> =
        Attempt::ALL.into_iter().filter(|attempt| attempt.name.contains(&options.only)).collect();
    let mut samples = vec![Vec::new(); attacks.len()];
    let mut excesses = vec![Vec::new(); attempts.len()];
    for round in 0..options.rounds {
        eprintln!("round {} of {}", round + 1, options.rounds);
        machine.measure();
        for (attack, samples) in attacks.iter().zip(&mut samples) {
            samples.push(beside(*attack, &options).with_context(|| attack.name())?);
        }
        for (attempt, excesses) in attempts.iter().zip(&mut excesses) {
            excesses.push(alone(*attempt, &options).with_context(|| attempt.name)?);
        }
    }
    machine.finish();
    let report = Report { machine, attacks, samples, attempts, excesses };
    report.print();
    report.write(&options.out)
}

/// Measures the neighbour beside one attack.
fn beside(attack: Attack, options: &Options) -> anyhow::Result<Sample> {
    let server = Server::start(&options.toolcell, &options.bundle, &options.out)?;
    let workload = workload::make_slug();
    sample::warm_up(server.address, &workload)?;
    let attacking = attack.begin(server.address)?;
    let sample = Sample::take(server.address, &workload, options.calls);
    drop(attacking);
    sample
}

/// Measures an attack that has the server for itself.
fn alone(attempt: Attempt, options: &Options) -> anyhow::Result<Excess> {
    let server = Server::start(&options.toolcell, &options.bundle, &options.out)?;
    cap::measure(&server, attempt)
}

//! Writes the results: as a table to the terminal, and as JSON to a file.

use std::fs;
use std::path::Path;

use anyhow::Context;
use measure::machine::Machine;
use measure::summary::Summary;
use serde_json::{Value, json};

use crate::attack::Attack;
use crate::cap::{Attempt, Excess};
use crate::sample::Sample;

/// The name of the JSON file.
const FILE: &str = "neighbour.json";

/// All samples.
pub(crate) struct Report {
    pub(crate) machine: Machine,
    /// The measured loads; the first row is the idle server.
    pub(crate) attacks: Vec<Attack>,
    /// By attack, then by round.
    pub(crate) samples: Vec<Vec<Sample>>,
    /// Attacks that had the server for themselves.
    pub(crate) attempts: Vec<Attempt>,
    /// By attempt, then by round.
    pub(crate) excesses: Vec<Vec<Excess>>,
}

impl Report {
    /// Prints the tables as Markdown.
    pub(crate) fn print(&self) {
        self.print_neighbour();
        self.print_caps();
        println!("\n{}", self.machine.describe());
    }

    fn print_neighbour(&self) {
        println!("\n### A neighbour's short calls beside attacks\n");
        println!("| beside | p50 ms | p99 ms | max ms | p50 x idle | p99 x idle |");
        println!("|---|--:|--:|--:|--:|--:|");
        for (attack, samples) in self.attacks.iter().zip(&self.samples) {
            let of = |metric: fn(&Sample) -> f64| range(Summary::of(samples.iter().map(metric)));
            let ratio = |metric: fn(&Sample) -> f64| range(Summary::ratio(samples, &self.samples[0], metric));
            println!(
                "| {} | {} | {} | {} | {} | {} |",
                attack.name(),
                of(|sample| sample.p50_ms),
                of(|sample| sample.p99_ms),
                of(|sample| sample.max_ms),
                ratio(|sample| sample.p50_ms),
                ratio(|sample| sample.p99_ms),
            );
        }
    }

    fn print_caps(&self) {
        println!("\n### Attacks against their own limits\n");
        println!(
            "| attack | late ms, p50 | p99 | late ms, 8 at once, p50 | p99 | answer x limit | log x limit | memory x limit |"
        );
        println!("|---|--:|--:|--:|--:|--:|--:|--:|");
        for (attempt, excesses) in self.attempts.iter().zip(&self.excesses) {
            let most = |metric: fn(&Excess) -> f64| excesses.iter().map(metric).fold(0.0, f64::max);
            println!(
                "| {} | {} | {} | {:.2} | {:.2} | {:.2} |",
                attempt.name,
                late(excesses.iter().flat_map(|excess| &excess.late_ms)),
                late(excesses.iter().flat_map(|excess| &excess.late_together_ms)),
                most(|excess| excess.answer),
                most(|excess| excess.log),
                most(|excess| excess.memory),
            );
        }
    }

    /// Writes every sample to `directory`.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub(crate) fn write(&self, directory: &Path) -> anyhow::Result<()> {
        let attacks: Vec<Value> = self
            .attacks
            .iter()
            .zip(&self.samples)
            .map(|(attack, samples)| json!({ "beside": attack.name(), "rounds": samples }))
            .collect();
        let caps: Vec<Value> = self
            .attempts
            .iter()
            .zip(&self.excesses)
            .map(|(attempt, excesses)| json!({ "attack": attempt.name, "rounds": excesses }))
            .collect();
        let document = json!({ "machine": self.machine, "attacks": attacks, "caps": caps });
        let file = directory.join(FILE);
        let text = serde_json::to_string_pretty(&document)? + "\n";
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
        eprintln!("\nEvery sample: {}", file.display());
        Ok(())
    }
}

fn range(summary: Summary) -> String {
    format!("{:.2} ({:.2}-{:.2})", summary.median, summary.min, summary.max)
}

/// Writes the median and the 99th percentile, as two cells.
fn late<'t>(times: impl Iterator<Item = &'t f64>) -> String {
    let mut times: Vec<f64> = times.copied().collect();
    if times.is_empty() {
        return " | ".to_owned();
    }
    times.sort_by(f64::total_cmp);
    let at = |part: f64| times[((times.len() - 1) as f64 * part).round() as usize];
    format!("{:.1} | {:.1}", at(0.5), at(0.99))
}

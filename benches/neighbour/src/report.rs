//! Writes the results: as a table to the terminal, and as JSON to a file.

use std::fs;
use std::path::Path;

use anyhow::Context;
use measure::machine::Machine;
use measure::summary::Summary;
use serde_json::{Value, json};

use crate::attack::Attack;
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
}

impl Report {
    /// Prints the table as Markdown.
    pub(crate) fn print(&self) {
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
        println!("\n{}", self.machine.describe());
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
        let document = json!({ "machine": self.machine, "attacks": attacks });
        let file = directory.join(FILE);
        let text = serde_json::to_string_pretty(&document)? + "\n";
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
        println!("\nEvery sample: {}", file.display());
        Ok(())
    }
}

fn range(summary: Summary) -> String {
    format!("{:.2} ({:.2}-{:.2})", summary.median, summary.min, summary.max)
}

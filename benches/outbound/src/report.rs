//! Writes the results: as a table to the terminal, and as JSON to a file.

use std::fs;
use std::path::Path;

use anyhow::Context;
use measure::machine::Machine;
use measure::summary::Summary;
use serde_json::{Value, json};

use crate::sample::Sample;
use crate::upstream::Version;

/// The name of the JSON file.
const FILE: &str = "outbound.json";

/// All samples.
pub(crate) struct Report {
    pub(crate) machine: Machine,
    /// The contenders, the yardstick first.
    pub(crate) contenders: Vec<&'static str>,
    /// The GETs of a sample.
    pub(crate) gets: u32,
    pub(crate) rows: Vec<Row>,
}

/// The samples of one version of HTTP and one size.
pub(crate) struct Row {
    pub(crate) version: Version,
    pub(crate) bytes: usize,
    /// By contender, then by round.
    pub(crate) samples: Vec<Vec<Sample>>,
}

impl Report {
    /// Prints the tables as Markdown.
    pub(crate) fn print(&self) {
        for row in &self.rows {
            println!("\n### {}, responses of {} KiB\n", row.version.name(), row.bytes >> 10);
            println!("| | min us | us/GET | x reqwest | CPU us/GET | x reqwest |");
            println!("|---|--:|--:|--:|--:|--:|");
            for (name, samples) in self.contenders.iter().zip(&row.samples) {
                println!("| {name} | {} |", cells(samples, &row.samples[0]));
            }
        }
        println!("\nSamples of {} GETs. {}", self.gets, self.machine.describe());
    }

    /// Writes every sample to `directory`.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub(crate) fn write(&self, directory: &Path) -> anyhow::Result<()> {
        let row = |row: &Row| {
            let samples = self.contenders.iter().zip(&row.samples);
            let contenders: Vec<Value> =
                samples.map(|(name, rounds)| json!({ "name": name, "rounds": rounds })).collect();
            json!({ "version": row.version.name(), "bytes": row.bytes, "contenders": contenders })
        };
        let rows: Vec<Value> = self.rows.iter().map(row).collect();
        let document = json!({ "machine": self.machine, "gets": self.gets, "rows": rows });
        let file = directory.join(FILE);
        let text = serde_json::to_string_pretty(&document)? + "\n";
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
        eprintln!("\nEvery sample: {}", file.display());
        Ok(())
    }
}

/// Writes the cells of a contender, in comparison with the yardstick.
fn cells(samples: &[Sample], yardstick: &[Sample]) -> String {
    let wall: fn(&Sample) -> f64 = |sample| sample.wall_us;
    let cpu: fn(&Sample) -> f64 = |sample| sample.cpu_us;
    let of = |metric: fn(&Sample) -> f64| Summary::of(samples.iter().map(metric));
    let range = |summary: Summary| format!("{:.0} ({:.0}-{:.0})", summary.median, summary.min, summary.max);
    let times = |summary: Summary| format!("{:.2} ({:.2}-{:.2})", summary.median, summary.min, summary.max);
    [
        format!("{:.0}", of(wall).min),
        range(of(wall)),
        times(Summary::ratio(samples, yardstick, wall)),
        range(of(cpu)),
        times(Summary::ratio(samples, yardstick, cpu)),
    ]
    .join(" | ")
}

//! Renders the counts as a table, and writes all of them as JSON.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Serialize;

use super::memory::Memory;
use super::phase::{Phase, Phases};
use super::system_calls::Calls;

/// Name of the JSON file.
const FILE: &str = "profile.json";

/// The counts of every contender.
#[derive(Serialize)]
pub(crate) struct Profile {
    contenders: Vec<Profiled>,
}

/// The counts of one contender.
#[derive(Serialize)]
pub(super) struct Profiled {
    pub(super) name: String,
    pub(super) what: String,
    pub(super) counts: Phases<Counts>,
}

/// The counts of one phase.
#[derive(Serialize)]
pub(super) struct Counts {
    instructions: f64,
    system_calls: f64,
    system_calls_by_name: Calls,
    #[serde(flatten)]
    memory: Memory,
}

impl From<Phases<((f64, Calls), Memory)>> for Phases<Counts> {
    fn from(phases: Phases<((f64, Calls), Memory)>) -> Self {
        phases.map(|((instructions, system_calls_by_name), memory)| Counts {
            instructions,
            system_calls: system_calls_by_name.values().sum(),
            system_calls_by_name,
            memory,
        })
    }
}

impl Profile {
    pub(super) fn new(contenders: Vec<Profiled>) -> Self {
        Profile { contenders }
    }

    /// Writes every count into `directory`.
    pub(super) fn write(&self, directory: &Path) -> anyhow::Result<PathBuf> {
        let file = directory.join(FILE);
        let text = serde_json::to_string_pretty(self)?;
        fs::write(&file, text + "\n").with_context(|| format!("cannot write {}", file.display()))?;
        Ok(file)
    }

    /// Renders one row for each phase of each contender.
    pub(crate) fn render(&self) -> String {
        let mut text = String::new();
        // Writing to a string never fails.
        let _ = self.rows(&mut text);
        text
    }

    fn rows(&self, text: &mut String) -> std::fmt::Result {
        writeln!(
            text,
            "| | phase | million instructions | system calls | minor faults | major | KB read | bundle KB mapped | \
             touched | program KB touched | KB without a file | dirty KB |"
        )?;
        writeln!(text, "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")?;
        for contender in &self.contenders {
            for phase in Phase::ALL {
                let Counts { instructions, system_calls, memory, .. } = contender.counts.of(phase);
                writeln!(
                    text,
                    "| {} | {} | {:.3} | {:.1} | {:.1} | {:.1} | {:.1} | {} | {} | {} | {} | {} |",
                    if phase == Phase::Start { &contender.what } else { "" },
                    phase.name(),
                    instructions / 1e6,
                    system_calls,
                    memory.minor_faults,
                    memory.major_faults,
                    memory.read_bytes / 1e3,
                    memory.bundle.mapped_kib,
                    memory.bundle.touched_kib,
                    memory.program.touched_kib,
                    memory.anonymous.touched_kib,
                    memory.dirty_kib(),
                )?;
            }
        }
        Ok(())
    }
}

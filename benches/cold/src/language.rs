//! Renders the same plugin in every language as a table, for docs/languages.md.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::result::{COLD_MS, ContenderResult, DIRTY_MB, Results, WARM_CPU_US, WARM_MIN_US};

/// The SDK that every language is compared with.
const SDK: &str = "node";

/// The sizes of a plugin.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) struct Sizes {
    /// The component, in bytes.
    component: u64,
    /// Its machine code, in bytes.
    code: u64,
}

impl Sizes {
    /// Measures a plugin that `toolcell new` and `toolcell build` have made.
    ///
    /// # Errors
    /// Fails when the component or its machine code is missing.
    pub(crate) fn of(directory: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            component: size_in(&directory.join("target"), "wasm")?,
            code: size_in(&directory.join("bundle"), "cwasm")?,
        })
    }
}

/// Returns the size of the one file with that ending.
fn size_in(directory: &Path, ending: &str) -> anyhow::Result<u64> {
    let entries = fs::read_dir(directory).with_context(|| format!("no directory {}", directory.display()))?;
    let mut files =
        entries.flatten().filter(|entry| entry.path().extension().is_some_and(|end| end == ending));
    let file = files.next().with_context(|| format!("no .{ending} in {}", directory.display()))?;
    Ok(file.metadata()?.len())
}

/// Renders the table, and a paragraph about the machine.
pub(crate) fn render(results: &Results) -> String {
    let mut text = String::new();
    // Writing to a string never fails.
    let _ = rows(&mut text, results);
    let rounds = results.contenders.first().map_or(0, |contender| contender.runs.len());
    let _ = write!(text, "\n{rounds} rounds. {}", results.machine.describe());
    text
}

fn rows(text: &mut String, results: &Results) -> std::fmt::Result {
    writeln!(
        text,
        "| | component KB | machine code KB | cold call ms | SDK on Node | first call us | warm call us, min | \
         CPU us | dirty MB |"
    )?;
    writeln!(text, "|---|--:|--:|--:|--:|--:|--:|--:|--:|")?;
    for contender in &results.contenders {
        let Some(sizes) = contender.sizes else { continue };
        writeln!(
            text,
            "| {} | {} | {} | {:.2} | {} | {} | {:.0} | {:.0} | {:.1} |",
            contender.what,
            sizes.component / 1000,
            sizes.code / 1000,
            contender.of(COLD_MS).median,
            against_sdk(results, contender),
            contender.phase("total_us").map_or(String::new(), |(first, _)| format!("{first:.0}")),
            contender.of(WARM_MIN_US).min,
            contender.of(WARM_CPU_US).median,
            contender.of(DIRTY_MB).median,
        )?;
    }
    Ok(())
}

/// Renders how many times longer the SDK takes to its first answer.
fn against_sdk(results: &Results, contender: &ContenderResult) -> String {
    results.named(SDK).map_or(String::new(), |sdk| format!("{:.0} x", sdk.against(contender, COLD_MS)))
}

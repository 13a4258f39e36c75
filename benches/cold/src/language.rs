//! The same plugin in every language, as a table for docs/languages.md.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::standing::{COLD_MS, DIRTY_MB, Results, Standing, WARM_CPU_US, WARM_MIN_US};

/// The SDK that every language is compared with.
const SDK: &str = "node";

/// How large a plugin is.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) struct Sizes {
    /// The component, in bytes.
    component: u64,
    /// Its machine code, in bytes.
    code: u64,
}

impl Sizes {
    /// Looks at a plugin that `toolcell new` and `toolcell build` have made.
    ///
    /// # Errors
    /// Fails where one of both files is missing.
    pub(crate) fn of(directory: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            component: size_in(&directory.join("target"), "wasm")?,
            code: size_in(&directory.join("bundle"), "cwasm")?,
        })
    }
}

/// The size of the one file with that ending.
fn size_in(directory: &Path, ending: &str) -> anyhow::Result<u64> {
    let entries = fs::read_dir(directory).with_context(|| format!("no directory {}", directory.display()))?;
    let mut files =
        entries.flatten().filter(|entry| entry.path().extension().is_some_and(|end| end == ending));
    let file = files.next().with_context(|| format!("no .{ending} in {}", directory.display()))?;
    Ok(file.metadata()?.len())
}

/// The table, and what to know of the machine.
pub(crate) fn render(results: &Results) -> String {
    let mut text = String::new();
    // Writing to a string never fails.
    let _ = rows(&mut text, results);
    let rounds = results.contenders.first().map_or(0, |contender| contender.trials.len());
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

/// How many times longer the SDK takes to its first answer.
fn against_sdk(results: &Results, contender: &Standing) -> String {
    results.named(SDK).map_or(String::new(), |sdk| format!("{:.0} x", sdk.against(contender, COLD_MS)))
}

//! Counts user-space instructions with callgrind, in one run for the end of each phase.
//!
//! Machine code of plugins runs under it as well. Its processor lacks some instructions of the machine's, such as those
//! for SHA-256, so that a program that would use them takes another way. `callgrind_annotate FILE | c++filt` reads the
//! files that stay in the folder.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use anyhow::Context;

use crate::contender::Contender;

use super::phase::Phases;

pub(super) fn count(contender: &Contender, folder: &Path) -> anyhow::Result<Phases<f64>> {
    let totals = Phases::try_new(|phase| {
        let name = format!("{}.{}", contender.name, phase.name());
        let counts = folder.join(format!("{name}.callgrind"));
        let log = folder.join(format!("{name}.valgrind.log"));
        let tracer: Vec<OsString> = vec![
            "valgrind".into(),
            "--tool=callgrind".into(),
            // `benches/order` reads the names as the linker knows them.
            "--demangle=no".into(),
            "--smc-check=all".into(),
            format!("--callgrind-out-file={}", counts.display()).into(),
            format!("--log-file={}", log.display()).into(),
        ];
        // It writes its counts when the process ends.
        super::run(contender, &tracer, phase, |_, _| Ok(()))?.end()?;
        let text = fs::read_to_string(&counts).with_context(|| format!("see {}", log.display()))?;
        total(&text).with_context(|| format!("no total in {}", counts.display()))
    })?;
    Ok(totals.differences())
}

/// Returns the sum over all functions, which a file of callgrind ends with.
fn total(counts: &str) -> Option<f64> {
    let line = counts.lines().rev().find_map(|line| line.strip_prefix("totals: "))?;
    line.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::total;

    #[test]
    fn the_total_is_the_last_line_of_its_kind() {
        assert_eq!(total("summary: 7\nfn=(1) main\n3 4\ntotals: 1234\n"), Some(1234.0));
        assert_eq!(total("fn=(1) main\n"), None);
    }
}

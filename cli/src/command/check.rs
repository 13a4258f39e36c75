//! `toolcell check`: says what could be better about a plugin, and what clients of an older one would notice.

use std::path::Path;

use crate::check;
use crate::check::against::change::Change;
use crate::check::finding::Finding;
use crate::ui::exit::Exit;
use crate::ui::format::Format;
use crate::ui::problem::Result;
use crate::ui::terminal::{Style, Terminal};

/// Checks, and prints what there is to say.
///
/// # Errors
/// As [`check::report`].
pub fn run(path: &Path, against: Option<&Path>, format: Format, terminal: &Terminal) -> Result<Exit> {
    let report = check::report(path, against)?;
    let is_empty = report.findings.is_empty() && report.changes.is_empty();
    match format {
        Format::Json => terminal.print(serde_json::to_string_pretty(&report).expect("a report is JSON")),
        Format::Text if is_empty => terminal.print(terminal.style(Style::Good, "no findings")),
        Format::Text => {
            report.changes.iter().for_each(|change| terminal.print(changed(change, terminal)));
            report.findings.iter().for_each(|finding| terminal.print(found(finding, terminal)));
        }
    }
    Ok(if is_empty { Exit::Done } else { Exit::Found })
}

fn found(finding: &Finding, terminal: &Terminal) -> String {
    let subject = terminal.style(Style::Strong, &finding.subject);
    let id = terminal.style(Style::Faint, format!("[{}]", finding.id.id()));
    format!("{subject}: {}; {} {id}", finding.text, finding.next)
}

fn changed(change: &Change, terminal: &Terminal) -> String {
    let impact = terminal.style(Style::Bad, change.impact.text());
    let subject = terminal.style(Style::Strong, &change.subject);
    let id = terminal.style(Style::Faint, format!("[{}]", change.id.id()));
    let Change { path, before, after, .. } = change;
    let place = if path.is_empty() { String::new() } else { format!(" {path}") };
    format!("{impact}: {subject}{place}: {} {id}\n  before: {before}\n  after:  {after}", change.text())
}

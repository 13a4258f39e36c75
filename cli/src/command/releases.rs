//! `toolcell releases`, `toolcell verify` and `toolcell gc`: look at what was published, and clean up.

use serde::Serialize;
use toolcell_host::release::ReleaseIndex;

use super::repository::{Access, wait};
use crate::release::collect::{Collected, collect};
use crate::release::engine::engine_text;
use crate::release::verify::{Verified, verify};
use crate::ui::exit::Exit;
use crate::ui::format::Format;
use crate::ui::problem::Result;
use crate::ui::terminal::{Style, Terminal, counted, size};

/// Tells whether functions see a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Seen {
    /// They see it now.
    Current,
    /// They saw it before.
    Earlier,
    /// They never saw it: its publisher is at work, was killed or lost against another one.
    Never,
}

/// A release as `toolcell releases` lists it.
#[derive(Serialize)]
struct Line {
    serial: u64,
    seen: Seen,
    /// The release; `None` if it cannot be trusted.
    release: Option<ReleaseIndex>,
    /// The reason why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
}

/// Lists releases, newest first.
///
/// # Errors
/// The bucket cannot be read, or nothing was published.
pub fn list(access: &Access<'_>, format: Format, terminal: &Terminal) -> Result<Exit> {
    let (keys, repository) = (access.keys(None)?, access.open()?);
    let lines = wait(async {
        let current = repository.existing(&keys).await?.index.serial;
        let mut lines = Vec::new();
        for serial in repository.releases().await?.into_keys().rev() {
            let (release, refused) = match repository.release(serial, &keys).await {
                Ok(release) => (Some(release), None),
                Err(problem) => (None, Some(problem.found)),
            };
            lines.push(Line { serial, seen: Seen::Never, release, refused });
        }
        mark_seen(&mut lines, current);
        Ok(lines)
    })?;
    match format {
        Format::Json => terminal.print(serde_json::to_string(&lines).expect("releases are JSON")),
        Format::Text => lines.iter().for_each(|line| print_line(line, terminal)),
    }
    Ok(Exit::Done)
}

/// Follows the releases that functions have seen, from the current one back. Lines are sorted, newest first.
fn mark_seen(lines: &mut [Line], current: u64) {
    let (mut serial, mut seen) = (current, Seen::Current);
    for line in lines {
        if line.serial == serial {
            line.seen = seen;
            (serial, seen) = (line.release.as_ref().map_or(0, |release| release.replaces), Seen::Earlier);
        }
    }
}

fn print_line(Line { serial, seen, release, refused }: &Line, terminal: &Terminal) {
    let mark = match seen {
        Seen::Current => "  current",
        Seen::Earlier => "",
        Seen::Never => "  never current",
    };
    let serial = terminal.style(Style::Strong, serial.to_string());
    match release {
        None => terminal.print(format!("{serial}  not trusted: {}", refused.as_deref().unwrap_or_default())),
        Some(ReleaseIndex { published, expires, contents, catalogs, .. }) => {
            let contents = &contents.to_string()[..12];
            terminal.print(format!("{serial}  {published}  until {expires}  contents {contents}{mark}"));
            catalogs
                .iter()
                .for_each(|entry| terminal.print(format!("   for {}", engine_text(&entry.engine))));
        }
    }
}

/// Reads everything that the current release names, and says what functions would refuse.
///
/// # Errors
/// The bucket cannot be read, or nothing was published.
pub fn check(access: &Access<'_>, format: Format, terminal: &Terminal) -> Result<Exit> {
    let (keys, repository) = (access.keys(None)?, access.open()?);
    let verified = wait(verify(&repository, &keys))?;
    let Verified { serial, objects, bytes, findings } = &verified;
    match format {
        Format::Json => terminal.print(serde_json::to_string(&verified).expect("findings are JSON")),
        Format::Text => {
            findings.iter().for_each(|finding| terminal.print(finding));
            let read = format!("{}, {}", counted(*objects, "object"), size(*bytes));
            match findings.len() {
                0 => terminal.print(format!("release {serial} is whole: {read}")),
                number => terminal.print(format!("release {serial}: {} in {read}", counted(number, "fault"))),
            }
        }
    }
    Ok(if findings.is_empty() { Exit::Done } else { Exit::Found })
}

/// Deletes what none of the newest releases names.
///
/// # Errors
/// As [`collect`].
pub fn gc(access: &Access<'_>, keep: usize, format: Format, terminal: &Terminal) -> Result<Exit> {
    let (keys, repository) = (access.keys(None)?, access.open()?);
    let collected = wait(collect(&repository, keep, &keys))?;
    let Collected { kept, releases, objects, bytes } = &collected;
    match format {
        Format::Json => terminal.print(serde_json::to_string(&collected).expect("digests are JSON")),
        Format::Text => {
            let (releases, objects) = (counted(releases.len(), "release"), counted(objects.len(), "object"));
            let bytes = size(usize::try_from(*bytes).unwrap_or(usize::MAX));
            terminal.print(format!(
                "deleted {releases} and {objects}, {bytes}; kept {}",
                counted(kept.len(), "release")
            ));
        }
    }
    Ok(Exit::Done)
}

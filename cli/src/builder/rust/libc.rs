//! Refuses functions of the world itself that would replace a function of libc.
//!
//! wit-bindgen exports such a function under its bare name, which makes it a symbol of the whole program. Called `write`,
//! it takes the place of libc's: the linker may say nothing, and Rust's standard library then calls the tool whenever
//! it prints. A function of an interface has the interface in its symbol, so it meets nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use wit_parser::WorldItem;

use crate::builder::job::Job;
use crate::language::build_tool::RUSTC;
use crate::ui::problem::{Problem, Result};

/// The name under which the linker exports the memory.
const MEMORY: &str = "memory";

/// Refuses a world that exports a function whose name is taken.
///
/// # Errors
/// There is such a function, or rustc cannot say where its libc is.
pub(super) fn refuse_taken(job: &Job<'_>) -> Result<()> {
    let (resolve, world) = job.world()?;
    let exports = resolve.worlds[world].exports.values();
    let names: Vec<&str> = exports
        .filter_map(|item| match item {
            WorldItem::Function(function) => Some(function.name.as_str()),
            WorldItem::Interface { .. } | WorldItem::Type { .. } => None,
        })
        .collect();
    if names.is_empty() {
        return Ok(());
    }
    let libc = libc(job)?;
    for name in names {
        if name == MEMORY {
            return Err(taken(job, name, "the name of the component's memory"));
        }
        if libc.contains(name) {
            return Err(taken(job, name, "the name of a function or variable of libc"));
        }
    }
    Ok(())
}

fn taken(job: &Job<'_>, name: &str, owner: &str) -> Problem {
    Problem::refused(
        job.manifest.wit.display().to_string(),
        "exports a function of the world under a name that Rust programs use themselves",
    )
    .found(format!("`export {name}`: {owner}"))
    .expected("a function of an interface, or another name")
    .next(format!("move `{name}` into an interface and export that: the tool keeps its name"))
}

/// Reads the symbols that the libc of Rust's target defines; returns none if the target is not installed, which cargo
/// reports.
fn libc(job: &Job<'_>) -> Result<BTreeSet<String>> {
    let mut rustc = job.tool(&RUSTC)?.command(&job.directory);
    let printed = job.ask(rustc.args(["--print", "target-libdir", "--target", super::TARGET]))?;
    let directory = String::from_utf8_lossy(&printed).trim().to_owned();
    let archive = fs::read(Path::new(&directory).join("self-contained/libc.a")).unwrap_or_default();
    Ok(symbols(&archive).unwrap_or_default())
}

/// Reads the symbols of an archive from its first member: a count, a place for each, and then the names. All numbers
/// have 32 bits and begin with the most significant byte.
fn symbols(archive: &[u8]) -> Option<BTreeSet<String>> {
    /// The size of a member's header.
    const HEADER: usize = 60;
    let members = archive.strip_prefix(b"!<arch>\n")?;
    let (header, table) = members.split_at_checked(HEADER)?;
    if !header.starts_with(b"/ ") {
        return None;
    }
    let (count, rest) = table.split_first_chunk::<4>()?;
    let count = usize::try_from(u32::from_be_bytes(*count)).ok()?;
    let names = rest.get(count.checked_mul(4)?..)?;
    let names = names.split(|byte| *byte == 0).take(count);
    Some(names.map(|name| String::from_utf8_lossy(name).into_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An archive whose symbols `read` and `write` are in one member.
    fn archive() -> Vec<u8> {
        let mut archive = b"!<arch>\n".to_vec();
        archive.extend(format!("{:<48}{:<10}`\n", "/", 23).bytes());
        archive.extend([0, 0, 0, 2, 0, 0, 0, 92, 0, 0, 0, 92]);
        archive.extend(b"read\0write\0\nfurther members");
        archive
    }

    #[test]
    fn the_symbols_of_an_archive_are_read() {
        let expected = BTreeSet::from(["read".to_owned(), "write".to_owned()]);
        assert_eq!(symbols(&archive()), Some(expected));
    }

    #[test]
    fn what_is_no_archive_with_symbols_has_none() {
        let archive = archive();
        for length in [0, 7, 8, 67, 70, 78] {
            assert_eq!(symbols(&archive[..length]), None, "{length} bytes");
        }
        let without_table = String::from_utf8(archive).unwrap().replace("/  ", "a.o").into_bytes();
        assert_eq!(symbols(&without_table), None);
    }
}

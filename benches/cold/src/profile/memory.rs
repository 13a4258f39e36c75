//! Reads page faults, bytes read and the mappings of a process at the end of each phase.

use std::fs;
use std::path::Path;

use anyhow::Context;
use serde::Serialize;

use crate::contender::Contender;

use super::phase::{Phase, Phases};

/// The counts of one phase, and the memory at its end.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Memory {
    /// Page faults without and with I/O.
    pub(super) minor_faults: f64,
    pub(super) major_faults: f64,
    /// Bytes that `read` and its relatives returned, sockets apart.
    pub(super) read_bytes: f64,
    /// Files of the bundle: machine code and catalog.
    pub(super) bundle: Mapped,
    /// The program.
    pub(super) program: Mapped,
    /// Other files: shared libraries.
    pub(super) other: Mapped,
    /// Memory that belongs to no file.
    pub(super) anonymous: Mapped,
}

/// The sizes of mappings.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Mapped {
    pub(super) mapped_kib: u64,
    /// The pages in memory: those that were touched, and their neighbours in the file.
    pub(super) touched_kib: u64,
    /// The pages that belong to this process alone, because it has written to them.
    pub(super) dirty_kib: u64,
}

impl Memory {
    /// Returns all dirty memory.
    pub(super) fn dirty_kib(&self) -> u64 {
        [self.bundle, self.program, self.other, self.anonymous].iter().map(|mapped| mapped.dirty_kib).sum()
    }
}

pub(super) fn count(contender: &Contender) -> anyhow::Result<Phases<Memory>> {
    let mut read = Vec::new();
    super::run(contender, &[], Phase::Warm, |_, process| {
        let process = format!("/proc/{}", process.id());
        let file = |name: &str| {
            let file = format!("{process}/{name}");
            fs::read_to_string(&file).with_context(|| format!("cannot read {file}"))
        };
        let program = fs::read_link(format!("{process}/exe"))?;
        let bundle = contender.bundle.as_deref();
        let mut memory = mappings(&file("smaps")?, &program, bundle);
        (memory.minor_faults, memory.major_faults) = faults(&file("stat")?).context("no faults")?;
        memory.read_bytes = field(&file("io")?, "rchar:").context("no bytes read")? as f64;
        read.push(memory);
        Ok(())
    })?;
    let mut read = read.into_iter();
    let totals = Phases::try_new(|_| read.next().context("a phase is missing"))?;
    let differences = |of: fn(&Memory) -> f64| totals.clone().map(|memory| of(&memory)).differences();
    let minor = differences(|memory| memory.minor_faults);
    let major = differences(|memory| memory.major_faults);
    let bytes = differences(|memory| memory.read_bytes);
    let counts = totals.zip(minor).zip(major).zip(bytes);
    Ok(counts.map(|(((memory, minor_faults), major_faults), read_bytes)| Memory {
        minor_faults,
        major_faults,
        read_bytes,
        ..memory
    }))
}

/// Reads the numbers of minor and major faults of all threads.
fn faults(stat: &str) -> Option<(f64, f64)> {
    // The command's name may hold spaces; the fields proper follow its closing parenthesis.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    Some((fields.get(7)?.parse().ok()?, fields.get(9)?.parse().ok()?))
}

fn mappings(smaps: &str, program: &Path, bundle: Option<&Path>) -> Memory {
    let mut memory = Memory::default();
    let mut group: fn(&mut Memory) -> &mut Mapped = |memory| &mut memory.anonymous;
    for line in smaps.lines() {
        let Some((key, value)) = line.split_once(' ') else { continue };
        match key {
            "Size:" => group(&mut memory).mapped_kib += kib(value),
            "Rss:" => group(&mut memory).touched_kib += kib(value),
            "Private_Dirty:" => group(&mut memory).dirty_kib += kib(value),
            range if range.contains('-') => {
                let path = value.find('/').map(|at| Path::new(value[at..].trim_end_matches(" (deleted)")));
                group = match path {
                    None => |memory| &mut memory.anonymous,
                    Some(path) if path == program => |memory| &mut memory.program,
                    Some(path) if bundle.is_some_and(|bundle| path.starts_with(bundle)) => {
                        |memory| &mut memory.bundle
                    }
                    Some(_) => |memory| &mut memory.other,
                };
            }
            _ => {}
        }
    }
    memory
}

fn field(text: &str, key: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(key)).map(kib)
}

/// Reads the number before a unit.
fn kib(value: &str) -> u64 {
    value.split_ascii_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{faults, mappings};

    #[test]
    fn a_mapping_counts_to_its_file_or_to_none() {
        let smaps = "\
55-56 r-xp 0000 fe:00 1 /task/bootstrap
Size:  100 kB
Rss:  20 kB
Private_Dirty:  0 kB
7f-80 r--p 0000 fe:00 2 /task/bundle/ab.cwasm
Size:  8 kB
Rss:  4 kB
Private_Dirty:  4 kB
80-81 r--p 0000 fe:00 3 /lib/libc.so.6
Size:  9 kB
Rss:  9 kB
81-82 rw-p 0000 00:00 0 [heap]
Size:  7 kB
Rss:  6 kB
Private_Dirty:  5 kB
";
        let memory = mappings(smaps, Path::new("/task/bootstrap"), Some(Path::new("/task/bundle")));
        let of = |mapped: super::Mapped| (mapped.mapped_kib, mapped.touched_kib, mapped.dirty_kib);
        assert_eq!((of(memory.program), of(memory.bundle)), ((100, 20, 0), (8, 4, 4)));
        assert_eq!((of(memory.other), of(memory.anonymous)), ((9, 9, 0), (7, 6, 5)));
        assert_eq!(memory.dirty_kib(), 9);
    }

    #[test]
    fn faults_follow_the_name() {
        let stat = "12 (a (b) c) S 1 12 12 0 -1 4194560 100 0 3 0 7 9 0 0 20 0";
        assert_eq!(faults(stat), Some((100.0, 3.0)));
    }
}

//! Reads what a process holds, so that a test finds leaks.

use std::fmt;
use std::fs;
use std::io;

/// The resources of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holdings {
    /// Open descriptors.
    pub descriptors: usize,
    /// Threads.
    pub threads: usize,
    /// Resident memory.
    pub resident_bytes: usize,
    /// Memory that is its own and was written to.
    pub dirty_bytes: usize,
}

impl Holdings {
    /// Reads the resources of the process `pid`.
    ///
    /// # Errors
    /// The process has ended.
    pub fn of(pid: u32) -> io::Result<Self> {
        let process = format!("/proc/{pid}");
        let entries = |name: &str| fs::read_dir(format!("{process}/{name}")).map(Iterator::count);
        let memory = fs::read_to_string(format!("{process}/smaps_rollup"))?;
        Ok(Self {
            descriptors: entries("fd")?,
            threads: entries("task")?,
            resident_bytes: bytes(&memory, "Rss:")?,
            dirty_bytes: bytes(&memory, "Private_Dirty:")?,
        })
    }
}

impl fmt::Display for Holdings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { descriptors, threads, resident_bytes, dirty_bytes } = self;
        let (resident, dirty) = (*resident_bytes as f64 / 1e6, *dirty_bytes as f64 / 1e6);
        write!(
            f,
            "{descriptors} descriptors, {threads} threads, {resident:.1} MB resident, {dirty:.1} MB dirty"
        )
    }
}

/// Reads the line `key` of a file that counts in KiB.
fn bytes(text: &str, key: &str) -> io::Result<usize> {
    let line = text.lines().find_map(|line| line.strip_prefix(key));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<usize>().ok());
    kib.map(|kib| kib << 10).ok_or_else(|| io::Error::other(format!("no {key} in {text:?}")))
}

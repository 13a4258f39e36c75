//! Reads the log of a process through a pipe, as Lambda does, and keeps it in a file.
//!
//! A process that wrote into the file itself would pay for the file system: for the blocks of its lines and, because the
//! file is made anew for each start, for giving back those of the log before.

use std::fs::File;
use std::io::{self, PipeReader, PipeWriter};
use std::path::Path;
use std::thread::{self, JoinHandle};

use anyhow::{Context, anyhow};

/// A log that is being written. It ends when every process that writes to it has ended.
pub(crate) struct Log {
    writer: PipeWriter,
    copy: JoinHandle<io::Result<()>>,
}

impl Log {
    /// Begins a log that is kept in `file`.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub(crate) fn open(file: &Path) -> anyhow::Result<Self> {
        let kept = File::create(file).with_context(|| format!("cannot write {}", file.display()))?;
        let (reader, writer) = io::pipe()?;
        Ok(Log { writer, copy: thread::spawn(|| copy(reader, kept)) })
    }

    /// Returns an end for a process to write to.
    ///
    /// # Errors
    /// Fails when the system has no more descriptors.
    pub(crate) fn writer(&self) -> io::Result<PipeWriter> {
        self.writer.try_clone()
    }

    /// Waits until the whole log is in its file. The processes that write to it have ended.
    ///
    /// # Errors
    /// Fails when the file could not be written.
    pub(crate) fn end(self) -> anyhow::Result<()> {
        drop(self.writer);
        let copied = self.copy.join().map_err(|_| anyhow!("the reader of a log panicked"))?;
        copied.context("cannot copy a log")
    }
}

/// Keeps the log in memory until it ends, so that writing the file is not part of a measurement.
fn copy(mut log: PipeReader, mut file: File) -> io::Result<()> {
    let mut lines = Vec::new();
    io::copy(&mut log, &mut lines)?;
    io::copy(&mut lines.as_slice(), &mut file)?;
    Ok(())
}

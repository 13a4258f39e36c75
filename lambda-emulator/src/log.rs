//! Keeps what CloudWatch would hold: the function's lines and the platform's, in the order in which they came.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::clock;

/// The writer of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Lambda itself: `START`, `END`, `REPORT`, `INIT_REPORT`, and the emulator's own remarks.
    Platform,
    /// The function, to standard output.
    Stdout,
    /// The function, to standard error.
    Stderr,
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The number of the environment, from 1.
    pub environment: usize,
    /// Its writer.
    pub source: Source,
    /// The line without its end.
    pub text: String,
}

/// The result of an invocation, as the `REPORT` line has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The id of the invocation.
    pub request_id: String,
    /// The time from the start of the invocation to the request for the next one.
    pub duration: Duration,
    /// The time from the start of the process to its first request for an invocation; only after a cold start.
    pub init: Option<Duration>,
    /// The configured memory, in MB.
    pub memory_mb: u32,
    /// The most physical memory that the process had at once, in MB.
    pub max_memory_mb: u64,
    /// `timeout` or `error`, with the type of the error; `None` after a success.
    pub status: Option<Status>,
}

/// A failure of an invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// The process was killed at its deadline.
    Timeout,
    /// The function reported an error of this type, or died.
    Error(String),
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let billed = (self.duration + self.init.unwrap_or_default()).as_secs_f64() * 1000.0;
        write!(
            out,
            "REPORT RequestId: {}\tDuration: {}",
            self.request_id,
            clock::milliseconds(self.duration)
        )?;
        write!(out, "\tBilled Duration: {:.0} ms\tMemory Size: {} MB", billed.ceil(), self.memory_mb)?;
        write!(out, "\tMax Memory Used: {} MB", self.max_memory_mb)?;
        if let Some(init) = self.init {
            write!(out, "\tInit Duration: {}", clock::milliseconds(init))?;
        }
        match &self.status {
            None => Ok(()),
            Some(Status::Timeout) => write!(out, "\tStatus: timeout"),
            Some(Status::Error(kind)) => write!(out, "\tStatus: error\tError Type: {kind}"),
        }
    }
}

/// Called with each line as it comes.
pub(crate) type Sink = Box<dyn Fn(&Line) + Send + Sync>;

/// The log of a function; a clone is the same log.
#[derive(Clone, Default)]
pub struct Logs(Arc<Shared>);

#[derive(Default)]
struct Shared {
    kept: Mutex<Kept>,
    grown: Condvar,
    sink: Option<Sink>,
}

#[derive(Default)]
struct Kept {
    lines: Vec<Line>,
    reports: Vec<Report>,
}

impl Logs {
    /// Makes an empty log. With a sink it keeps no lines, so that it does not grow with a long-running process.
    pub(crate) fn new(sink: Option<Sink>) -> Self {
        Self(Arc::new(Shared { sink, ..Shared::default() }))
    }

    /// Returns the lines so far.
    pub fn lines(&self) -> Vec<Line> {
        self.kept().lines.clone()
    }

    /// Returns the reports so far.
    pub fn reports(&self) -> Vec<Report> {
        self.kept().reports.clone()
    }

    /// Forgets all lines and reports, for tests that run long.
    pub fn clear(&self) {
        *self.kept() = Kept::default();
    }

    /// Waits for the first line that `wanted` accepts, at most for `timeout`.
    pub fn wait(&self, timeout: Duration, wanted: impl Fn(&Line) -> bool) -> Option<Line> {
        let end = Instant::now() + timeout;
        let mut kept = self.kept();
        loop {
            if let Some(line) = kept.lines.iter().find(|line| wanted(line)) {
                return Some(line.clone());
            }
            let left = end.checked_duration_since(Instant::now())?;
            let waited = self.0.grown.wait_timeout(kept, left);
            kept = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    pub(crate) fn write(&self, environment: usize, source: Source, text: String) {
        self.keep(Line { environment, source, text }, None);
    }

    pub(crate) fn report(&self, environment: usize, report: Report) {
        self.keep(Line { environment, source: Source::Platform, text: report.to_string() }, Some(report));
    }

    fn keep(&self, line: Line, report: Option<Report>) {
        if let Some(sink) = &self.0.sink {
            sink(&line);
            return;
        }
        let mut kept = self.kept();
        kept.lines.push(line);
        kept.reports.extend(report);
        self.0.grown.notify_all();
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Logs {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Logs").field("lines", &self.kept().lines.len()).finish_non_exhaustive()
    }
}

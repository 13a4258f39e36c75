//! Where log lines go and how they look: one JSON object a line, or a line for people on a terminal.
//!
//! Called once per process, by `main`. Nothing here ever sees arguments, results, tokens or secrets: the
//! lines are written by `call` and `sandbox`, which do not pass them on.

use std::io::{self, IsTerminal};

use tracing::Level;
use tracing_subscriber::fmt::format::FmtSpan;

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line, for machines.
    Json,
    /// One line for people, coloured on a terminal.
    Text,
}

impl Format {
    /// Text where a person is watching standard error, JSON elsewhere.
    pub fn for_stderr() -> Self {
        if io::stderr().is_terminal() { Self::Text } else { Self::Json }
    }
}

/// Sends log lines of `level` and more serious ones to standard error.
///
/// A second call in one process does nothing: the first one wins.
pub fn start(level: Level, format: Format) {
    let builder = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(io::stderr)
        .with_span_events(FmtSpan::NONE)
        .with_target(false);
    let started = match format {
        Format::Json => tracing::subscriber::set_global_default(builder.json().flatten_event(true).finish()),
        Format::Text => {
            tracing::subscriber::set_global_default(builder.with_ansi(io::stderr().is_terminal()).finish())
        }
    };
    if started.is_err() {
        tracing::debug!("logging was already started");
    }
}

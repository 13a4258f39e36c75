//! Writes log lines: one JSON object per line, or text on a terminal.
//!
//! Started once per process, by `main`. Nothing here ever sees arguments, results, tokens or secrets: the
//! lines are written by `call` and `sandbox`, which do not pass them on. What libraries say is not written: the engine
//! traces each call of a host function with its arguments and results.

mod attribute;
mod json;
mod tapped;
mod timestamp;

use std::io::{self, IsTerminal, Write as _};

use tracing::{Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;

use self::json::JsonLines;
use self::tapped::Tapped;
use crate::text;

/// What the targets of our own events begin with.
const OWN: &str = "toolcell";

/// The format of a log line.
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

/// Sends our own log lines of `level` and more serious ones to standard error.
///
/// A second call in one process does nothing: the first one wins.
pub fn start(level: Level, format: Format) {
    match format {
        Format::Json => set(JsonLines::new(level, write)),
        Format::Text => set(text_lines(level)),
    }
}

/// Sends log lines of `level` to standard error, as text; and those of level `info`, as JSON, to `tap`, which is called
/// in the middle of requests and must return at once.
pub fn start_tapped(level: Level, tap: impl Fn(&[u8]) + Send + Sync + 'static) {
    set(Tapped { log: text_lines(level), tap: JsonLines::new(Level::INFO, tap) });
}

fn set(subscriber: impl Subscriber + Send + Sync) {
    if tracing::subscriber::set_global_default(subscriber).is_err() {
        tracing::debug!("logging was already started");
    }
}

fn text_lines(level: Level) -> impl Subscriber + Send + Sync {
    let builder = tracing_subscriber::fmt().with_max_level(level);
    let builder = builder.with_target(false).with_ansi(io::stderr().is_terminal());
    let builder = builder.with_writer(|| Seen(io::stderr())).finish();
    builder.with(Targets::new().with_target(OWN, level))
}

/// Writes a line of JSON in one write, so that it stays one line; a closed output is no reason to fail a call.
fn write(line: &[u8]) {
    let _ = io::stderr().write_all(line);
}

/// Writes lines for people: a character that would not show, or would turn the line around, as `\u{...}`. Control
/// characters are the formatter's own, which escapes those in texts.
struct Seen<W>(W);

impl<W: io::Write> io::Write for Seen<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut seen = String::with_capacity(line.len());
        for character in String::from_utf8_lossy(line).chars() {
            match character {
                control if control.is_control() => seen.push(control),
                hidden if text::is_hidden(hidden) => seen.extend(hidden.escape_unicode()),
                shown => seen.push(shown),
            }
        }
        self.0.write_all(seen.as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Makes a panic one line of the log: where it happened, and what was said if that is fixed text.
///
/// A message that was put together at run time is left out, because a value of a request may be in it.
pub fn panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let said = panic.payload().downcast_ref::<&'static str>().copied();
        tracing::error!(place, said, "panic");
    }));
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_line_for_people_shows_every_character_that_it_holds() {
        let mut people = Vec::new();
        Seen(&mut people).write_all("\u{1b}[31ma\u{202e}b\u{1b}[0m\n".as_bytes()).unwrap();
        assert_eq!(String::from_utf8(people).unwrap(), "\u{1b}[31ma\\u{202e}b\u{1b}[0m\n");
    }
}

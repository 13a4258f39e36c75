//! Writes log lines: one JSON object per line, or text on a terminal.
//!
//! Started once per process, by `main`. Nothing here ever sees arguments, results, tokens or secrets: the
//! lines are written by `call` and `sandbox`, which do not pass them on.

use std::fmt;
use std::io::{self, IsTerminal};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::text;

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

/// Sends log lines of `level` and more serious ones to standard error.
///
/// A second call in one process does nothing: the first one wins.
pub fn start(level: Level, format: Format) {
    let builder = tracing_subscriber::fmt().with_max_level(level);
    let started = match format {
        Format::Json => tracing::subscriber::set_global_default(
            builder.event_format(JsonLine).with_writer(io::stderr).finish(),
        ),
        Format::Text => {
            let builder = builder.with_target(false).with_ansi(io::stderr().is_terminal());
            tracing::subscriber::set_global_default(builder.with_writer(|| Seen(io::stderr())).finish())
        }
    };
    if started.is_err() {
        tracing::debug!("logging was already started");
    }
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

/// The most bytes of a value. Whoever logs what comes from outside cuts it much shorter; this is for what was forgotten.
const MAX_VALUE_BYTES: usize = 32 << 10;

/// One JSON object a line: `timestamp`, `level`, then the event's own fields.
///
/// Written straight into the line. The formatter of tracing-subscriber builds a serializer for each field,
/// which cost more than the rest of a short call's bookkeeping (docs/benchmarks.md).
struct JsonLine;

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut line: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        line.write_str(r#"{"timestamp":""#)?;
        SystemTime.format_time(&mut line)?;
        write!(line, r#"","level":"{}""#, event.metadata().level())?;
        let mut fields = Fields { line, result: Ok(()) };
        event.record(&mut fields);
        fields.result?;
        fields.line.write_str("}\n")
    }
}

/// Appends the fields of an event as members of an object.
struct Fields<'w> {
    line: Writer<'w>,
    result: fmt::Result,
}

impl Fields<'_> {
    fn member(&mut self, field: &Field, write: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        if self.result.is_ok() {
            // Names are identifiers of this program's source: nothing in them needs an escape.
            self.result = write!(self.line, r#","{}":"#, field.name()).and_then(|()| write(&mut self.line));
        }
    }
}

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.member(field, |line| quoted(line, value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.member(field, |line| write!(line, "{value}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.member(field, |line| write!(line, "{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.member(field, |line| write!(line, "{value}"));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.member(
            field,
            |line| if value.is_finite() { write!(line, "{value}") } else { line.write_str("null") },
        );
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.member(field, |line| quoted(line, &format!("{value:?}")));
    }
}

/// Tells whether a character has to be escaped in JSON, or would not show in a line of the log as it stands there.
fn needs_escape(character: char) -> bool {
    match character {
        '"' | '\\' | '\n' | '\t' => true,
        ' '..='~' => false,
        other => text::is_hidden(other),
    }
}

/// Writes a JSON string, and of a long text only the beginning.
fn quoted(line: &mut Writer<'_>, text: &str) -> fmt::Result {
    line.write_char('"')?;
    let mut rest = &text[..text.floor_char_boundary(MAX_VALUE_BYTES)];
    while let Some(place) = rest.find(needs_escape) {
        line.write_str(&rest[..place])?;
        rest = &rest[place..];
        let Some(first) = rest.chars().next() else { break };
        match first {
            '"' => line.write_str("\\\"")?,
            '\\' => line.write_str("\\\\")?,
            '\n' => line.write_str("\\n")?,
            hidden => {
                hidden.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(line, "\\u{unit:04x}"))?
            }
        }
        rest = &rest[first.len_utf8()..];
    }
    line.write_str(rest)?;
    line.write_char('"')
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Logs a text, and returns the line.
    fn logged(text: &str) -> String {
        let memory = Memory::default();
        let writer = memory.clone();
        let subscriber =
            tracing_subscriber::fmt().event_format(JsonLine).with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(subscriber, || tracing::info!(text, "call"));
        String::from_utf8(memory.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn a_long_value_is_cut_between_characters() {
        let line = logged(&"é".repeat(5_000_000));
        assert!(line.len() < 40 << 10, "{}", line.len());
        assert!(serde_json::from_str::<serde_json::Value>(&line).is_ok());
        assert!(logged(&"é".repeat(1000)).contains(&"é".repeat(1000)));
    }

    #[test]
    fn a_line_shows_every_character_that_it_holds() {
        let text = "a\u{202e}b\u{e0041}c\u{200b}\u{85}d \u{645}\u{6cc}\u{200c}\u{62e}";
        let line = logged(text);
        assert!(line.contains(r"a\u202eb\udb40\udc41c\u200b\u0085d "), "{line}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&line).unwrap()["text"], text);
        let mut people = Vec::new();
        Seen(&mut people).write_all("\u{1b}[31ma\u{202e}b\u{1b}[0m\n".as_bytes()).unwrap();
        assert_eq!(String::from_utf8(people).unwrap(), "\u{1b}[31ma\\u{202e}b\u{1b}[0m\n");
    }

    #[test]
    fn an_event_is_one_line_of_json_with_its_fields_and_kinds() {
        let memory = Memory::default();
        let writer = memory.clone();
        let subscriber =
            tracing_subscriber::fmt().event_format(JsonLine).with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(subscriber, || {
            let absent: Option<&str> = None;
            let text = "a \"quote\",\nä line\\ \u{1b}[31m";
            tracing::info!(text, count = 7_u64, ratio = f64::NAN, cold = true, absent, detail = ?text, "call");
        });
        let line = String::from_utf8(memory.0.lock().unwrap().clone()).unwrap();
        assert_eq!(line.matches('\n').count(), 1, "{line}");
        let json: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(json["text"], "a \"quote\",\nä line\\ \u{1b}[31m");
        assert_eq!((&json["count"], &json["ratio"]), (&7.into(), &serde_json::Value::Null));
        assert_eq!(
            (&json["cold"], &json["level"], &json["message"]),
            (&true.into(), &"INFO".into(), &"call".into())
        );
        assert!(json.get("absent").is_none() && json["timestamp"].as_str().unwrap().ends_with('Z'), "{line}");
    }
}

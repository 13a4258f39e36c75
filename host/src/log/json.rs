//! Writes each event as a line of JSON: `timestamp`, `level`, then the event's own fields, under the names of
//! [`attribute`].
//!
//! A subscriber of our own, because every start of the function makes one: that of tracing-subscriber keeps a registry
//! of spans, which no line shows.

use std::fmt::{self, Write as _};
use std::time::{SystemTime, UNIX_EPOCH};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Metadata, Subscriber, span};

use super::{attribute, timestamp};
use crate::text;

/// The most bytes of a value. Whoever logs what comes from outside cuts it much shorter; this is for what was forgotten.
const MAX_VALUE_BYTES: usize = 32 << 10;

/// The size of most lines, in bytes.
const LINE_BYTES: usize = 512;

/// Passes each of our own events of `level` and more serious ones to `write`, as a whole line.
pub(super) struct JsonLines<W> {
    level: Level,
    write: W,
}

impl<W: Fn(&[u8]) + 'static> JsonLines<W> {
    pub(super) fn new(level: Level, write: W) -> Self {
        Self { level, write }
    }
}

impl<W: Fn(&[u8]) + 'static> Subscriber for JsonLines<W> {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.level && metadata.target().starts_with(super::OWN)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::from_level(self.level))
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = String::with_capacity(LINE_BYTES);
        line.push_str(r#"{"timestamp":""#);
        timestamp::push(&mut line, SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default());
        line.push_str(r#"","level":""#);
        line.push_str(event.metadata().level().as_str());
        line.push('"');
        event.record(&mut Fields { line: &mut line });
        line.push_str("}\n");
        (self.write)(line.as_bytes());
    }

    /// Gives all spans of dependencies the same id, because no line shows a span.
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// Appends the fields of an event as members of an object.
struct Fields<'l> {
    line: &'l mut String,
}

impl Fields<'_> {
    /// Appends a member whose value is JSON already.
    fn literal(&mut self, field: &Field, value: &str) {
        self.key(field);
        self.line.push_str(value);
    }

    /// Appends a member whose value is what `write` writes, as a string.
    fn string(&mut self, field: &Field, write: impl FnOnce(&mut Quoted<'_>) -> fmt::Result) {
        self.key(field);
        self.line.push('"');
        // A value that fails to describe itself stands in the line as far as it came.
        let _ = write(&mut Quoted { line: self.line, room: MAX_VALUE_BYTES });
        self.line.push('"');
    }

    fn key(&mut self, field: &Field) {
        // Names are identifiers of this program's source: nothing in them needs an escape.
        self.line.push_str(",\"");
        self.line.push_str(attribute::name(field.name()));
        self.line.push_str("\":");
    }
}

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.string(field, |quoted| quoted.write_str(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.literal(field, itoa::Buffer::new().format(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.literal(field, itoa::Buffer::new().format(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.literal(field, if value { "true" } else { "false" });
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        match value.is_finite() {
            true => self.literal(field, &value.to_string()),
            false => self.literal(field, "null"),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.string(field, |quoted| write!(quoted, "{value:?}"));
    }
}

/// Writes text into a JSON string, and of a long text only the beginning.
struct Quoted<'l> {
    line: &'l mut String,
    /// The bytes that may still come.
    room: usize,
}

impl fmt::Write for Quoted<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let shown = &text[..text.floor_char_boundary(self.room)];
        // Nothing follows a text that was cut.
        self.room = if shown.len() == text.len() { self.room - shown.len() } else { 0 };
        escape(self.line, shown);
        Ok(())
    }
}

/// Appends `text` as it stands in a JSON string.
fn escape(line: &mut String, text: &str) {
    let mut rest = text;
    loop {
        let plain = rest.bytes().position(|byte| !stands_for_itself(byte)).unwrap_or(rest.len());
        line.push_str(&rest[..plain]);
        rest = &rest[plain..];
        let Some(first) = rest.chars().next() else { break };
        match first {
            '"' => line.push_str("\\\""),
            '\\' => line.push_str("\\\\"),
            '\n' => line.push_str("\\n"),
            hidden if hidden == '\t' || text::is_hidden(hidden) => {
                for unit in hidden.encode_utf16(&mut [0; 2]) {
                    // Writing to a text cannot fail.
                    let _ = write!(line, "\\u{unit:04x}");
                }
            }
            shown => line.push(shown),
        }
        rest = &rest[first.len_utf8()..];
    }
}

/// Tells whether a byte is a character of its own that JSON and the log show as it is; most bytes of most lines are.
fn stands_for_itself(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\')
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Logs in `log`, and returns the lines.
    fn lines_of(level: Level, log: impl FnOnce()) -> Vec<String> {
        let (sender, receiver) = mpsc::channel();
        let subscriber = JsonLines::new(level, move |line: &[u8]| sender.send(line.to_vec()).unwrap());
        tracing::subscriber::with_default(subscriber, log);
        receiver.into_iter().map(|line| String::from_utf8(line).unwrap()).collect()
    }

    /// Logs a text, and returns the line.
    fn logged(text: &str) -> String {
        lines_of(Level::INFO, || tracing::info!(text, "call")).remove(0)
    }

    #[test]
    fn a_long_value_is_cut_between_characters() {
        let line = logged(&"é".repeat(5_000_000));
        assert!(line.len() < 40 << 10, "{}", line.len());
        assert!(serde_json::from_str::<serde_json::Value>(&line).is_ok());
        assert!(logged(&"é".repeat(1000)).contains(&"é".repeat(1000)));
        let pieces = format!("a{}", "é".repeat(MAX_VALUE_BYTES / 2));
        let line =
            lines_of(Level::INFO, || tracing::info!(detail = %format_args!("{pieces}{}", "end"))).remove(0);
        assert!(line.ends_with("éé\"}\n"), "nothing follows what was cut: {}", &line[line.len() - 20..]);
    }

    #[test]
    fn a_line_shows_every_character_that_it_holds() {
        let text = "a\u{202e}b\u{e0041}c\u{200b}\u{85}d \u{645}\u{6cc}\u{200c}\u{62e}";
        let line = logged(text);
        assert!(line.contains(r"a\u202eb\udb40\udc41c\u200b\u0085d "), "{line}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&line).unwrap()["text"], text);
    }

    #[test]
    fn an_event_is_one_line_of_json_with_its_fields_and_kinds() {
        let line = lines_of(Level::INFO, || {
            let absent: Option<&str> = None;
            let text = "a \"quote\",\nä\tline\\ \u{1b}[31m";
            let name = "text";
            tracing::info!(
                text,
                count = 7_u64,
                below = -7_i64,
                ratio = f64::NAN,
                cold = true,
                absent,
                detail = ?text,
                "call {name}"
            );
        });
        let [line] = &line[..] else { panic!("{line:?}") };
        assert_eq!(line.matches('\n').count(), 1, "{line}");
        let json: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(json["text"], "a \"quote\",\nä\tline\\ \u{1b}[31m");
        assert_eq!(json["detail"], r#""a \"quote\",\nä\tline\\ \u{1b}[31m""#);
        assert_eq!((&json["count"], &json["below"]), (&7.into(), &(-7).into()));
        assert_eq!(
            (&json["faas.coldstart"], &json["level"], &json["message"], &json["ratio"]),
            (&true.into(), &"INFO".into(), &"call text".into(), &serde_json::Value::Null)
        );
        assert!(json.get("absent").is_none() && json["timestamp"].as_str().unwrap().ends_with('Z'), "{line}");
    }

    #[test]
    fn what_libraries_say_is_not_written() {
        let log = || {
            tracing::error!(target: "toolcell_cli::server", "ours");
            tracing::error!(target: "wasmtime_wasi::p2", secret = "canary", "theirs");
            let span = tracing::trace_span!(target: "h2::client", "span", secret = "canary");
            span.in_scope(|| tracing::trace!(target: "hyper", "theirs"));
        };
        let lines = lines_of(Level::TRACE, log);
        assert!(lines.len() == 1 && lines[0].contains("ours"), "{lines:?}");
    }

    #[test]
    fn events_below_the_level_are_not_written() {
        let log = || {
            tracing::error!("error");
            tracing::info!("info");
            let _span = tracing::info_span!("span").entered();
            tracing::debug!("debug");
        };
        assert_eq!(lines_of(Level::WARN, log).len(), 1);
        assert_eq!(lines_of(Level::INFO, log).len(), 2);
        assert_eq!(lines_of(Level::TRACE, log).len(), 3);
    }
}

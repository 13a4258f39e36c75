//! Passes each event to two subscribers: the log of the process, and lines for whoever watches the process.

use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber, span};

use super::json::JsonLines;

/// Two subscribers, each with its own level. Spans are the log's.
pub(super) struct Tapped<S, W> {
    pub(super) log: S,
    pub(super) tap: JsonLines<W>,
}

impl<S: Subscriber, W: Fn(&[u8]) + 'static> Subscriber for Tapped<S, W> {
    /// Decides at each event: the two may differ.
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.log.register_callsite(metadata);
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.tap.enabled(metadata) || self.log.enabled(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.log.max_level_hint()?.max(self.tap.max_level_hint()?))
    }

    fn event(&self, event: &Event<'_>) {
        if self.tap.enabled(event.metadata()) {
            self.tap.event(event);
        }
        if self.log.enabled(event.metadata()) {
            self.log.event(event);
        }
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        self.log.new_span(span)
    }

    fn record(&self, span: &span::Id, values: &span::Record<'_>) {
        self.log.record(span, values);
    }

    fn record_follows_from(&self, span: &span::Id, follows: &span::Id) {
        self.log.record_follows_from(span, follows);
    }

    fn enter(&self, span: &span::Id) {
        self.log.enter(span);
    }

    fn exit(&self, span: &span::Id) {
        self.log.exit(span);
    }

    fn clone_span(&self, id: &span::Id) -> span::Id {
        self.log.clone_span(id)
    }

    fn try_close(&self, id: span::Id) -> bool {
        self.log.try_close(id)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing::Level;

    use super::*;

    type Lines = Arc<Mutex<String>>;

    fn lines(level: Level) -> (Lines, JsonLines<impl Fn(&[u8]) + 'static>) {
        let lines = Lines::default();
        let sink = Arc::clone(&lines);
        let write = move |line: &[u8]| sink.lock().unwrap().push_str(&String::from_utf8_lossy(line));
        (lines, JsonLines::new(level, write))
    }

    #[test]
    fn each_of_the_two_gets_the_events_of_its_level() {
        let (log, tap) = (lines(Level::WARN), lines(Level::INFO));
        tracing::subscriber::with_default(Tapped { log: log.1, tap: tap.1 }, || {
            tracing::info!(target: "toolcell::test", "quiet");
            tracing::warn!(target: "toolcell::test", "loud");
            tracing::warn!(target: "other", "foreign");
        });
        let (log, tap) = (log.0.lock().unwrap().clone(), tap.0.lock().unwrap().clone());
        assert!(log.contains("loud") && !log.contains("quiet") && !log.contains("foreign"), "{log}");
        assert!(tap.contains("loud") && tap.contains("quiet") && !tap.contains("foreign"), "{tap}");
    }
}

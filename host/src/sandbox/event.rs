//! Passes progress and messages of a running guest on to the client.

use std::time::Duration;

use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::Instant;

use super::escaped::{escaped_bytes, truncate_escaped};
use crate::mcp::Level;

/// The time that one call waits for a client that reads slower than the guest writes. Afterwards, events
/// that find the channel full are dropped.
const BACKPRESSURE_WAIT: Duration = Duration::from_millis(500);

/// The longest message of an event, in bytes of JSON; the rest is cut off.
const MESSAGE_BYTES: usize = 8 << 10;

/// The size of an event's names and values together, in bytes of JSON; fields beyond it are left out.
const FIELDS_BYTES: usize = 8 << 10;

/// What an event takes beside its texts, in bytes: the frame of a notification with numbers, token and logger.
const FRAME_BYTES: usize = 256;

/// What a field takes beside its name and value: quotes, colon and comma.
const FIELD_FRAME_BYTES: usize = 6;

/// The bytes that all events of a call may take, for each event that it may send.
const BYTES_PER_EVENT: usize = 1 << 10;

/// A notification to the client before the call returns.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The progress of the call; `progress` grows with every event, and every number is finite.
    Progress {
        /// The work that is done.
        progress: f64,
        /// All the work, if known.
        total: Option<f64>,
        /// One short line for people.
        message: Option<String>,
    },
    /// A message of at least the level that the client asked for.
    Log {
        /// The message's level.
        level: Level,
        /// The message.
        message: String,
        /// Names and values that belong to the message.
        fields: Vec<(String, String)>,
    },
}

/// Receives events of a call before it ends.
#[derive(Debug)]
pub struct Listener {
    /// The bounded channel for the events.
    pub events: Sender<Event>,
    /// Tells whether progress is wanted.
    pub progress: Subscription,
    /// The least serious level that is wanted; `None` for no messages.
    pub level: Option<Level>,
}

/// Tells whether a kind of event is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subscription {
    /// The client asked for it.
    Wanted,
    /// The client did not: sending it would only use up what the call may send.
    Unwanted,
}

/// Sends the events of one call to its listener, within the rules of MCP and the call's limits.
#[derive(Debug)]
pub(super) struct EventSink {
    sender: Option<Sender<Event>>,
    subscription: Subscription,
    /// The least serious level that the client wants; `None` for no messages.
    level: Option<Level>,
    /// The last progress that was sent.
    progress: Option<f64>,
    /// The number of events that may still be sent.
    left: usize,
    /// The bytes that they may still take.
    left_bytes: usize,
    wait_left: Duration,
    dropped: usize,
}

impl EventSink {
    pub(super) fn new(listener: Option<Listener>, cap: usize) -> Self {
        let (sender, subscription, level) = match listener {
            Some(Listener { events, progress, level }) => (Some(events), progress, level),
            None => (None, Subscription::Unwanted, None),
        };
        Self {
            sender,
            subscription,
            level,
            progress: None,
            left: cap,
            left_bytes: cap.saturating_mul(BYTES_PER_EVENT),
            wait_left: BACKPRESSURE_WAIT,
            dropped: 0,
        }
    }

    /// Returns the number of lost events: too many, or too fast for the client.
    pub(super) fn dropped(&self) -> usize {
        self.dropped
    }

    /// Reports progress if it is finite and grew.
    pub(super) async fn progress(&mut self, progress: f64, total: Option<f64>, message: Option<String>) {
        let grew = self.progress.is_none_or(|last| progress > last);
        if !progress.is_finite() || !grew || self.subscription == Subscription::Unwanted {
            return;
        }
        self.progress = Some(progress);
        let total = total.filter(|total| total.is_finite());
        let message = message.map(|message| truncate_escaped(message, MESSAGE_BYTES));
        self.send(Event::Progress { progress, total, message }).await;
    }

    /// Passes a message on if the client wants its level.
    pub(super) async fn log(&mut self, level: Level, message: String, fields: Vec<(String, String)>) {
        if self.sender.is_none() || self.level.is_none_or(|least| level < least) {
            return;
        }
        let message = truncate_escaped(message, MESSAGE_BYTES);
        self.send(Event::Log { level, message, fields: within(fields) }).await;
    }

    /// Sends an event, and waits for a slow client while there is time left; a full channel then loses it.
    async fn send(&mut self, event: Event) {
        let Some(sender) = &self.sender else { return };
        let bytes = event.bytes();
        if self.left == 0 || self.left_bytes < bytes {
            self.dropped += 1;
            return;
        }
        self.left_bytes -= bytes;
        let event = match sender.try_send(event) {
            Ok(()) => {
                self.left -= 1;
                return;
            }
            // The listener is gone: the call is about to be cancelled, or its events no longer matter.
            Err(TrySendError::Closed(_)) => {
                self.sender = None;
                return;
            }
            Err(TrySendError::Full(event)) => event,
        };
        // Even a timeout of zero would wait for the next tick of the timer.
        if self.wait_left.is_zero() {
            self.dropped += 1;
            return;
        }
        let start = Instant::now();
        let sent = tokio::time::timeout(self.wait_left, sender.send(event)).await;
        self.wait_left = self.wait_left.saturating_sub(start.elapsed());
        match sent {
            Ok(_) => self.left -= 1,
            Err(_) => self.dropped += 1,
        }
    }
}

/// Cuts text to at most `bytes`, between characters.
pub(super) fn truncate(mut text: String, bytes: usize) -> String {
    if text.len() > bytes {
        text.truncate(text.floor_char_boundary(bytes));
    }
    text
}

impl Event {
    /// Returns about the size of the notification, in bytes.
    fn bytes(&self) -> usize {
        FRAME_BYTES
            + match self {
                Event::Progress { message, .. } => message.as_deref().map_or(0, escaped_bytes),
                Event::Log { message, fields, .. } => {
                    let fields = fields.iter().map(|(name, value)| field_bytes(name, value));
                    escaped_bytes(message) + fields.sum::<usize>()
                }
            }
    }
}

/// Returns the size of a field, in bytes.
fn field_bytes(name: &str, value: &str) -> usize {
    escaped_bytes(name) + escaped_bytes(value) + FIELD_FRAME_BYTES
}

/// Removes the fields that do not fit.
fn within(mut fields: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut left = FIELDS_BYTES;
    fields.retain(|(name, value)| {
        let size = field_bytes(name, value);
        let fits = size <= left;
        left -= if fits { size } else { 0 };
        fits
    });
    fields
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    fn events(events: Sender<Event>, level: Option<Level>, cap: usize) -> EventSink {
        EventSink::new(Some(Listener { events, progress: Subscription::Wanted, level }), cap)
    }

    #[tokio::test]
    async fn progress_that_nobody_wants_uses_up_nothing() {
        let (sender, mut receiver) = mpsc::channel(16);
        let listener =
            Listener { events: sender, progress: Subscription::Unwanted, level: Some(Level::Info) };
        let mut events = EventSink::new(Some(listener), 1);
        for step in 0..5 {
            events.progress(f64::from(step), None, None).await;
        }
        events.log(Level::Info, "still there".to_owned(), Vec::new()).await;
        drop(events);
        assert!(matches!(receiver.recv().await, Some(Event::Log { .. })));
        assert_eq!(receiver.recv().await, None);
    }

    #[tokio::test]
    async fn progress_that_does_not_grow_is_dropped_and_so_is_what_json_cannot_say() {
        let (sender, mut receiver) = mpsc::channel(16);
        let mut events = events(sender, None, 16);
        for progress in [0.0, 1.0, 1.0, 0.5, f64::NAN, f64::INFINITY, 2.0] {
            events.progress(progress, Some(f64::NAN), None).await;
        }
        drop(events);
        let mut seen = Vec::new();
        while let Some(event) = receiver.recv().await {
            let Event::Progress { progress, total, .. } = event else { panic!("{event:?}") };
            assert_eq!(total, None, "a total that is no number is left out");
            seen.push(progress);
        }
        assert_eq!(seen, [0.0, 1.0, 2.0]);
    }

    #[tokio::test]
    async fn messages_below_the_level_of_the_call_are_not_passed_on() {
        let (sender, mut receiver) = mpsc::channel(16);
        let mut events = events(sender, Some(Level::Warning), 16);
        events.log(Level::Notice, "quiet".to_owned(), Vec::new()).await;
        events.log(Level::Warning, "loud".to_owned(), Vec::new()).await;
        drop(events);
        let Some(Event::Log { message, .. }) = receiver.recv().await else { panic!("nothing came") };
        assert_eq!(message, "loud");
        assert_eq!(receiver.recv().await, None);
    }

    #[tokio::test]
    async fn without_a_level_no_message_is_passed_on() {
        let (sender, mut receiver) = mpsc::channel(16);
        let mut events = events(sender, None, 16);
        events.log(Level::Emergency, "help".to_owned(), Vec::new()).await;
        drop(events);
        assert_eq!(receiver.recv().await, None);
    }

    #[tokio::test]
    async fn as_many_events_as_allowed_pass_and_the_rest_is_counted() {
        let (sender, mut receiver) = mpsc::channel(16);
        let mut events = events(sender, None, 3);
        for step in 0..5 {
            events.progress(f64::from(step), None, None).await;
        }
        assert_eq!(events.dropped(), 2);
        drop(events);
        let mut passed = 0;
        while receiver.recv().await.is_some() {
            passed += 1;
        }
        assert_eq!(passed, 3);
    }

    #[tokio::test]
    async fn the_texts_of_all_events_have_a_limit_together_and_count_with_their_escapes() {
        let (sender, mut receiver) = mpsc::channel(100);
        let mut events = events(sender, Some(Level::Info), 20);
        let fields = || vec![("\"".repeat(100), "\u{1}".repeat(100_000)), ("a".to_owned(), "b".to_owned())];
        for _ in 0..20 {
            events.log(Level::Info, "\u{1}".repeat(100_000), fields()).await;
        }
        assert_eq!(events.dropped(), 18);
        drop(events);
        let mut bytes = 0;
        while let Some(Event::Log { message, fields, .. }) = receiver.recv().await {
            assert_eq!(fields, [("a".to_owned(), "b".to_owned())], "what does not fit is left out");
            bytes += serde_json::to_string(&message).unwrap().len();
        }
        assert!((8_000..=20 << 10).contains(&bytes), "{bytes}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_never_reads_costs_the_call_half_a_second_in_all() {
        let (sender, _receiver) = mpsc::channel(1);
        let mut events = events(sender, None, 1000);
        let start = Instant::now();
        for step in 0..1000 {
            events.progress(f64::from(step), None, None).await;
        }
        assert_eq!(events.dropped(), 999);
        assert!(start.elapsed() <= BACKPRESSURE_WAIT + Duration::from_millis(10), "{:?}", start.elapsed());
    }

    #[test]
    fn long_texts_are_cut_at_a_character() {
        assert_eq!(truncate("aé".to_owned(), 2), "a");
        assert_eq!(truncate("aé".to_owned(), 3), "aé");
    }
}

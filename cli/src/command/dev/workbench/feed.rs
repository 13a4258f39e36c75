//! Tells open pages of events while `toolcell dev` runs: builds, errors, lists, lines of the log.
//!
//! The newest events are kept, so that a page which was away for a moment misses none. Nobody waits for a page.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use toolcell_host::log;
use toolcell_host::service::Body;

use crate::server;

/// Events that are kept.
const KEPT_EVENTS: usize = 1024;

/// Bytes of all events that are kept.
const KEPT_BYTES: usize = 4 << 20;

/// Pieces that a page may be behind before its stream waits.
const PIECES: usize = 16;

/// The pause after which a comment is sent, so that a page knows that the server is still there.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// The events of one `toolcell dev`. Clones share them.
#[derive(Clone)]
pub(in super::super) struct Feed(Arc<Shared>);

struct Shared {
    events: Mutex<Events>,
    last: watch::Sender<u64>,
}

#[derive(Default)]
struct Events {
    kept: VecDeque<Bytes>,
    bytes: usize,
    /// The number of the newest event; they are numbered from 1.
    last: u64,
    failures: Value,
}

/// Tells how an event of a build is meant.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(in super::super) enum Tone {
    /// It went well.
    Good,
    /// It did not.
    Bad,
    /// Neither.
    Plain,
    /// It is beside the point.
    Faint,
}

impl Feed {
    /// Starts without events.
    pub(in super::super) fn new() -> Self {
        let events = Events { failures: json!([]), ..Events::default() };
        Self(Arc::new(Shared { events: Mutex::new(events), last: watch::Sender::new(0) }))
    }

    /// Starts the log of the process, whose lines are events as well.
    pub(in super::super) fn start_log(&self, level: tracing::Level) {
        let feed = self.clone();
        log::start_tapped(level, move |line| {
            // Only lines about a call have their place on the page.
            let line: Value = serde_json::from_slice(line).unwrap_or_default();
            if line.get("faas.invocation_id").is_some() {
                feed.send("log", &line);
            }
        });
    }

    /// Says what became of a plugin.
    pub(in super::super) fn build(&self, plugin: &str, text: &str, tone: Tone) {
        self.send("build", &json!({ "plugin": plugin, "text": text, "tone": tone }));
    }

    /// Says that clients see other lists.
    pub(in super::super) fn lists(&self) {
        self.send("lists", &json!({}));
    }

    /// Says what fails now, one plugin after another.
    pub(in super::super) fn failures(&self, failures: Value) {
        self.lock().failures = failures.clone();
        self.send("failures", &failures);
    }

    /// Returns the number of the newest event, and what fails.
    pub(super) fn now(&self) -> (u64, Value) {
        let events = self.lock();
        (events.last, events.failures.clone())
    }

    /// Streams the events after one; the stream says `missed` where some of them are no longer kept.
    pub(super) fn stream(&self, after: u64) -> Body {
        let (sender, receiver) = mpsc::channel(PIECES);
        tokio::spawn(self.clone().pass_on(after, sender));
        Body::from(receiver)
    }

    async fn pass_on(self, mut after: u64, sender: mpsc::Sender<Bytes>) {
        let mut last = self.0.last.subscribe();
        // A page that listens must not keep the server from stopping.
        let mut stopped = std::pin::pin!(server::stopped());
        loop {
            let (pieces, newest) = self.lock().after(after);
            after = newest;
            for piece in pieces {
                tokio::select! {
                    sent = sender.send(piece) => if sent.is_err() { return },
                    () = &mut stopped => return,
                }
            }
            tokio::select! {
                _ = last.changed() => {}
                () = tokio::time::sleep(HEARTBEAT) => {
                    if sender.try_send(Bytes::from_static(b":\n\n")).is_err() { return }
                }
                () = sender.closed() => return,
                () = &mut stopped => return,
            }
        }
    }

    fn send(&self, kind: &str, data: &Value) {
        let mut events = self.lock();
        events.last += 1;
        let event = Bytes::from(format!("id: {}\nevent: {kind}\ndata: {data}\n\n", events.last));
        events.bytes += event.len();
        events.kept.push_back(event);
        while events.kept.len() > KEPT_EVENTS || events.bytes > KEPT_BYTES {
            let Some(oldest) = events.kept.pop_front() else { break };
            events.bytes -= oldest.len();
        }
        self.0.last.send_replace(events.last);
    }

    fn lock(&self) -> MutexGuard<'_, Events> {
        self.0.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Events {
    /// Returns the events after one, and the number of the newest. A number of another start counts as none.
    fn after(&self, after: u64) -> (Vec<Bytes>, u64) {
        let first = self.last - self.kept.len() as u64;
        if after > self.last || after < first {
            return (
                vec![Bytes::from(format!("id: {}\nevent: missed\ndata: {{}}\n\n", self.last))],
                self.last,
            );
        }
        let skipped = usize::try_from(after - first).unwrap_or(usize::MAX);
        (self.kept.iter().skip(skipped).cloned().collect(), self.last)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;
    use tokio::time::{Instant, sleep};

    use super::*;

    fn texts(feed: &Feed, after: u64) -> Vec<String> {
        let (events, _) = feed.lock().after(after);
        events.iter().map(|event| String::from_utf8(event.to_vec()).unwrap()).collect()
    }

    #[test]
    fn a_page_gets_the_events_after_the_last_that_it_knows() {
        let feed = Feed::new();
        feed.build("words", "built", Tone::Good);
        feed.lists();
        feed.failures(json!(["x"]));
        assert_eq!(
            texts(&feed, 1),
            ["id: 2\nevent: lists\ndata: {}\n\n", "id: 3\nevent: failures\ndata: [\"x\"]\n\n"]
        );
        assert!(texts(&feed, 3).is_empty());
        assert_eq!(feed.now(), (3, json!(["x"])));
    }

    #[test]
    fn a_page_that_missed_events_or_knew_another_server_is_told() {
        let feed = Feed::new();
        (0..=KEPT_EVENTS).for_each(|_| feed.lists());
        let missed = [format!("id: {}\nevent: missed\ndata: {{}}\n\n", KEPT_EVENTS + 1)];
        assert_eq!(texts(&feed, 0), missed);
        assert_eq!(texts(&feed, 9999), missed);
        assert_eq!(texts(&feed, 1).len(), KEPT_EVENTS);
    }

    #[test]
    fn large_events_push_out_old_ones() {
        let feed = Feed::new();
        (0..5).for_each(|_| feed.build("x", &"y".repeat(1 << 20), Tone::Plain));
        assert!(feed.lock().bytes <= KEPT_BYTES && feed.lock().kept.len() == 3);
    }

    async fn next(body: &mut Body) -> String {
        let Ok(piece) = body.frame().await.unwrap();
        String::from_utf8(piece.into_data().unwrap().to_vec()).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn an_event_is_passed_on_at_once_and_silence_is_broken_by_comments() {
        let (feed, start) = (Feed::new(), Instant::now());
        let mut body = feed.stream(0);
        sleep(HEARTBEAT / 2).await;
        feed.lists();
        assert_eq!(next(&mut body).await, "id: 1\nevent: lists\ndata: {}\n\n");
        assert_eq!(start.elapsed(), HEARTBEAT / 2);
        assert_eq!(next(&mut body).await, ":\n\n");
        assert_eq!(start.elapsed(), HEARTBEAT / 2 + HEARTBEAT);
    }
}

//! A guest reports: events for the client, lines for the server's log.

use std::io;
use std::sync::{Arc, Mutex};

use tokio::sync::mpsc;
use toolcell_host::catalog::Limits;
use toolcell_host::mcp::Level;
use toolcell_host::sandbox::Event;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{MIB, limits, load};
use crate::wasi;

#[tokio::test]
async fn progress_reaches_the_client_in_order() {
    let (sender, mut receiver) = mpsc::channel(16);
    let fixture = load(&wasi::progress(3), limits());
    let ended = fixture.call_with(&[], Some(sender), None).await;
    assert!(ended.result.is_ok(), "{:?}", ended.result);
    for step in 1..=3 {
        let progress = f64::from(step);
        let expected = Event::Progress { progress, total: None, message: None };
        assert_eq!(receiver.recv().await, Some(expected));
    }
    assert_eq!(receiver.recv().await, None, "the channel closes with the call");
}

#[tokio::test]
async fn notifications_up_to_the_cap_are_sent_and_the_rest_dropped() {
    for (count, dropped) in [(10, 0), (11, 1)] {
        let (sender, _receiver) = mpsc::channel(100);
        let fixture = load(&wasi::progress(count), Limits { notifications: 10, ..limits() });
        let ended = fixture.call_with(&[], Some(sender), None).await;
        assert!(ended.result.is_ok(), "{:?}", ended.result);
        assert_eq!(ended.usage.dropped_events, dropped);
    }
}

#[tokio::test]
async fn a_flood_of_progress_nobody_reads_ends_with_the_call() {
    let (sender, _receiver) = mpsc::channel(1);
    let fixture = load(&wasi::progress(100_000), Limits { notifications: usize::MAX, ..limits() });
    let ended = fixture.call_with(&[], Some(sender), None).await;
    assert!(ended.result.is_ok(), "{:?}", ended.result);
    assert_eq!(ended.usage.dropped_events, 99_999);
}

#[tokio::test]
async fn a_message_goes_to_the_client_at_its_level_and_to_the_log_always() {
    let (lines, _guard) = captured();
    let fixture = load(&wasi::message(19), limits());
    let (sender, mut receiver) = mpsc::channel(16);
    let ended = fixture.call_with(&[], Some(sender.clone()), Some(Level::Error)).await;
    assert!(ended.result.is_ok(), "{:?}", ended.result);
    let ended = fixture.call_with(&[], Some(sender), Some(Level::Warning)).await;
    assert!(ended.result.is_ok(), "{:?}", ended.result);
    let message = "disk is nearly full".to_owned();
    let expected = Event::Log { level: Level::Warning, message, fields: Vec::new() };
    assert_eq!(receiver.recv().await, Some(expected));
    assert_eq!(receiver.recv().await, None, "the first call asked for errors only");
    let logged = lines.containing("disk is nearly full");
    assert_eq!(logged.len(), 2, "{logged:?}");
    for line in logged {
        assert!(line.contains(r#""level":"WARN""#) && line.contains(r#""tool":"fixture""#), "{line}");
    }
}

#[tokio::test]
async fn what_a_guest_prints_is_logged_line_by_line_with_its_origin() {
    for (stream, level) in [("stdout", "INFO"), ("stderr", "WARN")] {
        let (lines, _guard) = captured();
        let ended = load(&wasi::print(stream, 100, 1), limits()).call().await;
        assert!(ended.result.is_ok(), "{:?}", ended.result);
        let hello = lines.containing("hello");
        assert_eq!(hello.len(), 1, "{hello:?}");
        for part in [stream, level, r#""plugin":"fixture""#, r#""request":"r-1""#] {
            assert!(hello[0].contains(part), "{part}: {}", hello[0]);
        }
        assert!(!hello[0].contains("\\u001b") && !hello[0].contains('\u{1b}'), "{}", hello[0]);
        assert_eq!(lines.containing(&"x".repeat(100)).len(), 1, "an unfinished line is logged too");
    }
}

#[tokio::test]
async fn output_up_to_the_cap_is_logged_whole() {
    let (lines, _guard) = captured();
    let fixture = load(&wasi::print("stdout", 100, 1), Limits { log_bytes: 500, ..limits() });
    assert!(fixture.call().await.result.is_ok());
    assert!(lines.containing("beyond its limit").is_empty());
    assert_eq!(lines.containing(&"x".repeat(100)).len(), 1);
}

#[tokio::test]
async fn output_beyond_the_cap_is_dropped_with_one_marker() {
    let (lines, _guard) = captured();
    // 100 MB in writes of 4 KB.
    let fixture = load(&wasi::print("stderr", 4096, 25_000), Limits { log_bytes: MIB, ..limits() });
    let ended = fixture.call().await;
    assert!(ended.result.is_ok(), "the guest never notices: {:?}", ended.result);
    assert_eq!(lines.containing("beyond its limit").len(), 1);
    let logged = lines.bytes();
    assert!((MIB * 9 / 10..MIB * 11 / 10).contains(&logged), "{logged} bytes");
}

#[tokio::test]
async fn a_line_costs_what_its_frame_takes_however_little_it_says() {
    let newlines = |print: String| print.replace("(i32.const 120)", "(i32.const 10)");
    for flood in [
        wasi::messages(0, 100_000),
        newlines(wasi::print("stdout", 4096, 100)),
        newlines(wasi::print("stderr", 1, 100_000)),
    ] {
        let (lines, _guard) = captured();
        let ended = load(&flood, Limits { log_bytes: 64 << 10, ..limits() }).call().await;
        assert!(ended.result.is_ok(), "{:?}", ended.result);
        assert_eq!(lines.containing("beyond its limit").len(), 1);
        // The log of this test writes about 60 bytes a line more than the server's.
        assert!((32 << 10..100 << 10).contains(&lines.bytes()), "{} bytes", lines.bytes());
    }
}

#[tokio::test]
async fn what_a_guest_prints_counts_with_its_escapes() {
    for (fill, name) in [(1, "control characters"), (34, "quotes")] {
        let (lines, _guard) = captured();
        let print =
            wasi::print("stdout", 4096, 1000).replace("(i32.const 120)", &format!("(i32.const {fill})"));
        let ended = load(&print, Limits { log_bytes: 256 << 10, ..limits() }).call().await;
        assert!(ended.result.is_ok(), "{:?}", ended.result);
        let logged = lines.bytes();
        assert!((200 << 10..282 << 10).contains(&logged), "{name}: {logged} bytes");
    }
}

/// The log of this thread, one line of JSON each.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

fn captured() -> (Lines, DefaultGuard) {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt().json().with_writer(lines.clone()).finish();
    (lines, tracing::subscriber::set_default(subscriber))
}

impl Lines {
    fn containing(&self, part: &str) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().filter(|line| line.contains(part)).map(str::to_owned).collect()
    }

    fn bytes(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

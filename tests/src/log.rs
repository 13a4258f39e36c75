//! Captures the log of servers in this process.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock};

use serde_json::Value;

/// The bytes of the log.
static LOG: OnceLock<Lines> = OnceLock::new();

#[derive(Clone, Debug, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no writer panics").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Captures the log of every server of this process from now on, at every level.
///
/// # Panics
/// Panics if the process already has another subscriber.
pub fn capture() {
    LOG.get_or_init(|| {
        let lines = Lines::default();
        let writer = lines.clone();
        let builder = tracing_subscriber::fmt().json().flatten_event(true);
        let subscriber =
            builder.with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone()).finish();
        tracing::subscriber::set_global_default(subscriber).expect("the log of tests is this one");
        lines
    });
}

/// The beginning of lines that the S3 server of the tests writes, which shows whole requests.
const OF_S3_SERVER: &str = "\"target\":\"s3s";

/// Returns the log so far, without what the S3 server of the tests says of itself.
///
/// # Panics
/// Panics if [`capture`] was not called.
pub fn text() -> String {
    let lines = LOG.get().expect("the log is captured");
    let lines = lines.0.lock().expect("no writer panics");
    let text = String::from_utf8_lossy(&lines);
    text.split_inclusive('\n').filter(|line| !line.contains(OF_S3_SERVER)).collect()
}

/// Returns the lines so far with this message.
///
/// # Panics
/// Panics as [`text`] does, and if a line is not JSON.
pub fn lines(message: &str) -> Vec<Value> {
    let text = text();
    let lines =
        text.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line of the log is JSON"));
    lines.filter(|line| line["message"] == message).collect()
}

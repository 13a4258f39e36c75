//! Writes a guest's stdout, stderr and messages to the server's log, attributed and capped.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi_io::poll::Pollable;
use wasmtime_wasi_io::streams::{OutputStream, StreamResult};

use super::attribution::Attribution;
use super::escaped::{escaped_bytes, truncate_escaped};
use super::event::truncate;
use crate::mcp::Level;
use crate::text;

/// The number of bytes that a guest may write at a time; wasmtime allocates that much on the guest's word.
const WRITE_BYTES: usize = 64 << 10;

/// The longest line of the log, in bytes; longer ones are split.
const LINE_BYTES: usize = 8 << 10;

/// What a line of the log takes beside the guest's text and the names of plugin, tool and request: a timestamp, the
/// level, the names of the members, the line end.
const FRAME_BYTES: usize = 160;

/// A stream that a guest writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stream {
    Stdout,
    Stderr,
}

/// The log of one call: what the guest prints and what it writes through `toolcell:plugin/log`.
#[derive(Clone)]
pub(super) struct GuestLog {
    shared: Arc<Shared>,
}

struct Shared {
    attribution: Arc<Attribution>,
    /// What each line takes beside the guest's text, in bytes.
    frame_bytes: usize,
    state: Mutex<LogState>,
}

struct LogState {
    /// The number of bytes that may still be written.
    left: usize,
    /// True once something did not fit: everything after it is dropped.
    full: bool,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

/// A stream, as the guest sees it; all handles of it share one line.
#[derive(Clone)]
pub(super) struct Pipe {
    log: GuestLog,
    stream: Stream,
}

impl GuestLog {
    /// Creates the log of a call that may write `bytes` in total.
    pub(super) fn new(attribution: Arc<Attribution>, bytes: usize) -> Self {
        let state = LogState { left: bytes, full: false, stdout: Vec::new(), stderr: Vec::new() };
        let Attribution { plugin, tool, request } = &*attribution;
        let frame_bytes =
            FRAME_BYTES + [plugin, tool, request].map(|name| escaped_bytes(name)).iter().sum::<usize>();
        Self { shared: Arc::new(Shared { attribution, frame_bytes, state: Mutex::new(state) }) }
    }

    pub(super) fn stdout(&self) -> Pipe {
        Pipe { log: self.clone(), stream: Stream::Stdout }
    }

    pub(super) fn stderr(&self) -> Pipe {
        Pipe { log: self.clone(), stream: Stream::Stderr }
    }

    /// Writes one structured message.
    pub(super) fn message(&self, level: Level, message: &str, fields: &[(String, String)]) {
        // What cannot fit is not even escaped.
        let raw_bytes = fields.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
        let message = printable(message.as_bytes());
        let fields = if self.fits(raw_bytes) { object(fields) } else { String::new() };
        if !self.charge(raw_bytes.max(escaped_bytes(&message) + escaped_bytes(&fields))) {
            return;
        }
        let Attribution { plugin, tool, request } = &*self.shared.attribution;
        match level {
            Level::Debug => {
                tracing::debug!(target: "toolcell::guest", plugin, tool, request, fields, "{message}");
            }
            Level::Info | Level::Notice => {
                tracing::info!(target: "toolcell::guest", plugin, tool, request, fields, "{message}");
            }
            Level::Warning => {
                tracing::warn!(target: "toolcell::guest", plugin, tool, request, fields, "{message}");
            }
            _ => tracing::error!(target: "toolcell::guest", plugin, tool, request, fields, "{message}"),
        }
    }

    /// Writes the unfinished lines; called once, at the end of the call.
    pub(super) fn finish(&self) {
        for stream in [Stream::Stdout, Stream::Stderr] {
            let rest = std::mem::take(self.lock().line(stream));
            if !rest.is_empty() {
                self.line(stream, &rest);
            }
        }
    }

    /// Collects bytes of a stream and logs whole lines.
    fn write(&self, stream: Stream, bytes: &[u8]) {
        if self.lock().full {
            return;
        }
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, is_ended) = match piece.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (piece, false),
            };
            for text in text.chunks(LINE_BYTES) {
                self.append(stream, text);
            }
            if is_ended {
                let line = std::mem::take(self.lock().line(stream));
                self.line(stream, &line);
            }
            if self.lock().full {
                return;
            }
        }
    }

    /// Appends at most [`LINE_BYTES`] bytes to a line, and logs what is longer than a line may be.
    fn append(&self, stream: Stream, text: &[u8]) {
        let mut state = self.lock();
        let line = state.line(stream);
        line.extend_from_slice(text);
        if line.len() < LINE_BYTES {
            return;
        }
        let rest = line.split_off(LINE_BYTES);
        let line = std::mem::replace(state.line(stream), rest);
        drop(state);
        self.line(stream, &line);
    }

    /// Tells whether a line with this much of the guest's text may still be written.
    fn fits(&self, bytes: usize) -> bool {
        let state = self.lock();
        !state.full && self.shared.frame_bytes.saturating_add(bytes) <= state.left
    }

    /// Takes a line with so much of the guest's text from the budget; if it does not fit, logs one marker and drops
    /// everything from now on.
    fn charge(&self, bytes: usize) -> bool {
        let mut state = self.lock();
        let left = state.left.checked_sub(self.shared.frame_bytes.saturating_add(bytes));
        if let (Some(left), false) = (left, state.full) {
            state.left = left;
            return true;
        }
        let first_dropped = !state.full;
        state.full = true;
        drop(state);
        if first_dropped {
            let Attribution { plugin, tool, request } = &*self.shared.attribution;
            tracing::warn!(plugin, tool, request, "output of the guest beyond its limit is dropped");
        }
        false
    }

    /// Logs a line of a stream, as much of it as the budget covers.
    fn line(&self, stream: Stream, line: &[u8]) {
        let line = printable(line);
        let left = self.lock().left.saturating_sub(self.shared.frame_bytes);
        let is_whole = escaped_bytes(&line) <= left;
        // The beginning of a line that does not fit helps its author.
        let line = if is_whole { line } else { truncate_escaped(line, left) };
        if !self.charge(escaped_bytes(&line)) {
            return;
        }
        self.print(stream, &line);
        if !is_whole {
            self.charge(usize::MAX); // writes the marker
        }
    }

    fn print(&self, stream: Stream, line: &str) {
        let Attribution { plugin, tool, request } = &*self.shared.attribution;
        match stream {
            Stream::Stdout => {
                tracing::info!(target: "toolcell::guest", plugin, tool, request, stream = "stdout", "{line}");
            }
            Stream::Stderr => {
                tracing::warn!(target: "toolcell::guest", plugin, tool, request, stream = "stderr", "{line}");
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, LogState> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LogState {
    fn line(&mut self, stream: Stream) -> &mut Vec<u8> {
        match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        }
    }
}

/// Makes a guest's bytes safe to show: valid text on one line, without terminal commands, every character of which shows.
fn printable(bytes: &[u8]) -> String {
    let line = truncate(String::from_utf8_lossy(bytes).into_owned(), LINE_BYTES);
    line.trim_end_matches('\r')
        .chars()
        .map(|c| if c == '\n' || text::is_hidden(c) { char::REPLACEMENT_CHARACTER } else { c })
        .collect()
}

impl IsTerminal for Pipe {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Pipe {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl OutputStream for Pipe {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.log.write(self.stream, &bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(WRITE_BYTES)
    }
}

#[async_trait::async_trait]
impl Pollable for Pipe {
    async fn ready(&mut self) {}
}

impl AsyncWrite for Pipe {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.log.write(self.stream, bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Writes names and values as a JSON object.
fn object(fields: &[(String, String)]) -> String {
    let seen = |text: &str| -> String {
        text.chars().map(|c| if text::is_hidden(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
    };
    let members = fields.iter().map(|(name, value)| (seen(name), seen(value).into()));
    serde_json::Value::Object(members.collect()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_guest_prints_shows_every_character() {
        assert_eq!(printable("a\tb\u{1b}[2J\nc\r".as_bytes()), "a\tb\u{fffd}[2J\u{fffd}c");
        assert_eq!(printable("a\u{202e}b\u{e0041}".as_bytes()), "a\u{fffd}b\u{fffd}");
        assert_eq!(
            object(&[("k\u{200b}".to_owned(), "v\u{2066}".to_owned())]),
            "{\"k\u{fffd}\":\"v\u{fffd}\"}"
        );
    }
}

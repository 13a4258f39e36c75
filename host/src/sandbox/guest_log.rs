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
use super::event::truncate;
use crate::mcp::Level;

/// The number of bytes that a guest may write at a time; wasmtime allocates that much on the guest's word.
const WRITE_BYTES: usize = 64 << 10;

/// The longest line of the log, in bytes; longer ones are split.
const LINE_BYTES: usize = 8 << 10;

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
    state: Mutex<LogState>,
}

struct LogState {
    /// The number of bytes that may still be written.
    left: usize,
    /// True once the marker was written.
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
        Self { shared: Arc::new(Shared { attribution, state: Mutex::new(state) }) }
    }

    pub(super) fn stdout(&self) -> Pipe {
        Pipe { log: self.clone(), stream: Stream::Stdout }
    }

    pub(super) fn stderr(&self) -> Pipe {
        Pipe { log: self.clone(), stream: Stream::Stderr }
    }

    /// Writes one structured message.
    pub(super) fn message(&self, level: Level, message: &str, fields: &[(String, String)]) {
        let size = fields.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
        if self.charge(message.len() + size) < message.len() + size {
            return;
        }
        let Attribution { plugin, tool, request } = &*self.shared.attribution;
        let message = printable(message.as_bytes());
        let fields = object(fields);
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
        let taken = self.charge(bytes.len());
        let mut lines = Vec::new();
        let mut state = self.lock();
        let line = state.line(stream);
        for byte in &bytes[..taken] {
            if *byte != b'\n' {
                line.push(*byte);
            }
            if *byte == b'\n' || line.len() == LINE_BYTES {
                lines.push(std::mem::take(line));
            }
        }
        drop(state);
        for line in lines {
            self.line(stream, &line);
        }
    }

    /// Takes `bytes` from the budget and returns how many it covers; logs one marker when it is used up.
    fn charge(&self, bytes: usize) -> usize {
        let mut state = self.lock();
        let covered = bytes.min(state.left);
        state.left -= covered;
        let first_dropped = covered < bytes && !state.full;
        state.full |= first_dropped;
        drop(state);
        if first_dropped {
            let Attribution { plugin, tool, request } = &*self.shared.attribution;
            tracing::warn!(plugin, tool, request, "output of the guest beyond its limit is dropped");
        }
        covered
    }

    fn line(&self, stream: Stream, line: &[u8]) {
        let Attribution { plugin, tool, request } = &*self.shared.attribution;
        let line = printable(line);
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

/// Makes a guest's bytes safe to show: valid text on one line, without terminal commands.
fn printable(bytes: &[u8]) -> String {
    let text = truncate(String::from_utf8_lossy(bytes).into_owned(), LINE_BYTES);
    text.trim_end_matches('\r')
        .chars()
        .map(|c| if c.is_control() && c != '\t' { char::REPLACEMENT_CHARACTER } else { c })
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
    let members = fields.iter().map(|(name, value)| (name.clone(), value.clone().into()));
    serde_json::Value::Object(members.collect()).to_string()
}

//! Writes a request's bytes to a keep-alive connection, and reads one response.
//!
//! It does as little as it can, because the driver shares two cores with the server that it measures: it uses blocking
//! calls and one buffer, and understands only the length of a response.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use anyhow::{Context, bail, ensure};

use crate::message::Frame;

/// The longest time for an answer, so that a server that hangs fails the bench instead of blocking it.
const PATIENCE: Duration = Duration::from_secs(30);

const OK: &[u8] = b"HTTP/1.1 200 ";

/// A connection to a contender.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
}

impl Connection {
    /// Connects to `address`.
    ///
    /// # Errors
    /// Fails when nothing listens there.
    pub fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Connection { stream, buffer: vec![0; 64 * 1024], filled: 0 })
    }

    /// Sends one request.
    ///
    /// # Errors
    /// Fails when the server has hung up.
    pub fn send(&mut self, request: &[u8]) -> anyhow::Result<()> {
        self.stream.write_all(request).context("cannot send")
    }

    /// Waits for one whole response and returns its body, with chunks joined.
    ///
    /// # Errors
    /// Fails on a status other than 200, on a response that ends early, and when nothing comes.
    pub fn receive(&mut self) -> anyhow::Result<Vec<u8>> {
        let frame = self.read_response()?;
        frame.body(&self.buffer[..self.filled])
    }

    /// Waits for one whole response and drops it.
    ///
    /// # Errors
    /// As [`Connection::receive`].
    pub fn skip(&mut self) -> anyhow::Result<()> {
        self.read_response().map(drop)
    }

    fn read_response(&mut self) -> anyhow::Result<Frame> {
        self.filled = 0;
        loop {
            if self.filled == self.buffer.len() {
                self.buffer.resize(self.buffer.len() * 2, 0);
            }
            let count = self.stream.read(&mut self.buffer[self.filled..]).context("cannot receive")?;
            if count == 0 {
                bail!("the server hung up");
            }
            self.filled += count;
            let received = &self.buffer[..self.filled];
            if let Some(frame) = Frame::find(received)? {
                let text = String::from_utf8_lossy(received);
                ensure!(received.starts_with(OK), "expected status 200, found {text}");
                return Ok(frame);
            }
        }
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

//! One keep-alive connection: writes a request's bytes, reads one response.
//!
//! It does as little as it can, because the driver shares two cores with the server it measures:
//! blocking calls, one buffer, and of the response only its length is understood.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use anyhow::{Context, bail};
use memchr::memmem;

/// Longer than any answer may take; a server that hangs fails the run instead of blocking it.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection to a contender.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
}

/// Where a response's parts are in the buffer.
struct Frame {
    body: std::ops::Range<usize>,
    chunked: bool,
}

impl Connection {
    /// Connects to `address`.
    ///
    /// # Errors
    /// Fails when nothing listens there.
    pub(crate) fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Connection { stream, buffer: vec![0; 64 * 1024], filled: 0 })
    }

    /// Sends one request.
    ///
    /// # Errors
    /// Fails when the server has hung up.
    pub(crate) fn send(&mut self, request: &[u8]) -> anyhow::Result<()> {
        self.stream.write_all(request).context("cannot send")
    }

    /// Waits for one whole response and gives its body, chunks joined.
    ///
    /// # Errors
    /// Fails on a status other than 200, on a response that ends early, and when nothing comes.
    pub(crate) fn receive(&mut self) -> anyhow::Result<Vec<u8>> {
        let frame = self.read_response()?;
        let body = &self.buffer[frame.body];
        if frame.chunked { join_chunks(body) } else { Ok(body.to_vec()) }
    }

    /// Waits for one whole response and forgets it.
    ///
    /// # Errors
    /// As [`Connection::receive`].
    pub(crate) fn skip(&mut self) -> anyhow::Result<()> {
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
            if let Some(frame) = frame(&self.buffer[..self.filled])? {
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

/// Finds the parts of a response; none while it is not whole.
fn frame(bytes: &[u8]) -> anyhow::Result<Option<Frame>> {
    let Some(end) = memmem::find(bytes, b"\r\n\r\n") else { return Ok(None) };
    let (head, start) = (&bytes[..end], end + 4);
    if !head.starts_with(b"HTTP/1.1 200 ") {
        bail!("expected status 200, found {}", String::from_utf8_lossy(bytes));
    }
    let head = std::str::from_utf8(head).context("a head that is no text")?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>())
    });
    match length {
        Some(length) => {
            let body = start..start + length?;
            Ok((bytes.len() >= body.end).then_some(Frame { body, chunked: false }))
        }
        None => {
            let whole = bytes.ends_with(b"0\r\n\r\n") && bytes.len() > start;
            Ok(whole.then_some(Frame { body: start..bytes.len(), chunked: true }))
        }
    }
}

fn join_chunks(mut rest: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = memmem::find(rest, b"\r\n").context("a chunk without a size")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end])?.trim(), 16)?;
        if size == 0 {
            return Ok(body);
        }
        let chunk = rest.get(end + 2..end + 2 + size).context("a chunk that ends early")?;
        body.extend_from_slice(chunk);
        rest = rest.get(end + 2 + size + 2..).context("chunks that end early")?;
    }
}

#[cfg(test)]
mod tests {
    use super::{frame, join_chunks};

    #[test]
    fn a_response_is_whole_when_its_length_says_so() {
        let response = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd";
        assert!(frame(&response[..response.len() - 1]).unwrap().is_none());
        assert_eq!(frame(response).unwrap().unwrap().body, response.len() - 4..response.len());
    }

    #[test]
    fn chunks_are_joined_and_the_last_one_ends_the_response() {
        let response =
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        let whole = frame(response).unwrap().unwrap();
        assert!(whole.chunked);
        assert_eq!(join_chunks(&response[whole.body]).unwrap(), b"abcde");
        assert!(frame(&response[..response.len() - 5]).unwrap().is_none());
    }

    #[test]
    fn any_other_status_is_an_error() {
        assert!(frame(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n").is_err());
    }
}

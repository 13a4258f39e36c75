//! A client's connection, which it keeps for some of its calls; and one that it reads slowly.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use toolcell_tests::http::{self, Exchange, Request};

/// The longest pause of a connection that is used again; the server closes it after 10 s.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The bytes that a slow reader reads one by one, and the pause after each.
const SLOW_BYTES: usize = 100;
const SLOW_PAUSE: Duration = Duration::from_millis(1);

/// The bytes that a slow reader then reads at a time, with the same pause.
const SIP_BYTES: usize = 4096;

/// A connection that is opened when it is needed.
#[derive(Debug)]
pub(super) struct Connection {
    address: SocketAddr,
    kept: Option<(TcpStream, Instant)>,
}

impl Connection {
    pub(super) fn new(address: SocketAddr) -> Self {
        Self { address, kept: None }
    }

    /// Closes the connection.
    pub(super) fn close(&mut self) {
        self.kept = None;
    }

    /// Sends a request and reads the response's last message.
    ///
    /// # Errors
    /// No whole response comes.
    pub(super) fn send(&mut self, request: &Request) -> io::Result<Value> {
        let kept = self.kept.take().filter(|(_, used)| used.elapsed() < LONGEST_PAUSE);
        let mut stream = kept.map_or_else(|| http::connect(self.address), |(stream, _)| stream);
        write(&mut stream, request)?;
        let exchange = Exchange::read(stream.try_clone()?)?;
        let is_kept = exchange.headers.get("connection").is_none_or(|value| value != "close");
        let message = exchange.last_message()?;
        self.kept = is_kept.then(|| (stream, Instant::now()));
        Ok(message)
    }
}

fn write(stream: &mut TcpStream, request: &Request) -> io::Result<()> {
    stream.write_all(request.head().as_bytes())?;
    stream.write_all(&request.body)
}

/// Sends a request, reads the response in small pieces with pauses, and returns its last message.
///
/// # Errors
/// No whole response comes.
pub(super) fn send_slowly(address: SocketAddr, request: Request) -> io::Result<Value> {
    let mut stream = http::connect(address);
    write(&mut stream, &request.header("connection", "close"))?;
    let mut received = vec![0; SLOW_BYTES];
    for byte in &mut received {
        stream.read_exact(std::slice::from_mut(byte))?;
        thread::sleep(SLOW_PAUSE);
    }
    let mut sip = [0; SIP_BYTES];
    loop {
        let count = stream.read(&mut sip)?;
        if count == 0 {
            break;
        }
        received.extend_from_slice(&sip[..count]);
        thread::sleep(SLOW_PAUSE);
    }
    let text = String::from_utf8(received).map_err(io::Error::other)?;
    let (head, body) = text.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    let message = match head.to_ascii_lowercase().contains("text/event-stream") {
        true => {
            let events = body.strip_suffix("\r\n0\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
            events.rsplit("data: ").next().unwrap_or_default()
        }
        false => body,
    };
    serde_json::from_str(message).map_err(io::Error::other)
}

//! HTTP/1.1 over a plain socket: a test controls every byte of a request, and reads a response as it comes.
//!
//! On the way, `wire` checks each message of the endpoint against the schema of its revision.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

use crate::wire::Asked;

/// The longest silence within a response, far beyond every deadline and keep-alive of the server.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// A request, sent exactly as written here.
#[derive(Clone, Debug)]
pub struct Request {
    /// Method and path: `POST /mcp`.
    pub start: String,
    /// Names and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body, announced by `Content-Length`.
    pub body: Vec<u8>,
}

/// A response whose head has come.
#[derive(Debug)]
pub struct Exchange {
    /// The status code.
    pub status: u16,
    /// The headers, with names in lower case.
    pub headers: BTreeMap<String, String>,
    reader: BufReader<TcpStream>,
    framing: Framing,
    asked: Asked,
}

/// The framing of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    Length(usize),
    Chunked,
}

/// A whole response.
#[derive(Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers, with names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// Makes a POST of JSON to the endpoint that accepts every form of response.
    pub fn post(body: impl Into<Vec<u8>>) -> Self {
        let headers = [
            ("host", "localhost"),
            ("content-type", "application/json"),
            ("accept", "application/json, text/event-stream"),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Self { start: "POST /mcp".to_owned(), headers, body: body.into() }
    }

    /// Sets another method or path.
    #[must_use]
    pub fn start(mut self, start: &str) -> Self {
        start.clone_into(&mut self.start);
        self
    }

    /// Sets a header, replacing an existing one.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        let mut request = self.without(name);
        request.headers.push((name.to_owned(), value.to_owned()));
        request
    }

    /// Leaves a header out.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self
    }

    /// Returns the request's bytes up to its body.
    pub fn head(&self) -> String {
        let mut head = format!("{} HTTP/1.1\r\ncontent-length: {}\r\n", self.start, self.body.len());
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head + "\r\n"
    }

    /// Sends the request on a new connection and waits for the response's head.
    ///
    /// # Panics
    /// Panics if no response comes.
    pub fn begin(&self, address: SocketAddr) -> Exchange {
        self.try_begin(address).expect("an answer")
    }

    /// Sends the request on a new connection and waits for the response's head.
    ///
    /// # Errors
    /// Fails if no response comes.
    ///
    /// # Panics
    /// Panics if the server does not accept the connection.
    pub fn try_begin(&self, address: SocketAddr) -> io::Result<Exchange> {
        let mut stream = connect(address);
        // The server may refuse a request, answer and hang up before it has read all of it.
        let _ = stream.write_all(self.head().as_bytes()).and_then(|()| stream.write_all(&self.body));
        Ok(Exchange { asked: Asked::by(self), ..Exchange::read(stream)? })
    }

    /// Sends the request and reads the whole response.
    ///
    /// # Panics
    /// Panics if no response comes.
    pub fn send(&self, address: SocketAddr) -> Response {
        self.begin(address).finish()
    }
}

/// Opens a connection.
///
/// # Panics
/// Panics if the server does not accept it.
pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("the server accepts connections");
    stream.set_read_timeout(Some(LONGEST_WAIT)).expect("a socket has a read timeout");
    stream
}

impl Exchange {
    /// Reads a response's head from a connection on which a request was sent.
    ///
    /// # Errors
    /// Fails if the connection ended, or the bytes are not HTTP.
    pub fn read(stream: TcpStream) -> io::Result<Self> {
        let mut reader = BufReader::new(stream);
        let start = line(&mut reader)?;
        let status = start.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| io::Error::other(format!("not an answer: {start:?}")))?;
        let mut headers = BTreeMap::new();
        loop {
            let header = line(&mut reader)?;
            let Some((name, value)) = header.split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let length = headers.get("content-length").and_then(|length| length.parse().ok());
        let framing = match headers.get("transfer-encoding") {
            Some(_) => Framing::Chunked,
            None => Framing::Length(length.unwrap_or(0)),
        };
        Ok(Self { status, headers, reader, framing, asked: Asked::unknown() })
    }

    /// Reads the next piece of the body as the server wrote it; `None` at its end.
    ///
    /// # Errors
    /// Fails if the connection ended within the body.
    pub fn next_piece(&mut self) -> io::Result<Option<Vec<u8>>> {
        let length = match self.framing {
            Framing::Length(length) => {
                self.framing = Framing::Length(0); // it comes once
                length
            }
            Framing::Chunked => {
                let size = line(&mut self.reader)?;
                usize::from_str_radix(&size, 16).map_err(io::Error::other)?
            }
        };
        let mut piece = vec![0; length];
        self.reader.read_exact(&mut piece)?;
        if self.framing == Framing::Chunked {
            line(&mut self.reader)?;
        }
        Ok(Some(piece).filter(|piece| !piece.is_empty()))
    }

    /// Reads the next event of a stream: `Some(None)` for a comment, `None` at the end.
    ///
    /// # Panics
    /// Panics if the connection ended within the stream, an event has another form than the server's, or its message
    /// does not fulfil the schema of the revision.
    pub fn next_event(&mut self) -> Option<Option<Value>> {
        let piece = self.next_piece().expect("a stream ends with its last event")?;
        let text = String::from_utf8(piece).expect("events are UTF-8");
        let event = text.strip_suffix("\n\n").unwrap_or_else(|| panic!("one piece, one event: {text:?}"));
        if event.starts_with(':') {
            return Some(None);
        }
        let data = event.strip_prefix("event: message\n").unwrap_or(event).strip_prefix("data: ");
        let data =
            data.filter(|data| !data.contains('\n')).unwrap_or_else(|| panic!("one line of data: {text:?}"));
        let message = serde_json::from_str(data).expect("data is JSON");
        self.asked.check(&message);
        Some(Some(message))
    }

    /// Reads every event up to the end of the stream, without comments.
    pub fn events(mut self) -> Vec<Value> {
        std::iter::from_fn(|| self.next_event()).flatten().collect()
    }

    /// Reads the rest of the response.
    ///
    /// # Panics
    /// Panics if the connection ended within the body, or a message does not fulfil the schema of the revision.
    pub fn finish(mut self) -> Response {
        let mut body = Vec::new();
        while let Some(piece) = self.next_piece().expect("the whole body") {
            body.extend(piece);
        }
        let answer = Response { status: self.status, headers: self.headers, body };
        answer.check(&self.asked);
        answer
    }

    /// Reads the rest of the response and returns its last message, which is not compared with the schema.
    ///
    /// # Errors
    /// Fails if the connection ended within the body, or the message is not JSON.
    pub fn last_message(mut self) -> io::Result<Value> {
        let mut body = Vec::new();
        while let Some(piece) = self.next_piece()? {
            body.extend(piece);
        }
        let body = String::from_utf8(body).map_err(io::Error::other)?;
        let text = body.trim_end().rsplit("data: ").next().unwrap_or_default();
        let is_stream = self.headers.get("content-type").is_some_and(|kind| kind == "text/event-stream");
        serde_json::from_str(if is_stream { text } else { &body }).map_err(io::Error::other)
    }

    /// Hangs up in the middle of the response.
    pub fn hang_up(self) {
        // The server may have hung up already.
        let _ = self.reader.get_ref().shutdown(Shutdown::Both);
    }
}

impl Response {
    fn check(&self, asked: &Asked) {
        match self.headers.get("content-type").map(String::as_str) {
            Some("application/json") => asked.check_body(self.status, &self.body),
            Some("text/event-stream") => {
                let body = String::from_utf8_lossy(&self.body);
                let data = body.lines().filter_map(|line| line.strip_prefix("data: "));
                data.for_each(|data| asked.check_body(self.status, data.as_bytes()));
            }
            _ => (),
        }
    }

    /// Returns the body as JSON, or the last message of a stream.
    ///
    /// # Panics
    /// Panics if it is not JSON.
    pub fn json(&self) -> Value {
        let body = String::from_utf8_lossy(&self.body);
        let text = match self.headers.get("content-type").map(String::as_str) {
            Some("text/event-stream") => body.trim_end().rsplit("data: ").next().unwrap_or_default(),
            _ => &body,
        };
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {} {text:?}", self.status))
    }

    /// Returns status, JSON-RPC error code and message of a refusal.
    ///
    /// # Panics
    /// Panics if the response is not a JSON-RPC error.
    pub fn refusal(&self) -> (u16, i64, String) {
        let json = self.json();
        let error = &json["error"];
        let (Some(code), Some(message)) = (error["code"].as_i64(), error["message"].as_str()) else {
            panic!("not a refusal: {json}")
        };
        (self.status, code, message.to_owned())
    }
}

fn line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}

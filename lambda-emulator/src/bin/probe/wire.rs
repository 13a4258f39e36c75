//! Speaks HTTP/1.1 to the Runtime API, byte by byte.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

const VERSION: &str = "/2018-06-01/runtime/";

/// A connection to the Runtime API.
pub(crate) struct Api {
    stream: BufReader<TcpStream>,
    address: String,
}

/// A response of the Runtime API.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Api {
    pub(crate) fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the Runtime API listens");
        stream.set_nodelay(true).expect("a socket has options");
        Self { stream: BufReader::new(stream), address: address.to_owned() }
    }

    /// Connects again: the Runtime API hangs up on a response that it has not read to its end.
    pub(crate) fn reconnect(&mut self) {
        *self = Self::connect(&self.address);
    }

    pub(crate) fn get(&mut self, path: &str) -> Response {
        self.write(format!("GET {VERSION}{path} HTTP/1.1\r\nhost: lambda\r\n\r\n").as_bytes());
        self.answer()
    }

    pub(crate) fn post(&mut self, path: &str, body: &[u8]) -> Response {
        let length = body.len();
        let head =
            format!("POST {VERSION}{path} HTTP/1.1\r\nhost: lambda\r\ncontent-length: {length}\r\n\r\n");
        self.write(&[head.as_bytes(), body].concat());
        self.answer()
    }

    /// Begins a chunked response.
    pub(crate) fn begin(&mut self, path: &str, headers: &[&str]) {
        let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
        let head = format!(
            "POST {VERSION}{path} HTTP/1.1\r\nhost: lambda\r\ntransfer-encoding: chunked\r\n{headers}\r\n"
        );
        self.write(head.as_bytes());
    }

    pub(crate) fn chunk(&mut self, data: &[u8]) {
        self.write(&[format!("{:x}\r\n", data.len()).as_bytes(), data, b"\r\n"].concat());
    }

    /// Ends a chunked response, with trailers if there are any.
    pub(crate) fn end(&mut self, trailers: &[&str]) -> Response {
        let trailers: String = trailers.iter().map(|trailer| format!("{trailer}\r\n")).collect();
        self.write(format!("0\r\n{trailers}\r\n").as_bytes());
        self.answer()
    }

    fn write(&mut self, bytes: &[u8]) {
        // The Runtime API may hang up on a response that is too long; its own response is read next.
        let _ = self.stream.get_mut().write_all(bytes);
    }

    fn answer(&mut self) -> Response {
        let start = self.line();
        let status = start.split(' ').nth(1).and_then(|status| status.parse().ok());
        let mut headers = BTreeMap::new();
        loop {
            let line = self.line();
            let Some((name, value)) = line.split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or_default();
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).expect("the Runtime API sends what it announces");
        Response { status: status.expect("a response has a status"), headers, body }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).expect("the Runtime API answers");
        line.trim_end().to_owned()
    }
}

//! Starts the probe as a function, and reads a response as it comes.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;
use toolcell_lambda_emulator::{Function, Lambda, Phase};

/// The longest wait for anything, on a machine that is busy otherwise.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A response that fits no buffer of the system: its invocation lasts until the client reads it.
pub(crate) const UNREAD: &str = "/flood/40000000";

/// Describes the probe as a function with a long timeout.
pub(crate) fn probe() -> Function {
    Function::new(env!("CARGO_BIN_EXE_lambda-emulator-probe")).timeout(Duration::from_secs(30))
}

pub(crate) fn start(function: Function) -> Lambda {
    function.start().unwrap_or_else(|error| panic!("{error}"))
}

/// A response whose head has come.
pub(crate) struct Exchange {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    reader: BufReader<TcpStream>,
}

/// A response, as far as it came.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// The response ended as HTTP ends one, not with the connection.
    pub(crate) complete: bool,
}

pub(crate) fn get(lambda: &Lambda, path: &str) -> Response {
    begin(lambda, path).finish()
}

pub(crate) fn begin(lambda: &Lambda, path: &str) -> Exchange {
    request(lambda, &format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n"), b"")
}

pub(crate) fn post(lambda: &Lambda, path: &str, kind: &str, body: &[u8]) -> Response {
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n"
    );
    request(lambda, &head, body).finish()
}

pub(crate) fn request(lambda: &Lambda, head: &str, body: &[u8]) -> Exchange {
    let mut stream = TcpStream::connect(lambda.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // A request that is too long may be refused before it is read.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
    let mut reader = BufReader::new(stream);
    let start = line(&mut reader).expect("a response");
    let status = start.split(' ').nth(1).and_then(|status| status.parse().ok());
    let mut headers = Vec::new();
    while let Some((name, value)) = line(&mut reader).unwrap().split_once(':') {
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    Exchange { status: status.unwrap_or_else(|| panic!("{start}")), headers, reader }
}

impl Exchange {
    /// Reads the next chunk of a streamed response; an empty one is its end.
    pub(crate) fn chunk(&mut self) -> io::Result<Vec<u8>> {
        let size = line(&mut self.reader)?;
        let size = usize::from_str_radix(&size, 16).map_err(|_| io::Error::other(size))?;
        let mut chunk = vec![0; size + 2];
        self.reader.read_exact(&mut chunk)?;
        chunk.truncate(size);
        Ok(chunk)
    }

    pub(crate) fn finish(mut self) -> Response {
        let (body, complete) = match header_of(&self.headers, "content-length") {
            Some(length) => {
                let mut body = vec![0; length.parse().unwrap()];
                let complete = self.reader.read_exact(&mut body).is_ok();
                (body, complete)
            }
            None if header_of(&self.headers, "transfer-encoding").is_none() => (Vec::new(), true),
            None => self.chunks(),
        };
        Response { status: self.status, headers: self.headers, body, complete }
    }

    fn chunks(&mut self) -> (Vec<u8>, bool) {
        let mut body = Vec::new();
        loop {
            match self.chunk() {
                Ok(chunk) if chunk.is_empty() => return (body, true),
                Ok(chunk) => body.extend_from_slice(&chunk),
                Err(_) => return (body, false),
            }
        }
    }
}

impl Response {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header_of(&self.headers, name)
    }
}

fn header_of<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
}

fn line(reader: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    match reader.read_line(&mut line)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(line.trim_end().to_owned()),
    }
}

/// Waits until `holds`.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Waits until every environment waits for an invocation.
pub(crate) fn at_rest(lambda: &Lambda) {
    until("the environments come to rest", || {
        lambda.environments().iter().all(|environment| environment.phase != Phase::Busy)
    });
}

/// Waits for a line of the log.
pub(crate) fn logged(lambda: &Lambda, text: &str) -> String {
    let line = lambda.logs().wait(PATIENCE, |line| line.text.contains(text));
    line.unwrap_or_else(|| panic!("{text:?} is not in {:#?}", lambda.logs().lines())).text
}

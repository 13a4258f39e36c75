//! A function on a Runtime API that hands out one event after the other, all in this process.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::num::NonZero;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use serde_json::json;
use tempfile::TempDir;
use toolcell_cli::bundle::compile::Target;
use toolcell_host::auth::Anonymous;
use toolcell_host::catalog::Catalog;
use toolcell_host::lambda;
use toolcell_host::lambda::environment::{AuthType, Environment, Initialization, Metrics};
use toolcell_host::sandbox::engine;

/// A function that serves a bundle without plugins.
#[derive(Debug)]
pub(super) struct Function {
    events: Sender<Vec<u8>>,
    answers: Receiver<Option<Vec<u8>>>,
    _bundle: TempDir,
}

impl Function {
    /// Starts the platform and the function.
    pub(super) fn start() -> Self {
        let bundle = tempfile::tempdir().expect("a directory for a bundle");
        let target = Target::host().expect("tests run where toolcell does");
        let catalog = json!({
            "format": Catalog::FORMAT, "engine": engine::describe(target.triple(), target.cpu()), "server": {"name": "fuzz", "version": "1"},
            "http": {"max_body_bytes": 1 << 20}, "list_ttl_ms": 1, "page_size": 10, "plugins": [], "tools": [],
        });
        let catalog: Catalog = serde_json::from_value(catalog).expect("a catalog");
        let bytes = catalog.to_bytes().expect("a catalog without tools");
        std::fs::write(bundle.path().join(Catalog::FILE), bytes).expect("a bundle");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let environment = Environment {
            runtime_api: listener.local_addr().expect("a port").to_string(),
            function: "fuzz".into(),
            concurrency: NonZero::<u32>::MIN,
            initialization: Initialization::Ordinary,
            bundle: bundle.path().to_owned(),
            metrics: Metrics::Off,
            anonymous: Anonymous::Allowed,
            auth_type: AuthType::None,
        };
        let (events, waiting) = channel();
        let (answered, answers) = channel();
        let ended = answered.clone();
        thread::spawn(move || platform(&listener, &waiting, &answered));
        thread::spawn(move || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_all().build().expect("a runtime");
            let end = runtime.block_on(lambda::run(environment));
            eprintln!("the function ended: {end:?}");
            let _ = ended.send(None); // whoever waits for an answer learns that none will come
        });
        Self { events, answers, _bundle: bundle }
    }

    /// Hands out an event, and returns the answer.
    pub(super) fn invoke(&mut self, event: &[u8]) -> Vec<u8> {
        self.events.send(event.to_owned()).expect("the platform runs");
        let answer = self.answers.recv().expect("the platform runs");
        answer.expect("the function answers every event")
    }
}

/// Serves one connection after the other; a function opens one.
fn platform(listener: &TcpListener, events: &Receiver<Vec<u8>>, answers: &Sender<Option<Vec<u8>>>) {
    for stream in listener.incoming() {
        let stream = stream.expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
        if serve(&mut reader, stream, events, answers).is_none() {
            return;
        }
    }
}

/// Serves a connection until the function closes it; `None` once nobody sends events.
fn serve(
    reader: &mut BufReader<TcpStream>,
    mut writer: TcpStream,
    events: &Receiver<Vec<u8>>,
    answers: &Sender<Option<Vec<u8>>>,
) -> Option<()> {
    while let Some(head) = head(reader) {
        let response = if head.starts_with("GET ") {
            let event = events.recv().ok()?;
            let mut response = format!(
                "HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: 1\r\ncontent-length: {}\r\n\r\n",
                event.len()
            )
            .into_bytes();
            response.extend_from_slice(&event);
            response
        } else {
            answers.send(Some(body(reader, &head))).ok()?;
            b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n".to_vec()
        };
        writer.write_all(&response).ok()?;
    }
    Some(())
}

/// Reads the head of a request, in lower case but for its first word.
fn head(reader: &mut impl BufRead) -> Option<String> {
    let mut head = String::new();
    loop {
        let before = head.len();
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
        if &head[before..] == "\r\n" {
            return Some(head);
        }
    }
}

/// Reads a body, in chunks or of a length that its head tells.
fn body(reader: &mut impl BufRead, head: &str) -> Vec<u8> {
    let mut body = Vec::new();
    let mut read = |reader: &mut dyn BufRead, length: u64| {
        reader.take(length).read_to_end(&mut body).expect("the function sends what it announces")
    };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    if let Some(length) = length {
        read(reader, length.parse().expect("a length"));
        return body;
    }
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a chunk");
        let length = u64::from_str_radix(line.trim(), 16).expect("a length");
        read(reader, length);
        reader.read_line(&mut String::new()).expect("the end of a chunk");
        if length == 0 {
            return body;
        }
    }
}

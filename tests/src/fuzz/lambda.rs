//! A function on a Runtime API that hands out one event after the other, both on this thread.

use std::net::Ipv4Addr;
use std::num::NonZero;

use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use toolcell_cli::bundle::compile::Target;
use toolcell_host::auth::Anonymous;
use toolcell_host::catalog::Catalog;
use toolcell_host::lambda::environment::{AuthType, Environment, Initialization, Metrics};
use toolcell_host::lambda::{self, RunError};
use toolcell_host::sandbox::engine;

/// A function that serves a bundle without plugins.
#[derive(Debug)]
pub(super) struct Function {
    runtime: Runtime,
    platform: Platform,
    run: JoinHandle<Result<(), RunError>>,
    _bundle: TempDir,
}

impl Function {
    /// Starts the function.
    pub(super) fn start() -> Self {
        let bundle = bundle();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).expect("a free port");
        let environment = Environment {
            runtime_api: listener.local_addr().expect("a port").to_string(),
            function: "fuzz".into(),
            concurrency: NonZero::<u32>::MIN,
            initialization: Initialization::Ordinary,
            bundle: bundle.path().to_owned(),
            releases: None,
            metrics: Metrics::Off,
            anonymous: Anonymous::Allowed,
            auth_type: AuthType::None,
            edges: "function-url,http-api,rest-api,alb,agentcore,direct".parse().expect("edges"),
            invoker: None,
        };
        let run = runtime.spawn(lambda::run(environment));
        Self { runtime, platform: Platform { listener, connection: None }, run, _bundle: bundle }
    }

    /// Hands out an event, and returns the answer.
    pub(super) fn invoke(&mut self, event: &[u8]) -> Vec<u8> {
        let (platform, run) = (&mut self.platform, &mut self.run);
        self.runtime.block_on(async {
            tokio::select! {
                answer = platform.invoke(event) => answer,
                end = run => panic!("the function ended: {end:?}"),
            }
        })
    }
}

fn bundle() -> TempDir {
    let bundle = tempfile::tempdir().expect("a directory for a bundle");
    let target = Target::host().expect("tests run where toolcell does");
    let catalog = json!({
        "format": Catalog::FORMAT, "engine": engine::describe(target.triple(), target.cpu()), "server": {"name": "fuzz", "version": "1"},
        "http": {"max_body_bytes": 1 << 20}, "list_ttl_ms": 1, "page_size": 10, "plugins": [], "tools": [],
    });
    let catalog: Catalog = serde_json::from_value(catalog).expect("a catalog");
    let bytes = catalog.to_bytes().expect("a catalog without tools");
    std::fs::write(bundle.path().join(Catalog::FILE), bytes).expect("a bundle");
    bundle
}

/// The Runtime API. It serves one connection after the other; a function opens one.
#[derive(Debug)]
struct Platform {
    listener: TcpListener,
    connection: Option<BufReader<TcpStream>>,
}

impl Platform {
    /// Answers the question for an event, and returns what is posted then.
    async fn invoke(&mut self, event: &[u8]) -> Vec<u8> {
        loop {
            let Some(connection) = &mut self.connection else {
                let (stream, _) = self.listener.accept().await.expect("a connection");
                stream.set_nodelay(true).expect("a socket");
                self.connection = Some(BufReader::new(stream));
                continue;
            };
            let Some(head) = head(connection).await else {
                self.connection = None;
                continue;
            };
            if head.starts_with("GET ") {
                let mut response = format!(
                    "HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: 1\r\ncontent-length: {}\r\n\r\n",
                    event.len()
                )
                .into_bytes();
                response.extend_from_slice(event);
                connection.write_all(&response).await.expect("the function reads its event");
            } else {
                let body = body(connection, &head).await;
                let accepted = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";
                connection.write_all(accepted).await.expect("the function reads what its answer is told");
                return body;
            }
        }
    }
}

/// Reads the head of a request, in lower case but for its first word; `None` once the connection is closed.
async fn head(reader: &mut BufReader<TcpStream>) -> Option<String> {
    let mut head = String::new();
    loop {
        let before = head.len();
        if reader.read_line(&mut head).await.ok()? == 0 {
            return None;
        }
        if &head[before..] == "\r\n" {
            return Some(head);
        }
    }
}

/// Reads a body, in chunks or of a length that its head tells.
async fn body(reader: &mut BufReader<TcpStream>, head: &str) -> Vec<u8> {
    let mut body = Vec::new();
    if let Some(length) = head.lines().find_map(|line| line.strip_prefix("content-length: ")) {
        read(reader, length.parse().expect("a length"), &mut body).await;
        return body;
    }
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).await.expect("a chunk");
        let length = u64::from_str_radix(line.trim(), 16).expect("a length");
        read(reader, length, &mut body).await;
        reader.read_line(&mut String::new()).await.expect("the end of a chunk");
        if length == 0 {
            return body;
        }
    }
}

async fn read(reader: &mut BufReader<TcpStream>, length: u64, body: &mut Vec<u8>) {
    let read = reader.take(length).read_to_end(body).await;
    assert_eq!(read.expect("the function sends what it announces") as u64, length);
}

//! A server for plugins' requests: TLS with an authority made for the run, and a certificate for `localhost`.
//!
//! The path of a request says what the server does, or a function of the test; it keeps what it has seen.

use std::convert::Infallible;
use std::fmt;
use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::LOCATION;
use http::{Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::authority::{self, Version};

/// The longest wait for the end of all connections.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server; it ends with the process.
#[derive(Debug)]
pub struct Upstream {
    port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
    end: watch::Sender<End>,
    directory: TempDir,
}

/// The end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The server closes it.
    Closed,
    /// The server never reads from it or writes to it again: as if a gateway on the way had forgotten it.
    Silent,
}

/// A request that the server has seen.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The number of its connection.
    pub connection: usize,
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The headers, in lower case.
    pub headers: Vec<(String, String)>,
    /// The bytes of the body; `None` while it comes, and if it broke off.
    pub body: Option<usize>,
    /// Whether the client of `/hang` has gone away.
    pub has_hung_up: bool,
}

/// A request that waits for ever; dropped when its client goes away.
struct Hanging {
    seen: Arc<Mutex<Vec<Seen>>>,
    place: usize,
}

impl Drop for Hanging {
    fn drop(&mut self) {
        if let Some(seen) = self.seen.lock().expect("a list").get_mut(self.place) {
            seen.has_hung_up = true;
        }
    }
}

type Body = BoxBody<Bytes, io::Error>;

/// A function that answers requests in place of the server.
#[derive(Clone)]
struct Answering(Arc<Answer>);

type Answer = dyn Fn(&Request<Bytes>) -> Response<Bytes> + Send + Sync;

impl fmt::Debug for Answering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answering").finish_non_exhaustive()
    }
}

/// What every connection of a server shares.
#[derive(Clone, Debug)]
struct Shared {
    seen: Arc<Mutex<Vec<Seen>>>,
    answering: Option<Answering>,
    end: watch::Sender<End>,
}

impl Upstream {
    /// Starts a server on a port of this machine.
    ///
    /// # Panics
    /// Panics if it cannot.
    pub fn start() -> Self {
        Self::of("localhost", Version::Http1)
    }

    /// Starts one with a certificate for a name, and this version of HTTP.
    ///
    /// # Panics
    /// Panics if it cannot.
    pub fn of(name: &str, version: Version) -> Self {
        Self::run(name, Ipv4Addr::LOCALHOST.into(), version, None)
    }

    /// Starts one at an address of this machine, for which it has a certificate.
    ///
    /// # Panics
    /// Panics if it cannot.
    pub fn at(address: IpAddr) -> Self {
        Self::run(&address.to_string(), address, Version::Http1, None)
    }

    /// Starts a server on a port of this machine whose requests this function answers.
    ///
    /// # Panics
    /// Panics if it cannot.
    pub fn answering(answer: impl Fn(&Request<Bytes>) -> Response<Bytes> + Send + Sync + 'static) -> Self {
        let answering = Answering(Arc::new(answer));
        Self::run("localhost", Ipv4Addr::LOCALHOST.into(), Version::Http1, Some(answering))
    }

    fn run(name: &str, address: IpAddr, version: Version, answering: Option<Answering>) -> Self {
        let directory = tempfile::tempdir().expect("a directory for the authority");
        let (acceptor, pem) = authority::acceptor(vec![name.to_owned()], version);
        fs::write(directory.path().join("ca.pem"), pem).expect("a certificate can be written");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (tell, told) = std::sync::mpsc::channel();
        let end = watch::Sender::new(End::Closed);
        let shared = Shared { seen: Arc::clone(&seen), answering, end: end.clone() };
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let listener = TcpListener::bind((address, 0)).await.expect("a free port");
                tell.send(listener.local_addr().expect("an address").port()).expect("the test waits");
                serve(listener, acceptor, shared).await;
            });
        });
        Self { port: told.recv().expect("a port"), seen, end, directory }
    }

    /// Returns its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns host and port as a request names them.
    pub fn authority(&self) -> String {
        format!("localhost:{}", self.port)
    }

    /// Returns the lines of `toolcell.toml` that trust its authority.
    pub fn network(&self) -> String {
        format!(
            "[network]\nresolver = \"127.0.0.1:9\"\nca-bundle = {:?}\n",
            self.directory.path().join("ca.pem").display().to_string()
        )
    }

    /// Returns the certificate of its authority.
    ///
    /// # Panics
    /// Panics if somebody has removed it.
    pub fn authority_pem(&self) -> String {
        fs::read_to_string(self.directory.path().join("ca.pem")).expect("the certificate is there")
    }

    /// Returns what it has seen.
    ///
    /// # Panics
    /// Panics if the server has panicked.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("a server that goes on").clone()
    }

    /// Ends every connection that is open now, and returns when that has happened.
    ///
    /// # Panics
    /// Panics if it does not happen.
    pub fn end_connections(&self, end: End) {
        let start = Instant::now();
        self.end.send_replace(end);
        while self.end.receiver_count() > 0 {
            assert!(start.elapsed() < PATIENCE, "connections stay open");
            thread::sleep(Duration::from_millis(1));
        }
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, shared: Shared) {
    for connection in 0.. {
        let (stream, _) = listener.accept().await.expect("a connection");
        let (acceptor, shared, ended) = (acceptor.clone(), shared.clone(), ended(shared.end.subscribe()));
        tokio::spawn(async move {
            let mut served = pin!(serve_connection(stream, acceptor, connection, shared));
            let end = tokio::select! {
                () = &mut served => return,
                end = ended => end,
            };
            if end == End::Silent {
                std::future::pending::<()>().await;
            }
        });
    }
}

/// Waits until the test ends all connections.
async fn ended(mut end: watch::Receiver<End>) -> End {
    // The server lives as long as its sender.
    let _ = end.changed().await;
    *end.borrow()
}

async fn serve_connection(stream: TcpStream, acceptor: TlsAcceptor, connection: usize, shared: Shared) {
    // A client that does not trust the certificate hangs up.
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let service = service_fn(|request| answer(request, connection, shared.clone()));
    let speaks_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let stream = TokioIo::new(stream);
    let _ = match speaks_http2 {
        true => http2::Builder::new(TokioExecutor::new()).serve_connection(stream, service).await,
        false => http1::Builder::new().serve_connection(stream, service).await,
    };
}

async fn answer(
    request: Request<Incoming>,
    connection: usize,
    Shared { seen, answering, .. }: Shared,
) -> Result<Response<Body>, Infallible> {
    let place = note(&request, connection, &seen);
    if let Some(Answering(answer)) = answering {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        seen.lock().expect("a list")[place].body = Some(body.len());
        return Ok(answer(&Request::from_parts(head, body)).map(full));
    }
    let path = request.uri().path().to_owned();
    if path.ends_with("/echo") {
        return Ok(echo(&request));
    }
    if path == "/hang" {
        let _hanging = Hanging { seen, place };
        return std::future::pending().await;
    }
    let received = match request.into_body().collect().await {
        Ok(body) => body.to_bytes().len(),
        Err(_) => return Ok(Response::new(full("broken"))),
    };
    seen.lock().expect("a list")[place].body = Some(received);
    let (start, number) = path.rsplit_once('/').unwrap_or_default();
    let number: usize = number.parse().unwrap_or_default();
    Ok(match start {
        "/bytes" => Response::new(full(vec![b'y'; number])),
        "/pieces" => Response::new(pieces(number)),
        "/stalled" => Response::new(begun(None)),
        "/truncated" => Response::new(begun(Some(io::ErrorKind::BrokenPipe.into()))),
        "/status" => {
            let status = StatusCode::from_u16(u16::try_from(number).unwrap_or(500));
            let mut response = Response::new(full("status"));
            *response.status_mut() = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            response
                .headers_mut()
                .insert(LOCATION, "http://127.0.0.1/latest/meta-data".parse().expect("a URL"));
            response
        }
        _ => Response::new(full(format!("received {received}"))),
    })
}

/// Repeats the address and the headers of a request, in headers; at `?body` as the body, at `?trailers` in trailers.
fn echo(request: &Request<Incoming>) -> Response<Body> {
    let mut headers = http::HeaderMap::new();
    headers.insert("x-address", request.uri().to_string().parse().expect("an address"));
    headers.insert("x-kept", "kept".parse().expect("a value"));
    for (name, value) in request.headers() {
        headers.append(http::HeaderName::try_from(format!("x-{name}")).expect("a name"), value.clone());
    }
    let query = request.uri().query().unwrap_or_default();
    if query.starts_with("trailers") {
        let trailers = async move { Some(Ok(headers)) };
        return Response::new(full("echo").with_trailers(trailers).boxed());
    }
    let body = if query.starts_with("body") { format!("{headers:?}") } else { "echo".to_owned() };
    let mut response = Response::new(full(body));
    *response.headers_mut() = headers;
    response
}

/// Takes a request down; returns its place.
fn note(request: &Request<Incoming>, connection: usize, seen: &Mutex<Vec<Seen>>) -> usize {
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let mut seen = seen.lock().expect("a list");
    seen.push(Seen {
        connection,
        method: request.method().to_string(),
        path: request.uri().to_string(),
        headers: request.headers().iter().map(header).collect(),
        body: None,
        has_hung_up: false,
    });
    seen.len() - 1
}

fn full(body: impl Into<Bytes>) -> Body {
    Full::new(body.into()).map_err(|never| match never {}).boxed()
}

/// Sends a piece of a KiB, and then an error, or nothing more.
fn begun(end: Option<io::Error>) -> Body {
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    tokio::spawn(async move {
        let mut sent = sender.send(Ok(Frame::data(Bytes::from_static(&[b'z'; 1024])))).await;
        if let Some(error) = end {
            sent = sender.send(Err(error)).await;
        }
        if sent.is_ok() {
            sender.closed().await;
        }
    });
    Receiver(receiver).boxed()
}

/// Streams this many pieces of a KiB.
fn pieces(number: usize) -> Body {
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    tokio::spawn(async move {
        for _ in 0..number {
            let frame = Frame::data(Bytes::from_static(&[b'z'; 1024]));
            if sender.send(Ok(frame)).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    Receiver(receiver).boxed()
}

/// Hands frames out as a body.
struct Receiver(tokio::sync::mpsc::Receiver<io::Result<Frame<Bytes>>>);

impl hyper::body::Body for Receiver {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.0.poll_recv(cx)
    }
}

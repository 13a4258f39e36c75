//! Takes requests from connections, counts them, and fails those that a test has chosen.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use s3s::service::S3Service;
use s3s::{Body, HttpResponse};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::fault::{Fault, Target};

/// The answer of S3 to somebody who asks too often.
const SLOW_DOWN: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>";

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// `GetObject`
    Get,
    /// `HeadObject`
    Head,
    /// `PutObject`
    Put,
    /// `ListObjectsV2`
    List,
    /// `DeleteObject`
    Delete,
}

/// A request as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The operation.
    pub verb: Verb,
    /// The key, or the query of a list.
    pub key: String,
}

/// Stands before the service.
#[derive(Debug)]
pub(super) struct Edge {
    service: S3Service,
    requests: Mutex<Vec<Request>>,
    answers: Mutex<Vec<(Request, StatusCode)>>,
    faults: Mutex<Vec<(Target, Fault)>>,
    passes: Mutex<Option<usize>>,
    unanswered: Mutex<BTreeSet<usize>>,
    connections: AtomicUsize,
    /// Requests that are held so far, and how often all of them were let go.
    held: watch::Sender<usize>,
    released: watch::Sender<usize>,
}

impl Edge {
    pub(super) fn new(service: S3Service) -> Self {
        let (requests, answers, unanswered) = (Mutex::default(), Mutex::default(), Mutex::default());
        let (faults, passes) = (Mutex::default(), Mutex::default());
        let (held, released) = (watch::Sender::new(0), watch::Sender::new(0));
        let connections = AtomicUsize::new(0);
        Self { service, requests, answers, faults, passes, unanswered, connections, held, released }
    }

    pub(super) fn requests(&self) -> MutexGuard<'_, Vec<Request>> {
        self.requests.lock().expect("no request has panicked")
    }

    pub(super) fn answers(&self) -> MutexGuard<'_, Vec<(Request, StatusCode)>> {
        self.answers.lock().expect("no request has panicked")
    }

    pub(super) fn faults(&self) -> MutexGuard<'_, Vec<(Target, Fault)>> {
        self.faults.lock().expect("no request has panicked")
    }

    pub(super) fn passes(&self) -> MutexGuard<'_, Option<usize>> {
        self.passes.lock().expect("no request has panicked")
    }

    pub(super) fn unanswered(&self) -> MutexGuard<'_, BTreeSet<usize>> {
        self.unanswered.lock().expect("no request has panicked")
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Lets all requests go that are held.
    pub(super) fn release(&self) {
        self.released.send_modify(|count| *count += 1);
    }

    pub(super) fn held_so_far(&self) -> usize {
        *self.held.borrow()
    }

    /// Waits until so many requests have been held.
    pub(super) async fn held(&self, wanted: usize) {
        let mut held = self.held.subscribe();
        let _ = held.wait_for(|count| *count >= wanted).await;
    }

    /// Answers a request, or returns an error, upon which the connection is closed.
    async fn answer(&self, request: http::Request<Incoming>) -> io::Result<HttpResponse> {
        let asked = Request::of(&request);
        let (number, fault) = self.arrived(&asked);
        let _open = Open::new(self, number);
        match fault {
            Some(Fault::Down) => return Err(io::ErrorKind::ConnectionAborted.into()),
            Some(Fault::Throttled) => return Ok(slow_down()),
            Some(Fault::Slow(time)) => tokio::time::sleep(time).await,
            Some(Fault::Held) => {
                let _ = self.hold().changed().await;
            }
            _ => {}
        }
        let answer = self.service.call(request.map(Body::from)).await;
        let answer = answer.map_err(|error| io::Error::other(format!("{error:?}")))?;
        self.answers().push((asked, answer.status()));
        match fault {
            Some(Fault::Lost) => Err(io::ErrorKind::ConnectionAborted.into()),
            Some(Fault::Truncated(length)) => broken(answer, length, None).await,
            Some(Fault::Stalled(length)) => {
                let released = self.hold();
                let end = async move {
                    let mut released = released;
                    let _ = released.changed().await;
                };
                broken(answer, length, Some(Box::pin(end))).await
            }
            Some(Fault::Endless) => Ok(endless(answer)),
            _ => Ok(answer),
        }
    }

    /// Notes a request, and returns its place among all of them and what is to happen to it.
    fn arrived(&self, request: &Request) -> (usize, Option<Fault>) {
        let fault =
            self.faults().iter().find(|(target, _)| target.fits(request)).map(|(_, fault)| fault.clone());
        let mut requests = self.requests();
        requests.push(request.clone());
        let number = requests.len() - 1;
        drop(requests);
        match self.passes().as_mut() {
            Some(0) => return (number, Some(Fault::Down)),
            Some(passes) => *passes -= 1,
            None => {}
        }
        (number, fault)
    }

    /// Counts a request that is held, and returns what changes when it is let go.
    fn hold(&self) -> watch::Receiver<usize> {
        let mut released = self.released.subscribe();
        released.mark_unchanged();
        self.held.send_modify(|count| *count += 1);
        released
    }
}

/// A request without an answer, until this is dropped.
struct Open<'e> {
    edge: &'e Edge,
    number: usize,
}

impl<'e> Open<'e> {
    fn new(edge: &'e Edge, number: usize) -> Self {
        edge.unanswered().insert(number);
        Self { edge, number }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.edge.unanswered().remove(&self.number);
    }
}

impl Request {
    fn of(request: &http::Request<Incoming>) -> Self {
        let (bucket, key) =
            request.uri().path()[1..].split_once('/').unwrap_or((&request.uri().path()[1..], ""));
        let verb = match *request.method() {
            Method::PUT => Verb::Put,
            Method::DELETE => Verb::Delete,
            Method::HEAD => Verb::Head,
            _ if key.is_empty() => Verb::List,
            _ => Verb::Get,
        };
        let query = request.uri().query().unwrap_or_default();
        let key = if verb == Verb::List { format!("{bucket}?{query}") } else { key.to_owned() };
        Self { verb, key }
    }
}

/// Accepts connections until it is dropped.
pub(super) async fn serve(listener: TcpListener, edge: Arc<Edge>) {
    while let Ok((stream, _)) = listener.accept().await {
        edge.connections.fetch_add(1, Ordering::SeqCst);
        let edge = Arc::clone(&edge);
        let service = service_fn(move |request| {
            let edge = Arc::clone(&edge);
            async move { edge.answer(request).await }
        });
        let connection =
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection);
    }
}

fn slow_down() -> HttpResponse {
    let mut response = Response::new(Body::from(Bytes::from_static(SLOW_DOWN.as_bytes())));
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    response
}

/// Promises the whole body and ends in the middle of it, after `pause`.
async fn broken(response: HttpResponse, length: usize, pause: Option<Pause>) -> io::Result<HttpResponse> {
    let (mut head, body) = response.into_parts();
    let bytes = body.collect().await.map_err(|error| io::Error::other(error.to_string()))?.to_bytes();
    head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    let part = Some(bytes.slice(..length.min(bytes.len())));
    Ok(Response::from_parts(head, Body::http_body(Broken { part, is_sent: false, pause })))
}

/// Sends a body without an end, and without a length.
fn endless(response: HttpResponse) -> HttpResponse {
    let (mut head, _) = response.into_parts();
    head.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(head, Body::http_body(Endless))
}

/// The time until a body breaks.
type Pause = Pin<Box<dyn Future<Output = ()> + Send + Sync>>;

/// A body that breaks after its first part.
struct Broken {
    part: Option<Bytes>,
    is_sent: bool,
    pause: Option<Pause>,
}

/// A body that goes on for ever.
struct Endless;

impl hyper::body::Body for Broken {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(part) = self.part.take() {
            return Poll::Ready(Some(Ok(Frame::data(part))));
        }
        if !self.is_sent {
            // A connection sends what it has while it waits for more.
            self.is_sent = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if let Some(pause) = &mut self.pause {
            std::task::ready!(pause.as_mut().poll(context));
            self.pause = None;
        }
        Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())))
    }
}

impl hyper::body::Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[b' '; 1 << 14])))))
    }
}

//! Answers the requests of resource servers.

use std::convert::Infallible;
use std::future::pending;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use http::{Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::behaviour::Behaviour;
use super::{INTROSPECTION, KEYS, State};

type Body = BoxBody<Bytes, Infallible>;

pub(super) async fn serve(listener: TcpListener, acceptor: TlsAcceptor, state: Arc<Mutex<State>>) {
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        let (acceptor, state) = (acceptor.clone(), Arc::clone(&state));
        if lock(&state).behaviour == Behaviour::HangUp {
            continue;
        }
        tokio::spawn(async move {
            // A client that does not trust the certificate hangs up.
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let service = service_fn(|request| answer(request, Arc::clone(&state)));
            let http = hyper::server::conn::http1::Builder::new();
            let _ = http.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(request: Request<Incoming>, state: Arc<Mutex<State>>) -> Result<Response<Body>, Infallible> {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let behaviour = {
        let mut state = lock(&state);
        state.asked.push(format!("{} {path}", head.method));
        state.behaviour.clone()
    };
    Ok(match behaviour {
        Behaviour::Serving if path == INTROSPECTION => looked_up(&head, &body, &mut lock(&state)),
        Behaviour::Serving => document(&path, &lock(&state)),
        Behaviour::Status(status) => with_status(status, full("{}")),
        Behaviour::Redirect(to) => {
            let mut response = with_status(302, full(""));
            response.headers_mut().insert(LOCATION, to.parse().expect("an address"));
            response
        }
        Behaviour::Silent => pending().await,
        Behaviour::Huge(bytes) => Response::new(pieces(bytes)),
        Behaviour::HangUp => with_status(500, full("")),
    })
}

fn document(path: &str, state: &State) -> Response<Body> {
    let Some(document) = state.documents.get(path) else { return with_status(404, full("{}")) };
    let mut response = Response::new(full(document.clone()));
    response.headers_mut().insert(CONTENT_TYPE, "application/json".parse().expect("a type"));
    if let Some(value) = state.cache_control.as_ref().filter(|_| path == KEYS) {
        response.headers_mut().insert(CACHE_CONTROL, value.parse().expect("a value"));
    }
    response
}

/// Answers a request of RFC 7662.
fn looked_up(head: &http::request::Parts, body: &[u8], state: &mut State) -> Response<Body> {
    let credentials = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let body = String::from_utf8_lossy(body).into_owned();
    state.last_lookup = Some((credentials.unwrap_or_default().to_owned(), body.clone()));
    if head.method != http::Method::POST || credentials.is_none() {
        return with_status(401, full("{}"));
    }
    let token = body.split('&').find_map(|pair| pair.strip_prefix("token=")).unwrap_or_default();
    let answer = state.tokens.get(token).cloned().unwrap_or_else(|| json!({ "active": false }));
    Response::new(full(answer.to_string()))
}

fn with_status(status: u16, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    response
}

fn full(body: impl Into<Bytes>) -> Body {
    Full::new(body.into()).boxed()
}

/// Sends this many bytes in pieces, so that no header says how many there are.
fn pieces(bytes: usize) -> Body {
    let pieces = vec![Bytes::from(vec![b' '; 1 << 10]); bytes >> 10];
    Pieces(pieces.into_iter()).boxed()
}

/// Hands out pieces as a body.
struct Pieces(std::vec::IntoIter<Bytes>);

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.next().map(|piece| Ok(Frame::data(piece))))
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

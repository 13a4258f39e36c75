//! Takes requests from connections and takes them down; refuses those of a session without its token.

use std::io;
use std::sync::{Arc, Mutex};

use http::{HeaderMap, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use s3s::service::S3Service;
use s3s::{Body, HttpResponse};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::Seen;
use super::session::Sessions;

/// The header with the session token.
const TOKEN: &str = "x-amz-security-token";

/// Stands before the service.
pub(super) struct Edge {
    service: S3Service,
    seen: Arc<Mutex<Vec<Seen>>>,
    sessions: Arc<Sessions>,
}

impl Edge {
    pub(super) fn new(service: S3Service, seen: Arc<Mutex<Vec<Seen>>>, sessions: Arc<Sessions>) -> Self {
        Self { service, seen, sessions }
    }

    async fn answer(&self, request: Request<Incoming>) -> io::Result<HttpResponse> {
        let seen = Seen {
            host: host(&request),
            method: request.method().to_string(),
            path: request.uri().path_and_query().map(ToString::to_string).unwrap_or_default(),
            headers: request.headers().clone(),
            status: StatusCode::OK,
        };
        let answer = match self.has_token(request.headers()) {
            true => self.service.call(request.map(Body::from)).await,
            false => Ok(invalid_token()),
        };
        let answer = answer.map_err(|error| io::Error::other(format!("{error:?}")))?;
        self.seen.lock().expect("a list").push(Seen { status: answer.status(), ..seen });
        Ok(answer)
    }

    /// Tells whether a request of a session has its token, and has signed it.
    fn has_token(&self, headers: &HeaderMap) -> bool {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (authorization, token) = (text("authorization"), text(TOKEN));
        let key = authorization.split_once("Credential=").and_then(|(_, rest)| rest.split('/').next());
        match key.and_then(|key| self.sessions.find(key)) {
            None => true, // the credentials of the server itself have none
            Some(session) => session.token == token && authorization.contains(TOKEN),
        }
    }
}

fn host(request: &Request<Incoming>) -> String {
    let header = request.headers().get("host").and_then(|host| host.to_str().ok());
    let authority = request.uri().authority().map(|authority| authority.as_str());
    header.or(authority).unwrap_or_default().split(':').next().unwrap_or_default().to_owned()
}

fn invalid_token() -> HttpResponse {
    let mut response = Response::new(Body::from("<Error><Code>InvalidToken</Code></Error>".to_owned()));
    *response.status_mut() = StatusCode::FORBIDDEN;
    response
}

/// Accepts connections for ever.
pub(super) async fn serve(listener: TcpListener, acceptor: TlsAcceptor, edge: Arc<Edge>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, edge) = (acceptor.clone(), Arc::clone(&edge));
        tokio::spawn(async move {
            // A client that does not trust the certificate hangs up.
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let service = service_fn(move |request| {
                let edge = Arc::clone(&edge);
                async move { edge.answer(request).await }
            });
            let speaks_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            let stream = TokioIo::new(stream);
            let _ = match speaks_http2 {
                true => http2::Builder::new(TokioExecutor::new()).serve_connection(stream, service).await,
                false => http1::Builder::new().serve_connection(stream, service).await,
            };
        });
    }
}

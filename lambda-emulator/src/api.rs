//! The Runtime API, version 2018-06-01, over HTTP/1.1: a thin skin over the [`Desk`].
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::desk::{Answer, Desk, Invocation, Receipt, Refusal, Step};
use crate::failure::FunctionError;
use crate::limit;

const PREFIX: &str = "/2018-06-01/runtime/";

/// Where a process reports an error's type, if not in the body.
const ERROR_TYPE: &str = "lambda-runtime-function-error-type";

type Reply = Response<Full<Bytes>>;

/// Serves one process until its listener is dropped with this future.
pub(crate) async fn serve(listener: TcpListener, desk: Arc<Desk>) {
    while let Ok((stream, _)) = listener.accept().await {
        connect(stream, Arc::clone(&desk));
    }
}

fn connect(stream: TcpStream, desk: Arc<Desk>) {
    // Best effort: it only saves time.
    let _ = stream.set_nodelay(true);
    let connection = desk.connected();
    let service = service_fn(move |request| {
        let desk = Arc::clone(&desk);
        async move { Ok::<_, Infallible>(route(request, &desk).await) }
    });
    let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::spawn(async move {
        // A process that dies mid-request is seen by whoever waits for its answer.
        let _ = served.await;
        drop(connection);
    });
}

async fn route(request: Request<Incoming>, desk: &Desk) -> Reply {
    let path = request.uri().path().to_owned();
    let Some(path) = path.strip_prefix(PREFIX) else { return not_found() };
    let parts: Vec<&str> = path.split('/').collect();
    match (request.method(), &parts[..]) {
        (&Method::GET, ["invocation", "next"]) => match desk.next().await {
            Ok(invocation) => next(&invocation),
            Err(refusal) => refused(refusal),
        },
        (&Method::POST, ["invocation", id, "response"]) => response(request, id, desk).await,
        (&Method::POST, ["invocation", id, "error"]) => match desk.take(id) {
            Ok(told) => {
                // Whoever waited for it may have given up at the deadline.
                let _ = told.send(Step::Error(error_of(request).await));
                // Once it is told that its error was accepted, it may ask for the next invocation.
                desk.close(id);
                accepted()
            }
            Err(refusal) => refused(refusal),
        },
        (&Method::POST, ["init" | "restore", "error"]) => {
            desk.fail(error_of(request).await);
            accepted()
        }
        (&Method::GET, ["restore", "next"]) => {
            desk.restored().await;
            reply(StatusCode::OK, &json!({}))
        }
        _ => not_found(),
    }
}

/// The event, and around it what the runtime is told in headers.
fn next(invocation: &Invocation) -> Reply {
    let mut reply = Response::new(Full::new(invocation.event.clone()));
    let mut set = |name: &'static str, value: &str| {
        let value = HeaderValue::from_str(value).expect("made here, of letters and digits");
        reply.headers_mut().insert(name, value);
    };
    set("content-type", "application/json");
    set("lambda-runtime-aws-request-id", &invocation.request_id);
    set("lambda-runtime-deadline-ms", &invocation.deadline_ms.to_string());
    set("lambda-runtime-invoked-function-arn", &invocation.function_arn);
    if let Some(trace) = &invocation.trace {
        set("lambda-runtime-trace-id", trace);
    }
    reply
}

async fn response(request: Request<Incoming>, id: &str, desk: &Desk) -> Reply {
    let told = match desk.take(id) {
        Ok(told) => told,
        Err(refusal) => return refused(refusal),
    };
    let (parts, body) = request.into_parts();
    let (receipt, received) = oneshot::channel();
    // Whoever waited for it may have given up at the deadline: then the receipt never comes either.
    let _ = told.send(Step::Answer(Answer { headers: parts.headers, body, receipt }));
    match received.await {
        Ok(Receipt::Accepted) => accepted(),
        Ok(Receipt::TooLarge) => error(
            StatusCode::PAYLOAD_TOO_LARGE,
            "Function.ResponseSizeTooLarge",
            "Exceeded maximum allowed payload size.",
        ),
        Err(_) => refused(Refusal::UnknownRequest),
    }
}

/// What a process says of its error; a body that is none still is an error.
async fn error_of(request: Request<Incoming>) -> FunctionError {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, limit::PAYLOAD_BYTES).collect().await;
    let body = body.map(|body| body.to_bytes()).unwrap_or_default();
    let mut error: FunctionError = serde_json::from_slice(&body).unwrap_or_default();
    if error.error_type.is_empty() {
        error.error_type = error_type(&parts.headers).unwrap_or_default();
    }
    error
}

/// The type of an error in headers or trailers.
pub(crate) fn error_type(headers: &HeaderMap) -> Option<String> {
    headers.get(ERROR_TYPE).and_then(|kind| kind.to_str().ok()).map(str::to_owned)
}

fn accepted() -> Reply {
    reply(StatusCode::ACCEPTED, &json!({"status": "OK"}))
}

fn not_found() -> Reply {
    error(StatusCode::NOT_FOUND, "NotFound", "404 page not found")
}

fn refused(refusal: Refusal) -> Reply {
    match refusal {
        Refusal::UnknownRequest => error(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID"),
        Refusal::OutOfTurn => {
            error(StatusCode::FORBIDDEN, "InvalidStateTransition", "State transition is not allowed")
        }
    }
}

fn error(status: StatusCode, kind: &str, message: &str) -> Reply {
    reply(status, &json!({"errorType": kind, "errorMessage": message}))
}

fn reply(status: StatusCode, body: &Value) -> Reply {
    let mut reply = Response::new(Full::new(Bytes::from(body.to_string())));
    *reply.status_mut() = status;
    reply.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    reply
}

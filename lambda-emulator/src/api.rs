//! Serves the Runtime API, version 2018-06-01, over HTTP/1.1: a thin layer over the [`InvocationQueue`].
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

use crate::failure::FunctionError;
use crate::invocation_queue::{Invocation, InvocationQueue, Outcome, PostedResponse, Receipt, Refusal};
use crate::limit;

const PREFIX: &str = "/2018-06-01/runtime/";

/// The header in which a process reports an error's type, if the body does not.
const ERROR_TYPE: &str = "lambda-runtime-function-error-type";

type Reply = Response<Full<Bytes>>;

/// Serves one process until this future, and the listener with it, is dropped.
pub(crate) async fn serve(listener: TcpListener, queue: Arc<InvocationQueue>) {
    while let Ok((stream, _)) = listener.accept().await {
        connect(stream, Arc::clone(&queue));
    }
}

fn connect(stream: TcpStream, queue: Arc<InvocationQueue>) {
    // Best effort: it only saves time.
    let _ = stream.set_nodelay(true);
    let connection = queue.connected();
    let service = service_fn(move |request| {
        let queue = Arc::clone(&queue);
        async move { Ok::<_, Infallible>(route(request, &queue).await) }
    });
    let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::spawn(async move {
        // The task that waits for the response notices a process that dies within a request.
        let _ = served.await;
        drop(connection);
    });
}

async fn route(request: Request<Incoming>, queue: &InvocationQueue) -> Reply {
    let path = request.uri().path().to_owned();
    let Some(path) = path.strip_prefix(PREFIX) else { return not_found() };
    let parts: Vec<&str> = path.split('/').collect();
    match (request.method(), &parts[..]) {
        (&Method::GET, ["invocation", "next"]) => match queue.next().await {
            Ok(invocation) => next(&invocation),
            Err(refusal) => refused(refusal),
        },
        (&Method::POST, ["invocation", id, "response"]) => response(request, id, queue).await,
        (&Method::POST, ["invocation", id, "error"]) => match queue.take(id) {
            Ok(told) => {
                // The task that waited for the response may have given up at the deadline.
                let _ = told.send(Outcome::Error(error_of(request).await));
                // As soon as it reads that its error was accepted, the process may ask for the next invocation.
                queue.close(id);
                accepted()
            }
            Err(refusal) => refused(refusal),
        },
        (&Method::POST, ["init" | "restore", "error"]) => {
            queue.fail(error_of(request).await);
            accepted()
        }
        (&Method::GET, ["restore", "next"]) => {
            queue.restored().await;
            reply(StatusCode::OK, &json!({}))
        }
        _ => not_found(),
    }
}

/// Answers with the event, and in headers with what else the runtime needs to know.
fn next(invocation: &Invocation) -> Reply {
    let mut reply = Response::new(Full::new(invocation.event.clone()));
    let mut set = |name: &'static str, value: &str| {
        let value = HeaderValue::from_str(value)
            .expect("the emulator makes these values of letters and digits, and a test its own context");
        reply.headers_mut().insert(name, value);
    };
    set("content-type", "application/json");
    set("lambda-runtime-aws-request-id", &invocation.request_id);
    set("lambda-runtime-deadline-ms", &invocation.deadline_ms.to_string());
    set("lambda-runtime-invoked-function-arn", &invocation.function_arn);
    if let Some(trace) = &invocation.trace {
        set("lambda-runtime-trace-id", trace);
    }
    if let Some(context) = &invocation.client_context {
        set("lambda-runtime-client-context", context);
    }
    reply
}

async fn response(request: Request<Incoming>, id: &str, queue: &InvocationQueue) -> Reply {
    let told = match queue.take(id) {
        Ok(told) => told,
        Err(refusal) => return refused(refusal),
    };
    let (parts, body) = request.into_parts();
    let (receipt, received) = oneshot::channel();
    // The task that waited for the response may have given up at the deadline: then no receipt comes either.
    let _ = told.send(Outcome::Response(PostedResponse { headers: parts.headers, body, receipt }));
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

/// Reads the error that a process reports; a body that is no error object counts as an error without details.
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

/// Returns the type of an error from headers or trailers.
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

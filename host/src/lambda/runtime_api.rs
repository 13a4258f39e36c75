//! The Runtime API: one connection, one request at a time.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::convert::Infallible;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, HeaderName, HeaderValue, USER_AGENT};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::net::TcpStream;
use tokio::task::AbortHandle;

use super::answer::Streamed;
use super::client_context::ClientContext;

const NEXT: &str = "/2018-06-01/runtime/invocation/next";
const INIT_ERROR: &str = "/2018-06-01/runtime/init/error";
const RESTORE_NEXT: &str = "/2018-06-01/runtime/restore/next";

const REQUEST_ID: &str = "lambda-runtime-aws-request-id";
const DEADLINE_MS: &str = "lambda-runtime-deadline-ms";
const TRACE_ID: &str = "lambda-runtime-trace-id";
const CLIENT_CONTEXT: &str = "lambda-runtime-client-context";
/// Set where an environment serves several invocations at once; given back with the answer.
const INVOCATION_ID: &str = "lambda-runtime-invocation-id";

const RESPONSE_MODE: HeaderName = HeaderName::from_static("lambda-runtime-function-response-mode");
const ERROR_TYPE: HeaderName = HeaderName::from_static("lambda-runtime-function-error-type");
const STREAMING: HeaderValue = HeaderValue::from_static("streaming");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const HTTP_INTEGRATION: HeaderValue =
    HeaderValue::from_static("application/vnd.awslambda.http-integration-response");

/// The error type that the platform counts in the function's metrics if the start fails.
const INIT_ERROR_TYPE: &str = "Runtime.ToolcellInit";

/// The error type of an event that the function does not accept, for whoever sent it.
const REFUSED_TYPE: &str = "Toolcell.EventRefused";

const AGENT: &str = concat!("toolcell/", env!("CARGO_PKG_VERSION"));

type Outgoing = UnsyncBoxBody<Bytes, Infallible>;

/// A request to the platform that failed.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// There is no connection to be had.
    #[error("cannot connect to {address}: {source}")]
    Connect {
        /// Host and port.
        address: String,
        /// The system's error.
        source: std::io::Error,
    },
    /// The connection ended, or what came over it is not HTTP.
    #[error(transparent)]
    Http(#[from] hyper::Error),
    /// The request could not be written down.
    #[error(transparent)]
    Request(#[from] http::Error),
    /// The platform refused.
    #[error("the platform answered {status}: {text}")]
    Refused {
        /// Its status.
        status: StatusCode,
        /// Its words.
        text: String,
    },
    /// An invocation came without what every invocation has.
    #[error("the invocation has no header {0}")]
    Header(&'static str),
}

/// The platform's id of an invocation.
#[derive(Clone, Debug)]
pub(super) struct InvocationId {
    /// The request's id, as the platform's log shows it.
    pub(super) request: String,
    /// Its number among invocations that run side by side, where the platform has such.
    slot: Option<HeaderValue>,
}

/// Something to answer.
#[derive(Debug)]
pub(super) struct Invocation {
    /// Its name.
    pub(super) id: InvocationId,
    /// The end of the environment, in milliseconds since 1970.
    pub(super) deadline_ms: Option<u64>,
    /// The X-Ray trace header.
    pub(super) trace: Option<String>,
    /// The client context, which comes beside the event.
    pub(super) context: ClientContext,
    /// The event, as JSON.
    pub(super) event: Bytes,
}

/// A client of the Runtime API.
pub(super) struct RuntimeApi {
    address: String,
    connection: Option<Connection>,
}

/// A connection and the task that drives it.
struct Connection {
    sender: SendRequest<Outgoing>,
    driver: AbortHandle,
}

impl Drop for Connection {
    /// Lets go of an answer that is still being sent, and so of its guest: the platform has refused it.
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl RuntimeApi {
    /// A client of the API at `address`, host and port. Nothing is connected before it is used.
    pub(super) fn new(address: String) -> Self {
        Self { address, connection: None }
    }

    /// Waits for the next invocation; the environment may be frozen meanwhile.
    pub(super) async fn next(&mut self) -> Result<Invocation, ApiError> {
        let (headers, event) = self.get(NEXT).await?;
        let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let request = text(REQUEST_ID).ok_or(ApiError::Header(REQUEST_ID))?.to_owned();
        Ok(Invocation {
            id: InvocationId { request, slot: headers.get(INVOCATION_ID).cloned() },
            deadline_ms: text(DEADLINE_MS).and_then(|deadline| deadline.parse().ok()),
            trace: text(TRACE_ID).map(str::to_owned),
            context: ClientContext::read(headers.get(CLIENT_CONTEXT)),
            event,
        })
    }

    /// Streams the answer to an invocation to its end.
    pub(super) async fn respond(&mut self, id: &InvocationId, answer: Streamed) -> Result<(), ApiError> {
        let path = format!("/2018-06-01/runtime/invocation/{}/response", id.request);
        let mut request = self.request(Method::POST, &path, answer.boxed_unsync())?;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HTTP_INTEGRATION);
        headers.insert(RESPONSE_MODE, STREAMING);
        if let Some(slot) = &id.slot {
            headers.insert(INVOCATION_ID, slot.clone());
        }
        self.send(request).await.map(drop)
    }

    /// Answers an invocation with a document.
    pub(super) async fn respond_whole(&mut self, id: &InvocationId, document: Bytes) -> Result<(), ApiError> {
        let path = format!("/2018-06-01/runtime/invocation/{}/response", id.request);
        let mut request = self.request(Method::POST, &path, Full::from(document).boxed_unsync())?;
        request.headers_mut().insert(CONTENT_TYPE, JSON);
        if let Some(slot) = &id.slot {
            request.headers_mut().insert(INVOCATION_ID, slot.clone());
        }
        self.send(request).await.map(drop)
    }

    /// Refuses an invocation.
    pub(super) async fn refuse(&mut self, id: &InvocationId, message: &str) -> Result<(), ApiError> {
        let path = format!("/2018-06-01/runtime/invocation/{}/error", id.request);
        self.error(&path, REFUSED_TYPE, message, id.slot.clone()).await
    }

    /// Says why nothing will be served.
    pub(super) async fn init_error(&mut self, message: &str) -> Result<(), ApiError> {
        self.error(INIT_ERROR, INIT_ERROR_TYPE, message, None).await
    }

    async fn error(
        &mut self,
        path: &str,
        error_type: &'static str,
        error_message: &str,
        slot: Option<HeaderValue>,
    ) -> Result<(), ApiError> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Error<'a> {
            error_type: &'a str,
            error_message: &'a str,
            stack_trace: [&'a str; 0],
        }
        let error = Error { error_type, error_message, stack_trace: [] };
        let body = serde_json::to_vec(&error).unwrap_or_default(); // three strings: always JSON
        let mut request = self.request(Method::POST, path, Full::from(body).boxed_unsync())?;
        request.headers_mut().insert(ERROR_TYPE, HeaderValue::from_static(error_type));
        if let Some(slot) = slot {
            request.headers_mut().insert(INVOCATION_ID, slot);
        }
        self.send(request).await.map(drop)
    }

    /// Waits until the snapshot was taken and this copy of it is to serve; connections do not survive that.
    pub(super) async fn restored(&mut self) -> Result<(), ApiError> {
        self.get(RESTORE_NEXT).await?;
        self.connection = None;
        Ok(())
    }

    /// Sends a GET. What was connected before a freeze may be gone by now: then it is sent once more.
    async fn get(&mut self, path: &str) -> Result<(HeaderMap, Bytes), ApiError> {
        let had_connection = self.connection.is_some();
        match self.get_once(path).await {
            Err(ApiError::Http(_)) if had_connection => self.get_once(path).await,
            result => result,
        }
    }

    async fn get_once(&mut self, path: &str) -> Result<(HeaderMap, Bytes), ApiError> {
        let request = self.request(Method::GET, path, Empty::new().boxed_unsync())?;
        self.send(request).await
    }

    fn request(&self, method: Method, path: &str, body: Outgoing) -> Result<Request<Outgoing>, ApiError> {
        let request = Request::builder().method(method).uri(path).header(HOST, &self.address);
        Ok(request.header(USER_AGENT, AGENT).body(body)?)
    }

    /// Sends a request and reads the whole answer; after any failure the connection is a new one.
    async fn send(&mut self, request: Request<Outgoing>) -> Result<(HeaderMap, Bytes), ApiError> {
        let answered = self.exchange(request).await;
        if answered.is_err() {
            self.connection = None;
        }
        answered
    }

    async fn exchange(&mut self, request: Request<Outgoing>) -> Result<(HeaderMap, Bytes), ApiError> {
        let response = self.connected().await?.send_request(request).await?;
        let (parts, body) = Response::<Incoming>::into_parts(response);
        let body = body.collect().await?.to_bytes();
        if parts.status.is_success() {
            return Ok((parts.headers, body));
        }
        let text = String::from_utf8_lossy(&body).into_owned();
        Err(ApiError::Refused { status: parts.status, text })
    }

    async fn connected(&mut self) -> Result<&mut SendRequest<Outgoing>, ApiError> {
        if let Some(connection) = &mut self.connection
            && connection.sender.ready().await.is_err()
        {
            self.connection = None;
        }
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => connect(&self.address).await?,
        };
        Ok(&mut self.connection.insert(connection).sender)
    }
}

async fn connect(address: &str) -> Result<Connection, ApiError> {
    let failed = |source| ApiError::Connect { address: address.to_owned(), source };
    let stream = TcpStream::connect(address).await.map_err(failed)?;
    // Without it, an answer in several writes waits for the peer's delayed acknowledgement: 40 ms.
    stream.set_nodelay(true).map_err(failed)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "the connection to the Runtime API ended");
        }
    });
    Ok(Connection { sender, driver: driver.abort_handle() })
}

//! The bare hello: the least that a function behind `lambda_http` can do, in three forms.
//!
//! ```text
//! hello-buffered  lambda_http::run: the program with which the others are compared
//! hello-streamed  lambda_http::run_with_streaming_response, by default
//! hello-nodelay   the same on the wire over a connection with TCP_NODELAY
//! ```
//!
//! All of them parse the event into a request, ignore it, and answer a constant, with one thread and without a log.

use lambda_http::http::header::CONTENT_TYPE;
use lambda_http::{Body, Error, Request, Response};

/// A recorded answer to `tools/list` for the tools of `benches/toolcell.toml`.
const ANSWER: &str = include_str!("answer.json");

/// Answers the constant.
///
/// # Errors
/// Never fails; the type is that of a handler.
pub async fn answer(_: Request) -> Result<Response<Body>, Error> {
    Ok(Response::builder().header(CONTENT_TYPE, "application/json").body(Body::from(ANSWER))?)
}

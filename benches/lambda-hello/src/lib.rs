//! The bare hello: the least that a function behind `lambda_http` can do, in three forms.
//!
//! ```text
//! hello-buffered  lambda_http::run: the program with which the others are compared
//! hello-streamed  lambda_http::run_with_streaming_response, by default
//! hello-nodelay   the same on the wire over a connection with TCP_NODELAY
//! ```
//!
//! All of them parse the event into a request, ignore it, and answer a constant, with one thread and without a log.
//! `HELLO_BYTES` is the length of the constant: the bench sets it to that of the answer that it compares with.

use std::env;
use std::sync::LazyLock;

use lambda_http::http::header::CONTENT_TYPE;
use lambda_http::{Body, Error, Request, Response};

/// A recorded answer to `tools/list` for the tools of `benches/toolcell.toml`, in ASCII.
macro_rules! recorded {
    () => {
        include_str!("answer.json")
    };
}

/// Joins a literal with itself, eight times in all.
macro_rules! eight_times {
    ($($text:tt)*) => {
        concat!($($text)*, $($text)*, $($text)*, $($text)*, $($text)*, $($text)*, $($text)*, $($text)*)
    };
}

/// The recorded answer 512 times, longer than any list of the bench. The program holds it, so that an answer of any
/// length costs neither a read nor a check.
static ANSWERS: &str = eight_times!(eight_times!(eight_times!(recorded!())));

static ANSWER: LazyLock<&str> = LazyLock::new(|| {
    let bytes = env::var("HELLO_BYTES").ok().and_then(|bytes| bytes.parse().ok());
    &ANSWERS[..bytes.unwrap_or(recorded!().len())]
});

/// Answers the constant.
///
/// # Errors
/// Never fails; the type is that of a handler.
pub async fn answer(_: Request) -> Result<Response<Body>, Error> {
    Ok(Response::builder().header(CONTENT_TYPE, "application/json").body(Body::from(*ANSWER))?)
}

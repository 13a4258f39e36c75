//! An HTTP response as the body of a streamed answer to the Runtime API.
//!
//! The metadata prelude as JSON, eight NUL bytes, then the response's own body:
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming>.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;
use http::header::{CONTENT_TYPE, HeaderValue, SET_COOKIE};
use http_body::Frame;
use lambda_http::lambda_runtime::MetadataPrelude;

use crate::service::{Body, CallOver};

/// Stands between the prelude and the body.
const DELIMITER: [u8; 8] = [0; 8];

/// The type of an empty answer. A Function URL needs no body to end an answer: the prelude is enough. But it cannot leave
/// out the type: without one it says `application/octet-stream`, which the oldest Java clients take for a broken answer
/// to a notification, and then mount no tools. All clients take this one: the most common servers send it with 202.
pub(super) const NO_TYPE: HeaderValue = HeaderValue::from_static("application/json");

/// A streamed answer. Like the response's body it never fails.
///
/// All that is ready when it is first polled leaves in one write, prelude and body together.
#[derive(Debug)]
pub(super) struct Streamed {
    prelude: Option<Bytes>,
    body: Body,
}

impl Streamed {
    pub(super) fn new(response: Response<Body>) -> Self {
        let (mut parts, body) = response.into_parts();
        parts.headers.entry(CONTENT_TYPE).or_insert(NO_TYPE);
        let cookies = parts.headers.get_all(SET_COOKIE).iter();
        let cookies = cookies.map(|cookie| String::from_utf8_lossy(cookie.as_bytes()).into_owned()).collect();
        parts.headers.remove(SET_COOKIE);
        let prelude = MetadataPrelude { status_code: parts.status, headers: parts.headers, cookies };
        // A status and headers: always JSON. Without a prelude the platform would take the body for one.
        let mut bytes = serde_json::to_vec(&prelude).unwrap_or_else(|_| br#"{"statusCode":500}"#.to_vec());
        bytes.extend_from_slice(&DELIMITER);
        Self { prelude: Some(bytes.into()), body }
    }

    /// Returns what tells the end of the call that still runs, once; `None` if there is none.
    pub(super) fn take_call_over(&mut self) -> Option<CallOver> {
        self.body.take_call_over()
    }
}

impl http_body::Body for Streamed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let answer = self.get_mut();
        match answer.prelude.take() {
            Some(prelude) => Poll::Ready(Some(Ok(Frame::data(prelude)))),
            None => Pin::new(&mut answer.body).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.prelude.is_none() && self.body.is_end_stream()
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use http_body_util::BodyExt;
    use serde_json::Value;

    use super::*;

    async fn sent(response: Response<Body>) -> (Value, Bytes) {
        let bytes = Streamed::new(response).collect().await.unwrap().to_bytes();
        let end = bytes.windows(8).position(|window| window == DELIMITER).unwrap();
        (serde_json::from_slice(&bytes[..end]).unwrap(), bytes.slice(end + 8..))
    }

    #[tokio::test]
    async fn status_headers_and_cookies_go_before_the_body() {
        let response = Response::builder()
            .status(StatusCode::ACCEPTED)
            .header("x-one", "1")
            .header("content-type", "application/json")
            .header("set-cookie", "a=1")
            .header("set-cookie", "b=2")
            .body(Body::from(Bytes::from_static(b"{}")))
            .unwrap();
        let (prelude, body) = sent(response).await;
        assert_eq!(prelude["statusCode"], 202);
        assert_eq!(prelude["headers"]["x-one"], "1");
        assert_eq!(prelude["headers"]["content-type"], "application/json");
        assert!(prelude["headers"].get("set-cookie").is_none());
        assert_eq!(prelude["cookies"], serde_json::json!(["a=1", "b=2"]));
        assert_eq!(body, "{}");
    }

    #[tokio::test]
    async fn an_empty_body_ends_after_the_prelude_which_says_no_more_than_the_url_would() {
        for status in [StatusCode::ACCEPTED, StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED] {
            let mut response = Response::new(Body::from(Bytes::new()));
            *response.status_mut() = status;
            let (prelude, body) = sent(response).await;
            assert_eq!(prelude["statusCode"], status.as_u16());
            assert_eq!(prelude["headers"], serde_json::json!({"content-type": "application/json"}));
            assert!(body.is_empty());
        }
    }
}

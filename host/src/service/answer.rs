//! An answer before it is HTTP.

use bytes::Bytes;
use http::Response;

use super::body::Body;
use super::stream::EventStream;
use crate::protocol::{Accept, Rejection, sse};

/// The answer of a handler.
#[derive(Debug)]
pub(super) enum Answer {
    /// One JSON-RPC response, or a batch of them.
    Json(Bytes),
    /// A refusal with its own HTTP status.
    Rejected(Rejection),
    /// Notifications first, the response last.
    Events(EventStream),
}

impl From<Rejection> for Answer {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl Answer {
    pub(super) fn into_response(self, accept: Accept) -> Response<Body> {
        match self {
            Self::Json(json) if accept == Accept::EventStream => {
                let mut response = Response::new(Body::from(sse::event(&json)));
                sse::event_headers(response.headers_mut());
                response
            }
            Self::Json(json) => {
                let mut response = Response::new(Body::from(json));
                sse::json_headers(response.headers_mut());
                response
            }
            Self::Rejected(rejection) => rejection.into_response().map(Body::from),
            Self::Events(events) => {
                let mut response = Response::new(Body::from(events));
                sse::event_headers(response.headers_mut());
                response
            }
        }
    }

    /// The JSON-RPC response, or the refusal, of a request that could not be streamed.
    pub(super) fn into_result(self) -> Result<Bytes, Rejection> {
        match self {
            Self::Rejected(rejection) => Err(rejection),
            answer => Ok(answer.into_json()),
        }
    }

    /// The JSON-RPC response alone, for a batch; what stands in batches is never streamed.
    pub(super) fn into_json(self) -> Bytes {
        match self {
            Self::Json(json) => json,
            Self::Rejected(rejection) => rejection.body(),
            Self::Events(_) => Bytes::new(),
        }
    }
}

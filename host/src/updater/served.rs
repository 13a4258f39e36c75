//! Hands out the service of each request: always the same, or that of the current release.

use std::sync::Arc;
use std::time::Instant;

use http::header::RETRY_AFTER;
use http::{HeaderValue, Response};

use super::Updater;
use super::state::RETRY;
use crate::protocol::{Fault, Rejection};
use crate::service::{Body, Service};

/// What an edge serves.
#[derive(Clone, Debug)]
pub enum Served {
    /// The bundle that the process was started with.
    Bundle(Arc<Service>),
    /// The releases of a bucket.
    Releases(Arc<Updater>),
}

/// There is no release to serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NothingToServe;

impl Served {
    /// Returns the service for a request that begins now.
    ///
    /// # Errors
    ///
    /// There is none, and none could be fetched before `not_after`.
    pub async fn current(&self, not_after: Option<Instant>) -> Result<Arc<Service>, NothingToServe> {
        match self {
            Self::Bundle(service) => Ok(Arc::clone(service)),
            Self::Releases(updater) => updater.current(not_after).await,
        }
    }

    /// Does what can wait until a response is on its way.
    pub async fn settle(&self) {
        match self {
            Self::Bundle(service) => service.settle(),
            Self::Releases(updater) => updater.settle().await,
        }
    }
}

impl NothingToServe {
    /// Returns the response to a request that finds nothing to serve: status 503, and when to try again.
    pub fn into_response(self) -> Response<Body> {
        let mut rejection = Rejection::from(Fault::NothingToServe);
        rejection.headers_mut().insert(RETRY_AFTER, HeaderValue::from(RETRY.as_secs()));
        rejection.into_response().map(Body::from)
    }
}

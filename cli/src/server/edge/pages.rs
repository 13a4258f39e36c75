//! Pages that a server has beside its service, under a path of their own.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use hyper::body::{Body as HttpBody, Bytes, Incoming};
use hyper::http::request::Parts;
use hyper::{Request, Response};
use toolcell_host::service::Body;

/// A request to a page.
#[derive(Debug)]
pub(crate) struct PageRequest(Request<Incoming>);

impl PageRequest {
    /// Returns head and body.
    pub(crate) fn into_parts(
        self,
    ) -> (Parts, impl HttpBody<Data = Bytes, Error = impl Error + Send + Sync + 'static> + Send) {
        self.0.into_parts()
    }
}

type Answering = Pin<Box<dyn Future<Output = Response<Body>> + Send>>;

/// Answers requests under one path. Clones share everything.
#[derive(Clone)]
pub(crate) struct Pages {
    path: &'static str,
    answer: Arc<dyn Fn(PageRequest) -> Answering + Send + Sync>,
}

impl Pages {
    /// Makes the pages at `path`, and below it.
    pub(crate) fn new<F>(
        path: &'static str,
        answer: impl Fn(PageRequest) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Response<Body>> + Send + 'static,
    {
        Self { path, answer: Arc::new(move |request| Box::pin(answer(request))) }
    }

    /// Tells whether a path is one of theirs.
    pub(super) fn have(&self, path: &str) -> bool {
        path.strip_prefix(self.path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Answers a request.
    pub(super) fn answer(&self, request: Request<Incoming>) -> Answering {
        (self.answer)(PageRequest(request))
    }
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("path", &self.path).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_have_their_path_and_what_is_below_it() {
        let pages = Pages::new("/dev", |_| async { Response::new(Body::from(Bytes::new())) });
        let paths = ["/dev", "/dev/", "/dev/a.js", "/devil", "/", "/mcp", "/a/dev"];
        assert_eq!(paths.map(|path| pages.have(path)), [true, true, true, false, false, false, false]);
    }
}

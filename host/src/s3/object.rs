//! Hands out an object piece by piece.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, ETAG};
use http::{HeaderMap, HeaderValue};

use super::error::S3Error;
use crate::net::{Body, Response};

/// The tag of one version of an object. It is not a digest: only S3 knows how it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ETag(HeaderValue);

/// An object that is being read.
#[derive(Debug)]
pub struct Object {
    /// Its tag.
    pub etag: Option<ETag>,
    body: Body,
    shown: String,
}

impl ETag {
    pub(super) fn of(value: &HeaderValue) -> Self {
        Self(value.clone())
    }

    pub(super) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl Object {
    pub(super) fn new(response: Response, shown: String) -> Self {
        Self { etag: response.head.headers.get(ETAG).map(ETag::of), body: response.body, shown }
    }

    /// Returns the number of bytes that S3 promised, if it did.
    pub fn length(&self) -> Option<u64> {
        self.body.length()
    }

    /// Returns the next piece; `None` at the end.
    ///
    /// # Errors
    ///
    /// [`S3Error::Unreachable`]: the connection ends early, takes too long, or brings more than was asked for.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, S3Error> {
        let chunk = self.body.chunk().await;
        chunk.map_err(|source| S3Error::Unreachable { object: self.shown.clone(), source })
    }

    /// Reads the object to its end.
    ///
    /// # Errors
    ///
    /// As [`Object::chunk`].
    pub async fn collect(self) -> Result<Bytes, S3Error> {
        let all = self.body.collect().await;
        all.map_err(|source| S3Error::Unreachable { object: self.shown, source })
    }
}

/// Reads the size of an object out of the head of a response.
pub(super) fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

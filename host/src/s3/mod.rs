//! Reads and writes the objects of one bucket below one prefix.
//!
//! A [`Bucket`] lives as long as the process, and does nothing before its first request. Each request has the current
//! credentials and a signature; the responses' bodies are handed out piece by piece, within a bound. It knows nothing of
//! what the objects mean. Each object is read once, so nothing is kept here.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html>

mod error;
mod list;
mod location;
mod object;
mod retry;
mod sign;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ETAG, IF_MATCH, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, Method};

use crate::aws::{CredentialSource, Endpoint};
use crate::clock::Clock;
use crate::net::{Client, Response, Rules};

pub use self::error::S3Error;
pub use self::list::Listed;
pub use self::location::{Location, NotALocation};
pub use self::object::{ETag, Object};

/// The largest response that S3 writes itself: a list of a thousand objects, or an error.
const MAX_ANSWER_BYTES: u64 = 4 << 20;

/// The condition of a GET.
#[derive(Clone, Copy, Debug)]
pub enum GetCondition<'a> {
    /// None.
    Always,
    /// The object is no longer the one with this tag ([`S3Error::NotModified`] if it is).
    IfChanged(&'a ETag),
}

/// The condition of a PUT; [`S3Error::PreconditionFailed`] if it does not hold.
#[derive(Clone, Copy, Debug)]
pub enum PutCondition<'a> {
    /// None.
    Always,
    /// There is no such object.
    IfAbsent,
    /// The object is still the one with this tag.
    IfMatch(&'a ETag),
}

/// A bucket and a prefix, with what is needed to reach them.
#[derive(Clone, Debug)]
pub struct Bucket {
    client: Arc<Client>,
    location: Location,
    endpoint: Endpoint,
    credentials: Arc<dyn CredentialSource>,
    clock: Clock,
}

impl Bucket {
    /// Makes a bucket. Asks for no credentials and sends nothing yet.
    pub fn new(
        client: Arc<Client>,
        location: Location,
        endpoint: Endpoint,
        credentials: Arc<dyn CredentialSource>,
        clock: Clock,
    ) -> Self {
        Self { client, location, endpoint, credentials, clock }
    }

    /// Returns the place that the keys are relative to.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Starts to read the object `key`, of at most `max_bytes`.
    ///
    /// # Errors
    ///
    /// [`S3Error::NotFound`], [`S3Error::NotModified`], and what keeps a request from being answered. An object that is
    /// too large fails here if its head says so, or while it is read.
    pub async fn get(
        &self,
        key: &str,
        condition: GetCondition<'_>,
        max_bytes: u64,
    ) -> Result<Object, S3Error> {
        let mut call = Call { max_bytes, ..Call::new(Method::GET, key) };
        if let GetCondition::IfChanged(tag) = condition {
            call.headers.insert(IF_NONE_MATCH, tag.header());
        }
        let response = self.send(call).await?;
        Ok(Object::new(response, self.location.shown(key)))
    }

    /// Returns the size of the object `key`, in bytes; `None` if there is none.
    ///
    /// # Errors
    ///
    /// What keeps the request from being answered.
    pub async fn size(&self, key: &str) -> Result<Option<u64>, S3Error> {
        match self.send(Call::new(Method::HEAD, key)).await {
            Ok(response) => Ok(object::length(&response.head.headers)),
            Err(S3Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes the object `key`, and returns its tag.
    ///
    /// # Errors
    ///
    /// [`S3Error::PreconditionFailed`], and what keeps the request from being answered. After any other error the
    /// object may have been written.
    pub async fn put(&self, key: &str, body: Bytes, condition: PutCondition<'_>) -> Result<ETag, S3Error> {
        let mut call = Call { body, ..Call::new(Method::PUT, key) };
        match condition {
            PutCondition::Always => None,
            PutCondition::IfAbsent => call.headers.insert(IF_NONE_MATCH, HeaderValue::from_static("*")),
            PutCondition::IfMatch(tag) => call.headers.insert(IF_MATCH, tag.header()),
        };
        let response = self.send(call).await?;
        let (status, tag) = (response.head.status, response.head.headers.get(ETAG).map(ETag::of));
        self.read(key, response).await?;
        let code = || "no ETag".to_owned();
        tag.ok_or_else(|| S3Error::Unexpected { object: self.location.shown(key), status, code: code() })
    }

    /// Deletes the object `key`; succeeds if there is none.
    ///
    /// # Errors
    ///
    /// What keeps the request from being answered.
    pub async fn delete(&self, key: &str) -> Result<(), S3Error> {
        let response = self.send(Call::new(Method::DELETE, key)).await?;
        self.read(key, response).await.map(drop)
    }

    /// Lists the objects whose keys start with `start`, in alphabetical order.
    ///
    /// # Errors
    ///
    /// What keeps a request from being answered, or a list that cannot be read.
    pub async fn list(&self, start: &str) -> Result<Vec<Listed>, S3Error> {
        let (mut all, mut token) = (Vec::new(), None);
        loop {
            let query = list::query(&self.location, start, token.as_deref());
            let call = Call { target: Target::Bucket, query: &query, ..Call::new(Method::GET, start) };
            let response = self.send(call).await?;
            let page = list::read(&self.read(start, response).await?, &self.location);
            let page = page.ok_or_else(|| S3Error::List { location: self.location.shown(start) })?;
            all.extend(page.objects);
            match page.next {
                Some(next) => token = Some(next),
                None => return Ok(all),
            }
        }
    }

    /// Reads what S3 itself writes: a list, or nothing.
    async fn read(&self, key: &str, response: Response) -> Result<Bytes, S3Error> {
        let read = response.body.collect().await;
        read.map_err(|source| S3Error::Unreachable { object: self.location.shown(key), source })
    }
}

/// A request to S3, not signed yet.
#[derive(Clone, Debug)]
struct Call<'a> {
    method: Method,
    target: Target,
    key: &'a str,
    /// The query, encoded, without its question mark.
    query: &'a str,
    headers: HeaderMap,
    body: Bytes,
    /// The most bytes of the response's body.
    max_bytes: u64,
}

/// Tells whether a request is about the object of its key, or about the bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Object,
    Bucket,
}

impl<'a> Call<'a> {
    fn new(method: Method, key: &'a str) -> Self {
        let (headers, body, max_bytes) = (HeaderMap::new(), Bytes::new(), MAX_ANSWER_BYTES);
        Self { method, target: Target::Object, key, query: "", headers, body, max_bytes }
    }

    /// Tells whether the request writes on a condition. If S3 fails in the middle of it, nobody knows whether it was done,
    /// and sent again it would meet what it wrote itself.
    fn writes_on_a_condition(&self) -> bool {
        self.method == Method::PUT && !self.headers.is_empty()
    }
}

impl Bucket {
    /// Sends a request, again after a pause while S3 has too much to do, and returns the response if it is a success.
    async fn send(&self, call: Call<'_>) -> Result<Response, S3Error> {
        let mut pauses = retry::pauses();
        loop {
            let error = match self.send_once(&call).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            match pauses.next().filter(|_| retry::is_worth_it(&call, &error)) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(error),
            }
        }
    }

    async fn send_once(&self, call: &Call<'_>) -> Result<Response, S3Error> {
        let object = || self.location.shown(call.key);
        let now = self.clock.now();
        let credentials = self.credentials.current(&self.client, now).await;
        let credentials = credentials.map_err(|source| S3Error::Credentials { object: object(), source })?;
        let key = match call.target {
            Target::Object => self.location.key(call.key),
            Target::Bucket => String::new(),
        };
        let url = self.endpoint.url(self.location.bucket(), &key, call.query);
        let signed = sign::signed(call, &url, &credentials, self.endpoint.region(), now);
        let request = signed.map_err(|reason| S3Error::Unsigned { object: object(), reason })?;
        // What S3 itself writes may be longer than the object.
        let max_body_bytes = call.max_bytes.max(MAX_ANSWER_BYTES);
        let rules = Rules { max_body_bytes, plain_http: self.endpoint.plain_http() };
        let unreachable = |source| S3Error::Unreachable { object: object(), source };
        let Response { head, body } = self.client.send(request, rules).await.map_err(unreachable)?;
        if !head.status.is_success() {
            return Err(error::refusal(object(), Response { head, body }).await);
        }
        let body = body.of_at_most(call.max_bytes).map_err(unreachable)?;
        Ok(Response { head, body })
    }
}

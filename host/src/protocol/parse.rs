//! Parses a body into a request. Each check stands in its own module, their order here.

use bytes::Bytes;
use http::request::Parts;

use super::accept::Accept;
use super::fault::{Fault, ParseError, ShapeError};
use super::feature::Features;
use super::framing::Framing;
use super::head::Head;
use super::message::{Message, Messages, Params, Shape};
use super::meta::Meta;
use super::pre_check::CheckedHead;
use super::rejection::Rejection;
use super::request::Request;
use super::revision::{Era, Revision};
use super::shape::MessageKind;
use super::{depth, json, method, negotiate, shape};

/// A POST, parsed.
#[derive(Debug)]
pub enum Parsed {
    /// A request: answer it.
    Request(Box<Request>),
    /// Several requests in one array: answer each, in one array. Notifications among them are gone.
    Batch(Vec<Result<Request, Rejection>>),
    /// A notification, or a response that the server does not wait for: 202 and an empty body.
    Accepted,
    /// Anything else, refused.
    Rejected(Rejection),
}

/// The input of every step.
#[derive(Clone, Copy)]
struct Parser<'a> {
    framing: Framing<'a>,
    body: &'a Bytes,
    features: Features,
    accept: Accept,
}

/// Parses a POST whose head was checked.
///
/// Pure, and takes one pass over the body; what the result keeps of the body it shares with it.
pub fn parse(parts: &Parts, head: &CheckedHead, body: &Bytes, features: Features) -> Parsed {
    let parser = Parser { framing: Framing::of(parts), body, features, accept: head.accept };
    let message = match messages(body, head.max_body_bytes) {
        Ok(message) => message,
        Err(fault) => return Parsed::Rejected(fault.into()),
    };
    let parsed = match message {
        Messages::Single(message) => parser.single(&message),
        Messages::Batch(messages) => parser.batch(&messages),
        Messages::BatchTooLarge => Err(Rejection::early(ShapeError::LargeBatch, None)),
    };
    parsed.unwrap_or_else(Parsed::Rejected)
}

/// Steps 6 and 7.
pub(super) fn messages(body: &Bytes, limit: usize) -> Result<Messages<'_>, Fault> {
    if body.len() > limit {
        return Err(Fault::TooLarge { limit });
    }
    let Ok(text) = std::str::from_utf8(body) else {
        return Err(ParseError::NotUtf8.into());
    };
    if text.starts_with('\u{feff}') {
        return Err(ParseError::ByteOrderMark.into());
    }
    if depth::is_excessive(body) {
        return Err(ParseError::TooDeep.into());
    }
    Messages::parse(text).map_err(|error| ParseError::NotJson { reason: error.to_string() }.into())
}

impl Parser<'_> {
    fn single(self, message: &Shape<Message<'_>>) -> Result<Parsed, Rejection> {
        let (id, method, params) = match shape::classify(message)? {
            MessageKind::Notification => return Ok(Parsed::Accepted),
            MessageKind::Response => return self.response(),
            MessageKind::Request { id, method, params } => (id, method, params),
        };
        let revision = match negotiate::revision(self.framing, &method, params) {
            Ok(revision) => revision,
            Err(fault) => return Err(Rejection::early(fault, Some(id))),
        };
        let head = Head { id, revision };
        self.request(head, &method, params).map(|request| Parsed::Request(Box::new(request)))
    }

    /// Steps 13 and 15.
    fn request(self, head: Head, method: &str, params: &Params<'_>) -> Result<Request, Rejection> {
        let refuse = |fault| Rejection::new(fault, &head);
        let method =
            method::parse(method, head.revision, self.features, params, self.body).map_err(refuse)?;
        let mut meta = Meta::read(params.meta(), head.revision.era()).map_err(refuse)?;
        if head.revision.era() == Era::Legacy {
            meta.level = self.framing.level();
        }
        Ok(Request { head, method, meta, accept: self.accept })
    }

    /// A server that asks nothing waits for no answer; a modern client must not send one. Between lines there is no place
    /// for a refusal: an answer to an answer.
    fn response(self) -> Result<Parsed, Rejection> {
        match self.framing.version()? {
            Some(name) if Revision::names_modern(name) => Err(Rejection::early(ShapeError::Response, None)),
            _ => Ok(Parsed::Accepted),
        }
    }

    fn batch(self, messages: &[Shape<Message<'_>>]) -> Result<Parsed, Rejection> {
        let revision = self.batch_revision(messages)?;
        let mut requests = Vec::new();
        for message in messages {
            match self.item(message, revision) {
                Ok(Some(request)) => requests.push(Ok(request)),
                Ok(None) => {}
                Err(rejection) => requests.push(Err(rejection)),
            }
        }
        Ok(if requests.is_empty() { Parsed::Accepted } else { Parsed::Batch(requests) })
    }

    /// Returns the revision of a batch: only the oldest know batches, and a batch has no place to say another.
    fn batch_revision(self, messages: &[Shape<Message<'_>>]) -> Result<Revision, Fault> {
        let batches = |name: &str| Revision::legacy(name).is_some_and(Revision::has_batches);
        let revision = match self.framing.version()? {
            None => Some(Revision::WITHOUT_HEADER),
            Some(name) => Revision::legacy(name).filter(|revision| revision.has_batches()),
        };
        let Some(revision) = revision else {
            return Err(ShapeError::Batch.into());
        };
        if messages.is_empty() {
            return Err(ShapeError::EmptyBatch.into());
        }
        let claim = |message: &Shape<Message<'_>>| match message {
            Shape::Object(message) => {
                message.params()?.claim().map(|claim| json::text(claim).is_some_and(|name| batches(&name)))
            }
            Shape::Other(_) => None,
        };
        if messages.iter().filter_map(claim).any(|batches| !batches) {
            return Err(ShapeError::BatchedRevision.into());
        }
        Ok(revision)
    }

    fn item(self, message: &Shape<Message<'_>>, revision: Revision) -> Result<Option<Request>, Rejection> {
        let MessageKind::Request { id, method, params } = shape::classify(message)? else {
            return Ok(None);
        };
        let head = Head { id, revision };
        if method == "initialize" {
            return Err(Rejection::new(ShapeError::BatchedInitialize, &head));
        }
        self.request(head, &method, params).map(Some)
    }
}

//! Looks into a message before it is parsed, for edges that have nothing but the message: whose answer will it be, and
//! does it end another request?

use bytes::Bytes;

use super::id::Id;
use super::json;
use super::message::{Message, Messages, Shape};
use super::parse::messages;
use super::shape::{MessageKind, classify};

/// The facts about a message that an edge needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peek {
    /// A request that settles something for the messages after it: answer it before the next one is read.
    Settling(Id),
    /// Another request.
    Request(Id),
    /// The wish that the request of this id ends, and is not answered.
    Cancellation(Id),
    /// Anything else, valid or not.
    Other,
}

/// Looks into a message of at most `limit` bytes.
pub fn peek(message: &Bytes, limit: usize) -> Peek {
    match messages(message, limit) {
        Ok(Messages::Single(message)) => single(&message),
        Ok(Messages::Batch(_) | Messages::BatchTooLarge) | Err(_) => Peek::Other,
    }
}

fn single(message: &Shape<Message<'_>>) -> Peek {
    match classify(message) {
        Ok(MessageKind::Request { id, method, .. }) => match &*method {
            "initialize" | "logging/setLevel" => Peek::Settling(id),
            _ => Peek::Request(id),
        },
        Ok(MessageKind::Notification) => cancelled(message).map_or(Peek::Other, Peek::Cancellation),
        Ok(MessageKind::Response) | Err(_) => Peek::Other,
    }
}

/// Returns the id that a cancellation names.
fn cancelled(message: &Shape<Message<'_>>) -> Option<Id> {
    let Shape::Object(message) = message else { return None };
    let method = message.method.and_then(json::text)?;
    let id = message.params()?.request_id.filter(|_| method == "notifications/cancelled")?;
    Id::parse(id)
}

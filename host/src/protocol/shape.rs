//! Step 8: what kind of JSON-RPC message a body holds.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::fault::ShapeError;
use super::id::Id;
use super::json;
use super::message::{Message, Params, Shape, is_null};
use super::rejection::Rejection;

/// The methods of notifications start with this.
const NOTIFICATIONS: &str = "notifications/";

/// A message that is what JSON-RPC says.
pub(super) enum MessageKind<'m> {
    Request { id: Id, method: Cow<'m, str>, params: &'m Params<'m> },
    Notification,
    Response,
}

/// Tells requests, notifications and responses apart.
///
/// # Errors
/// A rejection with [`Fault::Shape`], and with the request's id where it has a valid one.
pub(super) fn classify<'m>(message: &'m Shape<Message<'m>>) -> Result<MessageKind<'m>, Rejection> {
    let message = match message {
        Shape::Object(message) => message,
        Shape::Other(found) => return Err(Rejection::early(ShapeError::NotAMessage { found }, None)),
    };
    let id = message.id.map(|raw| (raw, Id::parse(raw)));
    kind(message, id.clone()).map_err(|error| {
        let is_known = message.method.is_some() && message.repeated != Some("id");
        Rejection::early(error, id.and_then(|(_, id)| id).filter(|_| is_known))
    })
}

fn kind<'m>(
    message: &'m Message<'m>,
    id: Option<(&RawValue, Option<Id>)>,
) -> Result<MessageKind<'m>, ShapeError> {
    if let Some(path) = message.repeated() {
        return Err(ShapeError::RepeatedMember { path });
    }
    match message.jsonrpc {
        Some(version) if version.get() == r#""2.0""# => {}
        Some(_) => return Err(ShapeError::Version),
        None => return Err(ShapeError::NoVersion),
    }
    let mut answers = message.result.into_iter().chain(message.error);
    let method = match message.method {
        None if answers.next().is_some() => return Ok(MessageKind::Response),
        None => return Err(ShapeError::NoMethod),
        Some(_) if !answers.all(is_null) => return Err(ShapeError::MethodAndResult),
        Some(raw) => raw,
    };
    let Some(method) = json::text(method) else {
        return Err(ShapeError::Method { found: json::kind(method) });
    };
    let params = match &message.params {
        None => &Params::NONE,
        Some(Shape::Object(params)) => params,
        Some(Shape::Other(found)) => return Err(ShapeError::Params { found }),
    };
    match id {
        None => Ok(MessageKind::Notification),
        // It says that it waits for no response, in two ways.
        Some((raw, _)) if is_null(raw) && method.starts_with(NOTIFICATIONS) => Ok(MessageKind::Notification),
        Some((_, Some(id))) => Ok(MessageKind::Request { id, method, params }),
        Some((raw, None)) => Err(ShapeError::Id { found: json::kind(raw) }),
    }
}

//! Step 8: what kind of JSON-RPC message a body holds.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::id::{Id, MAX_ID_BYTES};
use super::json;
use super::message::{Message, Params, Shape};
use super::rejection::{Fault, Rejection};

/// A message that is what JSON-RPC says.
pub(super) enum Kind<'m> {
    Request { id: Id, method: Cow<'m, str>, params: &'m Params<'m> },
    Notification,
    Response,
}

/// Tells requests, notifications and responses apart.
///
/// # Errors
/// A rejection with [`Fault::Shape`], and with the request's id where it has a valid one.
pub(super) fn classify<'m>(message: &'m Shape<Message<'m>>) -> Result<Kind<'m>, Rejection> {
    let message = match message {
        Shape::Object(message) => message,
        Shape::Other(kind) => {
            let fault = Fault::Shape(format!("expected a JSON-RPC request or notification, found {kind}"));
            return Err(Rejection::from(fault));
        }
    };
    let id = message.id.map(|raw| (raw, Id::parse(raw)));
    kind(message, id.clone()).map_err(|fault| {
        let is_known = message.method.is_some() && message.repeated != Some("id");
        Rejection::early(fault, id.and_then(|(_, id)| id).filter(|_| is_known))
    })
}

fn kind<'m>(message: &'m Message<'m>, id: Option<(&RawValue, Option<Id>)>) -> Result<Kind<'m>, Fault> {
    let shape = |message: String| Err(Fault::Shape(message));
    if let Some(path) = message.repeated() {
        return shape(format!("{path} occurs more than once"));
    }
    match message.jsonrpc {
        Some(version) if version.get() == r#""2.0""# => {}
        Some(_) => return shape(r#"jsonrpc: expected "2.0""#.to_owned()),
        None => return shape(r#"jsonrpc is missing: expected "2.0""#.to_owned()),
    }
    let is_answer = message.result.is_some() || message.error.is_some();
    let method = match message.method {
        None if is_answer => return Ok(Kind::Response),
        None => return shape("method is missing".to_owned()),
        Some(_) if is_answer => {
            return shape("a message with method holds neither result nor error".to_owned());
        }
        Some(raw) => raw,
    };
    let Some(method) = json::text(method) else {
        return shape(format!("method: expected Unicode text, found {}", json::kind(method)));
    };
    let params = match &message.params {
        None => &Params::NONE,
        Some(Shape::Object(params)) => params,
        Some(Shape::Other(kind)) => return shape(format!("params: expected an object, found {kind}")),
    };
    match id {
        None => Ok(Kind::Notification),
        Some((_, Some(id))) => Ok(Kind::Request { id, method, params }),
        Some((raw, None)) => shape(format!(
            "id: expected a string or an integer of at most {MAX_ID_BYTES} bytes, found {}",
            json::kind(raw)
        )),
    }
}

//! The members of a JSON-RPC message that this server reads, borrowed from the body.
//!
//! One pass over the body finds them all, however deep they stand; what is not read is skipped.
//! Nothing here refuses anything but what is not JSON: a member of the wrong type or one that
//! occurs twice is noted, so that the refusal can carry the request's id.
//!
//! A member that is null counts as absent (docs/adr/0041): many clients write null for what they do not say. An `id` does
//! not, because a request would become a notification; nor do `result` and `error`, which make a message a response.

use std::borrow::Cow;
use std::fmt::{self, Formatter};
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Maximum number of messages in a batch; each request in it costs a call.
pub const MAX_BATCH: usize = 32;

/// The members of `_meta` that every modern request has.
pub(super) const VERSION_PATH: &str = "params._meta['io.modelcontextprotocol/protocolVersion']";
pub(super) const CAPABILITIES_PATH: &str = "params._meta['io.modelcontextprotocol/clientCapabilities']";

/// The messages of a body.
pub(super) enum Messages<'a> {
    Single(Box<Shape<Message<'a>>>),
    Batch(Vec<Shape<Message<'a>>>),
    /// A batch of more than [`MAX_BATCH`] messages.
    BatchTooLarge,
}

/// An object with the members of `T`, or something else.
pub(super) enum Shape<T> {
    Object(T),
    /// Describes the value found instead, for a message: `an array`.
    Other(&'static str),
}

/// A JSON-RPC request, notification or response.
#[derive(Default)]
pub(super) struct Message<'a> {
    pub(super) jsonrpc: Option<&'a RawValue>,
    pub(super) id: Option<&'a RawValue>,
    pub(super) method: Option<&'a RawValue>,
    pub(super) params: Option<Shape<Params<'a>>>,
    pub(super) result: Option<&'a RawValue>,
    pub(super) error: Option<&'a RawValue>,
    pub(super) repeated: Option<&'static str>,
}

/// The members of `params`, over all methods.
pub(super) struct Params<'a> {
    pub(super) meta: Option<Shape<RawMeta<'a>>>,
    pub(super) name: Option<&'a RawValue>,
    pub(super) uri: Option<&'a RawValue>,
    pub(super) task_id: Option<&'a RawValue>,
    pub(super) arguments: Option<&'a RawValue>,
    pub(super) input_responses: Option<&'a RawValue>,
    pub(super) request_state: Option<&'a RawValue>,
    pub(super) reference: Option<&'a RawValue>,
    pub(super) argument: Option<&'a RawValue>,
    pub(super) context: Option<&'a RawValue>,
    pub(super) cursor: Option<&'a RawValue>,
    pub(super) level: Option<&'a RawValue>,
    pub(super) protocol_version: Option<&'a RawValue>,
    pub(super) client_info: Option<&'a RawValue>,
    pub(super) request_id: Option<&'a RawValue>,
    pub(super) repeated: Option<&'static str>,
}

/// The members of `params._meta`.
#[derive(Default)]
pub(super) struct RawMeta<'a> {
    pub(super) protocol_version: Option<&'a RawValue>,
    pub(super) client_capabilities: Option<&'a RawValue>,
    pub(super) client_info: Option<&'a RawValue>,
    pub(super) log_level: Option<&'a RawValue>,
    pub(super) progress_token: Option<&'a RawValue>,
    pub(super) traceparent: Option<&'a RawValue>,
    pub(super) tracestate: Option<&'a RawValue>,
    pub(super) baggage: Option<&'a RawValue>,
    pub(super) repeated: Option<&'static str>,
}

impl<'a> Message<'a> {
    /// `params`, if it is an object.
    pub(super) fn params(&self) -> Option<&Params<'a>> {
        self.params.as_ref().and_then(Shape::object)
    }

    /// A member that occurs twice, wherever it stands.
    pub(super) fn repeated(&self) -> Option<&'static str> {
        let params = self.params();
        self.repeated.or_else(|| params?.repeated).or_else(|| params?.meta()?.repeated)
    }
}

impl<'a> Params<'a> {
    /// The `params` of a message without any.
    pub(super) const NONE: Params<'static> = Params {
        meta: None,
        name: None,
        uri: None,
        task_id: None,
        arguments: None,
        input_responses: None,
        request_state: None,
        reference: None,
        argument: None,
        context: None,
        cursor: None,
        level: None,
        protocol_version: None,
        client_info: None,
        request_id: None,
        repeated: None,
    };

    /// `_meta`, if it is an object.
    pub(super) fn meta(&self) -> Option<&RawMeta<'a>> {
        self.meta.as_ref().and_then(Shape::object)
    }

    /// The revision that `_meta` names, whatever stands there.
    pub(super) fn claim(&self) -> Option<&'a RawValue> {
        self.meta()?.protocol_version
    }
}

impl Default for Params<'_> {
    fn default() -> Self {
        Params::NONE
    }
}

impl<T> Shape<T> {
    fn object(&self) -> Option<&T> {
        match self {
            Shape::Object(object) => Some(object),
            Shape::Other(_) => None,
        }
    }

    fn is_null(&self) -> bool {
        matches!(self, Shape::Other(NULL))
    }
}

/// Puts a member of an object in its place.
trait Members<'de>: Default {
    fn read<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error>;

    /// Takes members that are null for absent ones, once all are read: until then, they count as occurring.
    fn forget_nulls(&mut self);
}

impl<'de> Members<'de> for Message<'de> {
    fn read<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        let repeated = &mut self.repeated;
        match name {
            "jsonrpc" => once(&mut self.jsonrpc, "jsonrpc", repeated, map),
            "id" => once(&mut self.id, "id", repeated, map),
            "method" => once(&mut self.method, "method", repeated, map),
            "params" => once(&mut self.params, "params", repeated, map),
            "result" => once(&mut self.result, "result", repeated, map),
            "error" => once(&mut self.error, "error", repeated, map),
            _ => skip(map),
        }
    }

    fn forget_nulls(&mut self) {
        [&mut self.jsonrpc, &mut self.method].into_iter().for_each(forget_null);
        self.params.take_if(|params| params.is_null());
    }
}

impl<'de> Members<'de> for Params<'de> {
    fn read<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        let repeated = &mut self.repeated;
        let (slot, path) = match name {
            "_meta" => return once(&mut self.meta, "params._meta", repeated, map),
            "name" => (&mut self.name, "params.name"),
            "uri" => (&mut self.uri, "params.uri"),
            "taskId" => (&mut self.task_id, "params.taskId"),
            "arguments" => (&mut self.arguments, "params.arguments"),
            "inputResponses" => (&mut self.input_responses, "params.inputResponses"),
            "requestState" => (&mut self.request_state, "params.requestState"),
            "ref" => (&mut self.reference, "params.ref"),
            "argument" => (&mut self.argument, "params.argument"),
            "context" => (&mut self.context, "params.context"),
            "cursor" => (&mut self.cursor, "params.cursor"),
            "level" => (&mut self.level, "params.level"),
            "protocolVersion" => (&mut self.protocol_version, "params.protocolVersion"),
            "clientInfo" => (&mut self.client_info, "params.clientInfo"),
            "requestId" => (&mut self.request_id, "params.requestId"),
            _ => return skip(map),
        };
        once(slot, path, repeated, map)
    }

    fn forget_nulls(&mut self) {
        self.meta.take_if(|meta| meta.is_null());
        let subjects = [&mut self.name, &mut self.uri, &mut self.task_id, &mut self.reference];
        let inputs = [&mut self.arguments, &mut self.input_responses, &mut self.request_state];
        let others = [&mut self.argument, &mut self.context, &mut self.cursor, &mut self.level];
        let handshake = [&mut self.protocol_version, &mut self.client_info, &mut self.request_id];
        subjects.into_iter().chain(inputs).chain(others).chain(handshake).for_each(forget_null);
    }
}

impl<'de> Members<'de> for RawMeta<'de> {
    fn read<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        let repeated = &mut self.repeated;
        let (slot, path) = match name {
            "progressToken" => (&mut self.progress_token, "params._meta.progressToken"),
            "traceparent" => (&mut self.traceparent, "params._meta.traceparent"),
            "tracestate" => (&mut self.tracestate, "params._meta.tracestate"),
            "baggage" => (&mut self.baggage, "params._meta.baggage"),
            "io.modelcontextprotocol/protocolVersion" => (&mut self.protocol_version, VERSION_PATH),
            "io.modelcontextprotocol/clientCapabilities" => {
                (&mut self.client_capabilities, CAPABILITIES_PATH)
            }
            "io.modelcontextprotocol/clientInfo" => {
                (&mut self.client_info, "params._meta['io.modelcontextprotocol/clientInfo']")
            }
            "io.modelcontextprotocol/logLevel" => {
                (&mut self.log_level, "params._meta['io.modelcontextprotocol/logLevel']")
            }
            _ => return skip(map),
        };
        once(slot, path, repeated, map)
    }

    fn forget_nulls(&mut self) {
        let client = [&mut self.protocol_version, &mut self.client_capabilities, &mut self.client_info];
        let wishes = [&mut self.log_level, &mut self.progress_token];
        let trace = [&mut self.traceparent, &mut self.tracestate, &mut self.baggage];
        client.into_iter().chain(wishes).chain(trace).for_each(forget_null);
    }
}

/// The word for null, in JSON and in messages.
pub(super) const NULL: &str = "null";

/// Tells whether a value is null.
pub(super) fn is_null(raw: &RawValue) -> bool {
    raw.get() == NULL
}

/// Empties a slot that holds null.
fn forget_null(slot: &mut Option<&RawValue>) {
    slot.take_if(|raw| is_null(raw));
}

/// Fills `slot`, or notes that it was filled already.
fn once<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    slot: &mut Option<T>,
    path: &'static str,
    repeated: &mut Option<&'static str>,
    map: &mut A,
) -> Result<(), A::Error> {
    if slot.is_some() {
        repeated.get_or_insert(path);
        return skip(map);
    }
    *slot = Some(map.next_value()?);
    Ok(())
}

fn skip<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(), A::Error> {
    map.next_value::<IgnoredAny>().map(drop)
}

impl<'a> Messages<'a> {
    /// Reads a body in one pass.
    ///
    /// # Errors
    /// Only what is not JSON, or more than one document.
    pub(super) fn parse(json: &'a str) -> Result<Self, serde_json::Error> {
        let is_array = json.trim_ascii_start().starts_with('[');
        if is_array {
            serde_json::from_str::<Batch<'a>>(json).map(|batch| match batch {
                Batch::Bounded(messages) => Messages::Batch(messages),
                Batch::BatchTooLarge => Messages::BatchTooLarge,
            })
        } else {
            serde_json::from_str(json).map(|message| Messages::Single(Box::new(message)))
        }
    }
}

/// An array of messages.
enum Batch<'a> {
    Bounded(Vec<Shape<Message<'a>>>),
    BatchTooLarge,
}

impl<'de> Deserialize<'de> for Batch<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(BatchVisitor)
    }
}

struct BatchVisitor;

impl<'de> Visitor<'de> for BatchVisitor {
    type Value = Batch<'de>;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Batch<'de>, A::Error> {
        let mut messages = Vec::new();
        while messages.len() < MAX_BATCH {
            match items.next_element()? {
                Some(message) => messages.push(message),
                None => return Ok(Batch::Bounded(messages)),
            }
        }
        if items.next_element::<IgnoredAny>()?.is_none() {
            return Ok(Batch::Bounded(messages));
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Batch::BatchTooLarge)
    }
}

impl<'de, T: Members<'de>> Deserialize<'de> for Shape<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor(PhantomData))
    }
}

struct ShapeVisitor<T>(PhantomData<T>);

impl<'de, T: Members<'de>> Visitor<'de> for ShapeVisitor<T> {
    type Value = Shape<T>;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape<T>, A::Error> {
        let mut object = T::default();
        while let Some(Name(name)) = map.next_key()? {
            object.read(&name, &mut map)?;
        }
        object.forget_nulls();
        Ok(Shape::Object(object))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Shape<T>, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Shape::Other("an array"))
    }

    fn visit_unit<E>(self) -> Result<Shape<T>, E> {
        Ok(Shape::Other(NULL))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Shape<T>, E> {
        Ok(Shape::Other("a boolean"))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Shape<T>, E> {
        Ok(Shape::Other("a number"))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Shape<T>, E> {
        Ok(Shape::Other("a number"))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Shape<T>, E> {
        Ok(Shape::Other("a number"))
    }

    fn visit_str<E>(self, _: &str) -> Result<Shape<T>, E> {
        Ok(Shape::Other("a string"))
    }
}

/// The name of a member, borrowed where it holds no escape.
pub(super) struct Name<'a>(pub(super) Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Name<'de>;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Borrowed(name)))
    }

    fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Owned(name.to_owned())))
    }
}

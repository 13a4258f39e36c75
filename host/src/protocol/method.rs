//! Steps 13 and 15: which methods exist, and what their parameters are.

use std::borrow::Cow;

use bytes::Bytes;

use super::completion::Complete;
use super::entry::Entries;
use super::fault::{Expected, Fault};
use super::feature::{Feature, Features};
use super::input::Input;
use super::message::Params;
use super::meta::{self, ClientInfo};
use super::request::{CallTool, GetPrompt, Method, ReadResource};
use super::revision::{Era, Revision};
use super::{json, uri};

const ARGUMENTS_PATH: &str = "params.arguments";

/// Reads a method of `revision` and its parameters.
///
/// # Errors
/// [`Fault::Method`] for a name that the revision does not know or that no feature serves,
/// [`Fault::Params`] for parameters that do not fit it, [`Fault::Shape`] for a member in them that occurs twice.
pub(super) fn parse(
    name: &str,
    revision: Revision,
    features: Features,
    params: &Params<'_>,
    body: &Bytes,
) -> Result<Method, Fault> {
    let unknown = || Fault::Method { method: name.to_owned() };
    if Feature::of(name).is_some_and(|feature| !features.contains(feature)) {
        return Err(unknown());
    }
    let input = || Input::read(params, revision, body);
    Ok(match (name, revision.era()) {
        ("server/discover", Era::Modern) => Method::Discover,
        ("initialize", Era::Legacy) => initialize(params)?,
        ("ping", Era::Legacy) => Method::Ping,
        ("logging/setLevel", Era::Legacy) => set_level(params)?,
        ("tools/list", _) => Method::ListTools { cursor: cursor(params)? },
        ("tools/call", _) => Method::CallTool(CallTool {
            name: subject(params)?,
            arguments: arguments(params, body)?,
            input: input()?,
        }),
        ("resources/list", _) => Method::ListResources { cursor: cursor(params)? },
        ("resources/templates/list", _) => Method::ListResourceTemplates { cursor: cursor(params)? },
        ("resources/read", _) => Method::ReadResource(ReadResource { uri: uri(params)?, input: input()? }),
        ("resources/subscribe", Era::Legacy) => Method::Subscribe { uri: uri(params)? },
        ("resources/unsubscribe", Era::Legacy) => Method::Unsubscribe { uri: uri(params)? },
        ("prompts/list", _) => Method::ListPrompts { cursor: cursor(params)? },
        ("prompts/get", _) => Method::GetPrompt(GetPrompt {
            name: subject(params)?,
            arguments: texts(params, body)?,
            input: input()?,
        }),
        ("completion/complete", _) => Method::Complete(Complete::read(params)?),
        _ => return Err(unknown()),
    })
}

fn initialize(params: &Params<'_>) -> Result<Method, Fault> {
    let version = params.protocol_version;
    match version {
        Some(raw) if json::text(raw).is_some() => {}
        Some(raw) => return Err(Fault::unfit("params.protocolVersion", Expected::String, json::kind(raw))),
        None => return Err(Fault::missing("params.protocolVersion", Expected::String)),
    }
    Ok(Method::Initialize { client: params.client_info.and_then(ClientInfo::read) })
}

fn set_level(params: &Params<'_>) -> Result<Method, Fault> {
    let Some(level) = params.level else {
        return Err(Fault::missing("params.level", Expected::String));
    };
    meta::read_level(level, "params.level").map(Method::SetLevel)
}

fn cursor(params: &Params<'_>) -> Result<Option<String>, Fault> {
    match params.cursor.map(|raw| (raw, json::text(raw))) {
        None => Ok(None),
        Some((_, Some(cursor))) => Ok(Some(cursor.into_owned())),
        Some((raw, None)) => Err(Fault::unfit("params.cursor", Expected::String, json::kind(raw))),
    }
}

/// The name of what the request is about.
fn subject(params: &Params<'_>) -> Result<String, Fault> {
    json::required_text(params.name, "params.name").map(Cow::into_owned)
}

fn uri(params: &Params<'_>) -> Result<String, Fault> {
    const PATH: &str = "params.uri";
    let uri = json::required_text(params.uri, PATH)?;
    uri::check(&uri, PATH)?;
    Ok(uri.into_owned())
}

/// An object, its inside unchecked: what a tool takes is the tool's to say.
fn arguments(params: &Params<'_>, body: &Bytes) -> Result<Bytes, Fault> {
    match params.arguments {
        None => Ok(Bytes::from_static(b"{}")),
        Some(raw) if json::is_object(raw) => Ok(body.slice_ref(raw.get().as_bytes())),
        Some(raw) => Err(Fault::unfit(ARGUMENTS_PATH, Expected::Object, json::kind(raw))),
    }
}

/// An object of texts: prompts take nothing else.
fn texts(params: &Params<'_>, body: &Bytes) -> Result<Bytes, Fault> {
    if let Some(raw) = params.arguments {
        Entries::read(raw, ARGUMENTS_PATH)?.texts(ARGUMENTS_PATH)?;
    }
    arguments(params, body)
}

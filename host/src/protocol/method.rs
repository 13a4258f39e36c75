//! Steps 13 and 15: which methods exist, and what their parameters are.

use bytes::Bytes;

use super::feature::{Feature, Features};
use super::json;
use super::message::Params;
use super::meta::{ClientInfo, Level};
use super::rejection::Fault;
use super::request::{CallTool, Method};
use super::revision::{Era, Revision};

/// Reads a method of `revision` and its parameters.
///
/// # Errors
/// [`Fault::Method`] for a name that the revision does not know or that no feature serves,
/// [`Fault::Params`] for parameters that do not fit it.
pub(super) fn parse(
    name: &str,
    revision: Revision,
    features: Features,
    params: &Params<'_>,
    body: &Bytes,
) -> Result<Method, Fault> {
    match (name, revision.era()) {
        ("server/discover", Era::Modern) => Ok(Method::Discover),
        ("initialize", Era::Legacy) => initialize(params),
        ("ping", Era::Legacy) => Ok(Method::Ping),
        ("logging/setLevel", Era::Legacy) if features.contains(Feature::Logging) => set_level(params),
        ("tools/list", _) if features.contains(Feature::Tools) => list_tools(params),
        ("tools/call", _) if features.contains(Feature::Tools) => call_tool(params, body),
        _ => Err(Fault::Method { method: name.to_owned() }),
    }
}

fn initialize(params: &Params<'_>) -> Result<Method, Fault> {
    let version = params.protocol_version;
    match version {
        Some(raw) if json::text(raw).is_some() => {}
        Some(raw) => return Err(unfit("params.protocolVersion", "a string", json::kind(raw))),
        None => return Err(missing("params.protocolVersion", "a string")),
    }
    Ok(Method::Initialize { client: params.client_info.and_then(ClientInfo::read) })
}

fn set_level(params: &Params<'_>) -> Result<Method, Fault> {
    let Some(level) = params.level else {
        return Err(missing("params.level", "a string"));
    };
    Level::read(level, "params.level").map(Method::SetLevel)
}

fn list_tools(params: &Params<'_>) -> Result<Method, Fault> {
    let cursor = match params.cursor {
        None => None,
        Some(raw) => match json::text(raw) {
            Some(cursor) => Some(cursor.into_owned()),
            None => return Err(unfit("params.cursor", "a string", json::kind(raw))),
        },
    };
    Ok(Method::ListTools { cursor })
}

fn call_tool(params: &Params<'_>, body: &Bytes) -> Result<Method, Fault> {
    let Some(raw) = params.name else {
        return Err(missing("params.name", "a string"));
    };
    let Some(name) = json::text(raw) else {
        return Err(unfit("params.name", "Unicode text", json::kind(raw)));
    };
    let arguments = match params.arguments {
        None => Bytes::from_static(b"{}"),
        Some(raw) if json::is_object(raw) => body.slice_ref(raw.get().as_bytes()),
        Some(raw) => return Err(unfit("params.arguments", "an object", json::kind(raw))),
    };
    Ok(Method::CallTool(CallTool { name: name.into_owned(), arguments }))
}

fn missing(path: &str, expected: &str) -> Fault {
    Fault::Params(format!("{path} is missing: expected {expected}"))
}

fn unfit(path: &str, expected: &str, found: &str) -> Fault {
    Fault::Params(format!("{path}: expected {expected}, found {found}"))
}

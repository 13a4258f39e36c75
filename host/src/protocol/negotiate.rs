//! Steps 9 to 12: negotiates the revision of a request; the body decides before what stands beside it.

use std::borrow::Cow;

use http::HeaderMap;

use super::fault::{EnvelopeError, Fault, HeaderError};
use super::framing::Framing;
use super::header;
use super::json;
use super::message::{Params, RawMeta, Shape, VERSION_PATH};
use super::revision::Revision;

/// Chooses the revision that the server answers a request under.
///
/// # Errors
/// Carries out steps 9 to 12, in their order.
pub(super) fn revision(framing: Framing<'_>, method: &str, params: &Params<'_>) -> Result<Revision, Fault> {
    let version = framing.version()?;
    let meta = params.meta();
    if method == "initialize" && !meta.is_some_and(is_modern_claim) {
        return handshake(version, params);
    }
    let claim = meta.and_then(|meta| meta.protocol_version);
    let Some(claim) = claim else {
        return unclaimed(version, method, params);
    };
    if let Some(claim) = json::text(claim)
        && let Some(revision) = Revision::legacy(&claim)
    {
        // Without the header a legacy claim still says what is meant.
        if version.is_some() && framing.headers().is_some() {
            header::VERSION.agree(version, VERSION_PATH, &claim)?;
        }
        return Ok(revision);
    }
    modern(framing, method, params)
}

/// Tells whether `_meta` is that of a modern request, of whatever revision.
fn is_modern_claim(meta: &RawMeta<'_>) -> bool {
    let version = meta.protocol_version.and_then(json::text);
    version.is_some_and(|version| Revision::legacy(&version).is_none())
        && meta.client_capabilities.is_some_and(json::is_object)
}

/// `initialize`: the header is not looked at, unless it says that there is no handshake.
fn handshake(version: Option<&str>, params: &Params<'_>) -> Result<Revision, Fault> {
    if let Some(found) = version.filter(|name| Revision::names_modern(name)) {
        let (header, found) = (header::VERSION.shown().to_owned(), found.to_owned());
        return Err(HeaderError::NoHandshake { header, found }.into());
    }
    let requested = params.protocol_version.and_then(json::text);
    Ok(requested.map_or(Revision::LATEST_HANDSHAKE, |requested| Revision::negotiated(&requested)))
}

/// A request that says nothing of its revision in its body.
fn unclaimed(version: Option<&str>, method: &str, params: &Params<'_>) -> Result<Revision, Fault> {
    match version {
        Some(name) if Revision::names_modern(name) => Err(missing_envelope(params)),
        Some(name) => Revision::legacy(name).ok_or_else(|| Fault::Version { requested: name.to_owned() }),
        None if method == "server/discover" => Err(missing_envelope(params)),
        None => Ok(Revision::WITHOUT_HEADER),
    }
}

/// Steps 10 to 12.
fn modern(framing: Framing<'_>, method: &str, params: &Params<'_>) -> Result<Revision, Fault> {
    let claim = envelope(params)?;
    if let Some(headers) = framing.headers() {
        agree(headers, &claim, method, params)?;
    }
    Revision::modern(&claim).ok_or_else(|| Fault::Version { requested: claim.into_owned() })
}

/// Step 11.
fn agree(headers: &HeaderMap, claim: &str, method: &str, params: &Params<'_>) -> Result<(), Fault> {
    header::VERSION.agree(header::VERSION.value(headers)?, VERSION_PATH, claim)?;
    header::METHOD.agree(header::METHOD.value(headers)?, "method", method)?;
    if let Some((path, expected)) = subject(method, params) {
        header::NAME.agree(header::NAME.decoded(headers)?.as_deref(), path, &expected)?;
    }
    Ok(())
}

/// Step 10: the revision that a well-formed envelope names.
fn envelope<'p>(params: &'p Params<'_>) -> Result<Cow<'p, str>, Fault> {
    let Some(RawMeta { protocol_version: Some(version), client_capabilities, .. }) = params.meta() else {
        return Err(missing_envelope(params));
    };
    let Some(version) = json::text(version) else {
        return Err(EnvelopeError::Version { found: json::kind(version) }.into());
    };
    match client_capabilities {
        Some(capabilities) if json::is_object(capabilities) => Ok(version),
        Some(other) => Err(EnvelopeError::Capabilities { found: json::kind(other) }.into()),
        None => Err(EnvelopeError::NoCapabilities.into()),
    }
}

fn missing_envelope(params: &Params<'_>) -> Fault {
    Fault::from(match &params.meta {
        None => EnvelopeError::NoMeta,
        Some(Shape::Other(found)) => EnvelopeError::Meta { found },
        Some(Shape::Object(_)) => EnvelopeError::NoVersion,
    })
}

/// Returns the subject of the method, which `Mcp-Name` repeats: its path and its text.
///
/// Returns `None` for methods without such a parameter, and where the member is missing or no text,
/// which is refused with the other parameters.
fn subject<'p>(method: &str, params: &'p Params<'_>) -> Option<(&'static str, Cow<'p, str>)> {
    let (path, raw) = match method {
        "tools/call" | "prompts/get" => ("params.name", params.name),
        "resources/read" => ("params.uri", params.uri),
        "tasks/get" | "tasks/update" | "tasks/cancel" => ("params.taskId", params.task_id),
        _ => return None,
    };
    Some((path, json::text(raw?)?))
}

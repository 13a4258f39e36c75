//! Invocations without HTTP: an MCP message, or the arguments of a tool.

use std::borrow::Cow;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request};
use http_body_util::Full;
use serde::Deserialize;

use super::{EventError, Told, request};
use crate::protocol::Revision;
use crate::service::MCP_PATH;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const NAME: HeaderName = HeaderName::from_static("mcp-name");

/// The parts of a message that headers of HTTP repeat.
#[derive(Deserialize)]
struct Message<'m> {
    #[serde(borrow)]
    method: Option<Cow<'m, str>>,
    #[serde(borrow)]
    params: Option<Params<'m>>,
}

#[derive(Deserialize)]
struct Params<'m> {
    #[serde(borrow)]
    name: Option<Cow<'m, str>>,
    #[serde(borrow)]
    uri: Option<Cow<'m, str>>,
    #[serde(borrow, rename = "_meta")]
    meta: Option<Meta<'m>>,
}

#[derive(Deserialize)]
struct Meta<'m> {
    #[serde(borrow, rename = "io.modelcontextprotocol/protocolVersion")]
    version: Option<Cow<'m, str>>,
}

/// Makes a request of a message. Its headers say what the message says; what is wrong with the message, the service
/// finds.
pub(super) fn read(event: &[u8]) -> Result<Told, EventError> {
    let mut headers = HeaderMap::new();
    if let Ok(Message { method: Some(method), params }) = serde_json::from_slice::<Message<'_>>(event) {
        let mut set = |name, text: &str| {
            // Text that no header can have is a method or revision of nobody.
            if let Ok(value) = HeaderValue::from_str(text) {
                headers.insert(name, value);
            }
        };
        set(METHOD, &method);
        if let Some(Params { name, uri, meta }) = params {
            if let Some(version) = meta.and_then(|meta| meta.version) {
                set(VERSION, &version);
            }
            let subject = if method == "resources/read" { uri } else { name };
            if let Some(subject) = subject {
                set(NAME, &format!("=?base64?{}?=", BASE64_STANDARD.encode(&*subject)));
            }
        }
    }
    Ok(told(post(headers, Bytes::copy_from_slice(event))?))
}

/// Makes the call of a tool of its arguments.
pub(super) fn tool_call(event: &[u8], tool: &str) -> Result<Told, EventError> {
    let mut call = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"#.to_vec();
    serde_json::to_writer(&mut call, tool)?;
    call.extend_from_slice(br#","arguments":"#);
    call.extend_from_slice(event);
    call.extend_from_slice(b"}}");
    let revision = HeaderValue::from_static(Revision::LATEST_HANDSHAKE.name());
    Ok(told(post(HeaderMap::from_iter([(VERSION, revision)]), call.into())?))
}

fn post(mut headers: HeaderMap, body: Bytes) -> Result<Request<Full<Bytes>>, http::Error> {
    headers.insert(CONTENT_TYPE, JSON);
    headers.insert(ACCEPT, JSON);
    request(Method::POST, Some(MCP_PATH), "", headers, body)
}

fn told(request: Request<Full<Bytes>>) -> Told {
    Told { request, signer: None, address: None, accepted_ms: None }
}

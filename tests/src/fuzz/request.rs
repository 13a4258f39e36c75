//! A request of any form, through every check of the protocol.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Request};
use serde_json::Value;
use toolcell_host::protocol::render::{Description, Renderer};
use toolcell_host::protocol::{
    self, Callers, Exposure, Feature, Features, Parsed, Policy, Rejection, Request as McpRequest,
};

/// Everything that a server can offer.
pub(super) const ALL: Features = Features::NONE
    .with(Feature::Tools)
    .with(Feature::Resources)
    .with(Feature::Prompts)
    .with(Feature::Completions)
    .with(Feature::Logging);

/// The largest body, in bytes.
pub(super) const MAX_BODY_BYTES: usize = 1 << 20;

/// The longest message of a refusal, in bytes.
const MAX_MESSAGE_BYTES: usize = 800;

/// Reads `METHOD /path`, lines of headers, an empty line and a body. It is answered or refused in one short line of
/// JSON; what is accepted is accepted with the same meaning if another program writes its JSON again.
pub fn request(data: &[u8]) {
    let Some((parts, body)) = read(data) else { return };
    match answer(&parts, &body) {
        Parsed::Rejected(rejection) => check_refusal(&rejection),
        Parsed::Accepted => {}
        Parsed::Batch(items) => {
            assert!(items.len() <= protocol::MAX_BATCH, "{} items", items.len());
            items.iter().filter_map(|item| item.as_ref().err()).for_each(check_refusal);
            items.iter().flatten().for_each(check_answer);
        }
        Parsed::Request(request) => {
            check_answer(&request);
            check_rewritten(&parts, &body, &request);
        }
    }
}

/// Takes a request through the checks, in their order.
pub(super) fn answer(parts: &Parts, body: &Bytes) -> Parsed {
    let policy = Policy::new(Exposure::Loopback, Callers::Anonymous, &[], &[], MAX_BODY_BYTES)
        .expect("a policy without lists");
    let head = protocol::pre_check(parts, &policy).and_then(|_| protocol::check_head(parts, &policy));
    match head {
        Ok(head) => protocol::parse(parts, &head, body, ALL),
        Err(rejection) => Parsed::Rejected(rejection),
    }
}

/// Reads the head as an HTTP server would have read it: a line that is no header is left out.
fn read(data: &[u8]) -> Option<(Parts, Bytes)> {
    let end = memchr::memmem::find(data, b"\n\n")?;
    let (head, body) = (&data[..end], &data[end + 2..]);
    let mut lines = head.split(|byte| *byte == b'\n');
    let (method, path) = std::str::from_utf8(lines.next()?).ok()?.split_once(' ')?;
    let method = Method::from_bytes(method.as_bytes()).ok()?;
    let mut request = Request::builder().method(method).uri(path).body(()).ok()?;
    for line in lines {
        let Some(colon) = memchr::memchr(b':', line) else { continue };
        let name = HeaderName::from_bytes(&line[..colon]);
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            request.headers_mut().append(name, value);
        }
    }
    Some((request.into_parts().0, Bytes::copy_from_slice(body)))
}

/// A refusal is one short line of JSON with a status of an error.
fn check_refusal(rejection: &Rejection) {
    let body = line(&rejection.body());
    let message = body["error"]["message"].as_str().expect("a refusal has a message");
    assert!(!message.is_empty() && message.len() < MAX_MESSAGE_BYTES, "{message}");
    assert!(body["error"]["code"].is_i64(), "{body}");
    let status = rejection.status();
    // An error of JSON-RPC in a revision that sends these with 200 is one, too.
    assert!(status.is_client_error() || status.is_server_error() || status.is_success(), "{status}");
}

/// An answer is one line of JSON with the id of its request.
fn check_answer(request: &McpRequest) {
    let description =
        Description { name: "n", version: "1", title: None, website_url: None, instructions: None };
    let written = line(&Renderer::new(&description, ALL, 1).empty(&request.head));
    assert_eq!(written["id"], id(request), "{written}");
}

/// The same request as another program writes it, without spaces and with other escapes.
fn check_rewritten(parts: &Parts, body: &Bytes, request: &McpRequest) {
    // Numbers beyond those of serde_json and values that nest deeper than it reads are ours alone.
    let Ok(value) = serde_json::from_slice::<Value>(body) else { return };
    if value["id"].is_f64() {
        return; // serde_json rounds an integer of many digits
    }
    let again = serde_json::to_vec(&value).expect("a value is JSON");
    match answer(parts, &again.into()) {
        Parsed::Request(other) => {
            assert_eq!(other.method.name(), request.method.name());
            assert_eq!(id(&other), id(request));
            assert_eq!(other.head.revision, request.head.revision);
        }
        other => panic!("refused when it was written again: {other:?}"),
    }
}

fn id(request: &McpRequest) -> Value {
    serde_json::from_slice(request.head.id.as_json()).expect("an id is JSON")
}

/// Reads what must be JSON on one line.
pub(super) fn line(bytes: &[u8]) -> Value {
    let text = std::str::from_utf8(bytes).expect("an answer is UTF-8");
    assert!(!text.contains(['\n', '\r']), "more than one line: {text}");
    serde_json::from_str(text).unwrap_or_else(|error| panic!("not JSON ({error}): {text}"))
}

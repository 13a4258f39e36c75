//! Reads pages of one server. `wit/world.wit` is the contract of the tool.

wit_bindgen::generate!({ world: "plugin", path: "wit", generate_all });

use exports::example::{{snake}}::tools::{Guest, PageError};
use wasi::http::outgoing_handler;
use wasi::http::types::{ErrorCode, Fields, IncomingResponse, OutgoingRequest, Scheme};
use wasi::io::streams::StreamError;

/// The server. plugin.toml, toolcell.toml and the cases name it, too.
const HOST: &str = "example.com";

struct Plugin;

impl Guest for Plugin {
    fn read_page(path: String) -> Result<String, PageError> {
        let response = get(&path).map_err(|_| PageError::NoAnswer)?;
        match response.status() {
            200 => read(&response).ok_or(PageError::NoAnswer),
            status => Err(PageError::Status(status)),
        }
    }
}

/// Sends a request, and waits until the response begins.
fn get(path: &str) -> Result<IncomingResponse, ErrorCode> {
    let invalid = |()| ErrorCode::HttpRequestUriInvalid;
    let request = OutgoingRequest::new(Fields::new()); // GET, without headers
    request.set_scheme(Some(&Scheme::Https)).map_err(invalid)?;
    request.set_authority(Some(HOST)).map_err(invalid)?;
    request.set_path_with_query(Some(path)).map_err(invalid)?;
    let sent = outgoing_handler::handle(request, None)?;
    sent.subscribe().block();
    let response = sent.get().expect("it has begun");
    response.expect("nobody else takes it")
}

/// Reads the body of a response; nothing if it breaks off.
fn read(response: &IncomingResponse) -> Option<String> {
    let body = response.consume().ok()?;
    let stream = body.stream().ok()?;
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(65_536) {
            Ok(part) => bytes.extend(part),
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(_)) => return None,
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

export!(Plugin);

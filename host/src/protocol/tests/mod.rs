//! The protocol told request by request: what a client sends, and what it sees.

use bytes::Bytes;
use http::request::Parts;
use http::{Request as HttpRequest, StatusCode};
use serde_json::{Value, json};

use super::*;
use crate::mcp::Level;

mod answer;
mod batch;
mod body;
mod completion;
mod cursor;
mod event;
mod fault;
mod head;
mod input;
mod line;
mod mirror;
mod null;
mod parameter;
mod prompt;
mod property;
mod question;
mod resource;
mod result;
mod revision_choice;
mod routing;
mod unit;

/// The largest body in these tests, in bytes.
const LIMIT: usize = 4096;

/// Everything that a server can offer.
const ALL: Features = Features::NONE
    .with(Feature::Tools)
    .with(Feature::Resources)
    .with(Feature::Prompts)
    .with(Feature::Completions)
    .with(Feature::Logging);

/// The revisions with a handshake.
const LEGACY: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

/// An HTTP request in the making.
#[derive(Clone)]
struct Post {
    headers: Vec<(String, String)>,
    body: String,
}

/// A POST as a plain client sends it, with nothing of any revision in its head.
fn post(body: impl ToString) -> Post {
    let headers = [("host", "localhost:8080"), ("content-type", "application/json")];
    Post {
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        body: body.to_string(),
    }
}

/// A modern request: envelope and headers agree with `method` and `params`.
fn modern(method: &str, params: Value) -> Post {
    modern_as(Revision::MODERN.name(), method, params)
}

fn modern_as(version: &str, method: &str, mut params: Value) -> Post {
    params["_meta"]["io.modelcontextprotocol/protocolVersion"] = version.into();
    params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({});
    let name = params["name"].as_str().or(params["uri"].as_str()).map(str::to_owned);
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    let post = post(body).header("MCP-Protocol-Version", version).header("Mcp-Method", method);
    match name {
        Some(name) => post.header("Mcp-Name", &name),
        None => post,
    }
}

/// A legacy request under the revision that its header names.
fn legacy(version: &str, method: &str, params: Value) -> Post {
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    post(body).header("MCP-Protocol-Version", version)
}

impl Post {
    /// Sets a header, in place of one that is there.
    fn header(self, name: &str, value: &str) -> Post {
        let mut post = self.without(name);
        post.headers.push((name.to_owned(), value.to_owned()));
        post
    }

    /// Adds a header to one of the same name.
    fn also(mut self, name: &str, value: &str) -> Post {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn without(mut self, name: &str) -> Post {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self
    }

    fn parts(&self) -> Parts {
        let mut request = HttpRequest::post("/mcp");
        for (name, value) in &self.headers {
            request = request.header(name, value.as_bytes());
        }
        request.body(()).unwrap().into_parts().0
    }

    fn send(&self) -> Parsed {
        send(self.parts(), self.body.clone().into())
    }

    /// Sends it to a server that takes more than [`LIMIT`] and offers `features`.
    fn send_to(&self, features: Features) -> Parsed {
        let policy = Policy::new(Exposure::Public, Callers::Anonymous, &[], &[], 1 << 20).unwrap();
        let parts = self.parts();
        let head = check_head(&parts, &policy).unwrap();
        parse(&parts, &head, &self.body.clone().into(), features)
    }

    fn request(&self) -> Request {
        match self.send() {
            Parsed::Request(request) => *request,
            other => panic!("expected a request, got {other:?}\n{}", self.body),
        }
    }

    /// Status, code and message of the refusal, after checking that its body is one line of JSON.
    fn refusal(&self) -> (u16, i64, String) {
        let Parsed::Rejected(rejection) = self.send() else { panic!("expected a refusal: {}", self.body) };
        refusal(rejection)
    }

    /// The body of the refusal.
    fn refusal_bytes(&self) -> Bytes {
        let Parsed::Rejected(rejection) = self.send() else { panic!("expected a refusal: {}", self.body) };
        rejection.body()
    }

    /// As [`refusal`](Self::refusal), of a server that takes more than [`LIMIT`] and offers `features`.
    fn refusal_by(&self, features: Features) -> (u16, i64, String) {
        let Parsed::Rejected(rejection) = self.send_to(features) else {
            panic!("expected a refusal: {}", self.body)
        };
        refusal(rejection)
    }
}

fn policy(exposure: Exposure, origins: &[&str], hosts: &[&str]) -> Policy {
    let owned = |list: &[&str]| list.iter().map(|entry| (*entry).to_owned()).collect::<Vec<_>>();
    Policy::new(exposure, Callers::Anonymous, &owned(origins), &owned(hosts), LIMIT).unwrap()
}

fn send(parts: Parts, body: Bytes) -> Parsed {
    let policy = policy(Exposure::Loopback, &[], &[]);
    match pre_check(&parts, &policy).and_then(|_| check_head(&parts, &policy)) {
        Ok(head) => parse(&parts, &head, &body, ALL),
        Err(rejection) => Parsed::Rejected(rejection),
    }
}

fn refusal(rejection: Rejection) -> (u16, i64, String) {
    let body = line(&rejection.body());
    let response = rejection.into_response();
    assert_eq!(response.headers()["content-type"], "application/json");
    let message = body["error"]["message"].as_str().unwrap().to_owned();
    (response.status().as_u16(), body["error"]["code"].as_i64().unwrap(), message)
}

/// Reads a body that must be JSON on one line.
fn line(bytes: &[u8]) -> Value {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(!text.contains(['\n', '\r']), "more than one line: {text}");
    serde_json::from_str(text).unwrap_or_else(|error| panic!("not JSON ({error}): {text}"))
}

/// Checks a table of requests that are all refused with one status and code, and whose messages
/// name what they should.
#[track_caller]
fn all_refused<'t>(status: StatusCode, code: i64, table: impl IntoIterator<Item = (Post, &'t str)>) {
    for (post, names) in table {
        let (found_status, found_code, message) = post.refusal();
        assert_eq!((found_status, found_code), (status.as_u16(), code), "{message}\n{}", post.body);
        assert!(message.contains(names), "{message:?} does not name {names:?}\n{}", post.body);
    }
}

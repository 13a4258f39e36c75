//! The order of the protocol's checks: a request with several faults is refused for the first of them.

use http::request::Parts;
use http::{Method, Request};
use serde_json::{Value, json};
use toolcell_host::protocol::{Parsed, Revision};

use super::choices::Choices;
use super::request::{MAX_BODY_BYTES, answer};

/// A request in the making; without faults it is accepted.
#[derive(Clone)]
struct Draft {
    method: Method,
    headers: Vec<(&'static str, String)>,
    body: Value,
    /// Follows the body.
    tail: &'static str,
}

/// Makes a request faulty in one way; the number selects a variant.
type Fault = fn(&mut Draft, usize);

/// One fault for each step, in the order in which `protocol` documents its checks.
const FAULTS: [Fault; 12] = [
    |draft, variant| draft.set("host", ["evil.example", "127.0.0.1.evil.example", "", "a b"][variant % 4]),
    |draft, variant| {
        draft.set("origin", ["https://evil.example", "null", "http://localhost.evil"][variant % 3])
    },
    |draft, variant| draft.method = [Method::GET, Method::DELETE, Method::PUT][variant % 3].clone(),
    |draft, variant| draft.set("content-type", ["text/plain", "application/jsonp", ""][variant % 3]),
    |draft, variant| draft.set("accept", ["text/html", "image/*", "application/json;q=0"][variant % 3]),
    |draft, _| draft.set("content-length", &(MAX_BODY_BYTES + 1).to_string()),
    |draft, variant| draft.tail = ["}", "\u{0}", "x", "{}"][variant % 4],
    |draft, variant| {
        draft.body["jsonrpc"] = [json!("1.0"), json!(2), Value::Null, json!({})][variant % 4].clone();
    },
    |draft, variant| {
        draft.body["params"]["_meta"]["io.modelcontextprotocol/clientCapabilities"] =
            [json!(1), json!([]), json!("x"), json!(true)][variant % 4].clone();
    },
    |draft, variant| draft.set("mcp-method", ["tools/list", "TOOLS/CALL", "x", "ping"][variant % 4]),
    |draft, variant| {
        let version = ["2099-01-01", "1999-01-01", "2026-07-29", "x"][variant % 4];
        draft.set("mcp-protocol-version", version);
        draft.body["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = version.into();
    },
    |draft, variant| {
        draft.body["params"]["arguments"] =
            [json!([]), json!(1), json!("x"), json!(false)][variant % 4].clone();
    },
];

impl Draft {
    /// A call of a tool with that name, as a client of the newest revision writes it.
    fn new(name: &str) -> Self {
        let version = Revision::MODERN.name();
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": version,
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let params = json!({"name": name, "arguments": {"text": name}, "_meta": meta});
        let headers = [
            ("host", "localhost:8080"),
            ("content-type", "application/json"),
            ("accept", "application/json, text/event-stream"),
            ("mcp-protocol-version", version),
            ("mcp-method", "tools/call"),
            ("mcp-name", name),
        ];
        Self {
            method: Method::POST,
            headers: headers.map(|(name, value)| (name, value.to_owned())).into(),
            body: json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}),
            tail: "",
        }
    }

    fn set(&mut self, name: &'static str, value: &str) {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.to_owned()));
    }

    /// Sends it; returns status and code of the refusal.
    fn refusal(&self) -> Option<(u16, i64)> {
        let body = format!("{}{}", self.body, self.tail);
        match answer(&self.parts(), &body.into()) {
            Parsed::Request(_) => None,
            Parsed::Rejected(rejection) => {
                let body = super::request::line(&rejection.body());
                Some((rejection.status().as_u16(), body["error"]["code"].as_i64().expect("a code")))
            }
            other => panic!("neither accepted nor refused: {other:?}"),
        }
    }

    fn parts(&self) -> Parts {
        let mut request = Request::builder().method(self.method.clone()).uri("/mcp");
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request.body(()).expect("headers are plain").into_parts().0
    }
}

/// Reads two bytes that select faults, a byte for the variant of each, and letters for the name of a tool.
pub fn ladder(data: &[u8]) {
    let mut choices = Choices::new(data);
    let selected = usize::from(choices.byte()) | usize::from(choices.byte()) << 8;
    let faults: Vec<(Fault, usize)> = FAULTS
        .into_iter()
        .enumerate()
        .filter(|(place, _)| selected >> place & 1 == 1)
        .map(|(_, fault)| (fault, usize::from(choices.byte())))
        .collect();
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    let name: String = choices.rest().iter().copied().filter(is_plain).take(64).map(char::from).collect();
    let draft = Draft::new(if name.is_empty() { "tool" } else { &name });
    let mut all = draft.clone();
    let mut first = draft;
    for (fault, variant) in &faults {
        fault(&mut all, *variant);
    }
    for (fault, variant) in faults.iter().take(1) {
        fault(&mut first, *variant);
    }
    let refusal = all.refusal();
    assert_eq!(refusal.is_some(), !faults.is_empty(), "{} {:?}", all.body, all.headers);
    assert_eq!(refusal, first.refusal(), "not refused for its first fault: {} {:?}", all.body, all.headers);
}

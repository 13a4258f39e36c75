//! A client of one revision, as plain as a client can be.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::http::{Answer, Request};

/// The revisions that the server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Revision {
    /// 2025-03-26
    March2025,
    /// 2025-06-18
    June2025,
    /// 2025-11-25
    November2025,
    /// 2026-07-28
    Modern,
}

/// Sends requests of one revision, each on a connection of its own.
#[derive(Clone, Copy, Debug)]
pub struct Client {
    address: SocketAddr,
    revision: Revision,
}

/// What a call came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Called {
    /// `isError`
    pub is_error: bool,
    /// The text of the only content block; none for a tool that returns nothing.
    pub text: Option<String>,
    /// `structuredContent`
    pub structured: Option<Value>,
}

impl Revision {
    /// All of them, the newest first.
    pub const ALL: [Self; 4] = [Self::Modern, Self::November2025, Self::June2025, Self::March2025];

    /// The newest of each era.
    pub const ERAS: [Self; 2] = [Self::Modern, Self::November2025];

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::March2025 => "2025-03-26",
            Self::June2025 => "2025-06-18",
            Self::November2025 => "2025-11-25",
            Self::Modern => "2026-07-28",
        }
    }
}

impl Client {
    /// A client of the server at `address`.
    pub fn new(address: SocketAddr, revision: Revision) -> Self {
        Self { address, revision }
    }

    /// Where it sends its requests.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A request as this revision spells it, with every header and `_meta` that it asks for.
    pub fn request(&self, method: &str, params: Value) -> Request {
        let mut params = params;
        if self.revision == Revision::Modern {
            let meta = &mut params["_meta"];
            meta["io.modelcontextprotocol/protocolVersion"] = self.revision.name().into();
            let capabilities = &mut meta["io.modelcontextprotocol/clientCapabilities"];
            if capabilities.is_null() {
                *capabilities = json!({});
            }
        }
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let request = Request::post(body.to_string()).header("mcp-protocol-version", self.revision.name());
        if self.revision != Revision::Modern {
            return request;
        }
        let request = request.header("mcp-method", method);
        match params["name"].as_str().or(params["uri"].as_str()) {
            Some(subject) => request.header("mcp-name", subject),
            None => request,
        }
    }

    /// The request of a call.
    pub fn call_request(&self, tool: &str, arguments: &Value) -> Request {
        self.request("tools/call", json!({"name": tool, "arguments": arguments}))
    }

    /// The request of a call that asks for more in `_meta`.
    pub fn call_request_with(&self, tool: &str, arguments: &Value, meta: Value) -> Request {
        self.request("tools/call", json!({"name": tool, "arguments": arguments, "_meta": meta}))
    }

    /// Sends a request and waits for its answer.
    pub fn send(&self, method: &str, params: Value) -> Answer {
        self.request(method, params).send(self.address)
    }

    /// Sends a request and gives its result.
    ///
    /// # Panics
    /// The server answers with anything else.
    pub fn ask(&self, method: &str, params: Value) -> Value {
        let answer = self.send(method, params);
        assert_eq!(answer.status, 200, "{method}: {}", String::from_utf8_lossy(&answer.body));
        let mut json = answer.json();
        assert_eq!(json["id"], 1, "{json}");
        assert!(json["result"].is_object(), "{method}: {json}");
        json["result"].take()
    }

    /// Calls a tool.
    ///
    /// # Panics
    /// The answer is no result of a tool.
    pub fn call(&self, tool: &str, arguments: &Value) -> Called {
        Called::read(&self.ask("tools/call", json!({"name": tool, "arguments": arguments})))
    }
}

impl Called {
    /// Reads a `CallToolResult`.
    ///
    /// # Panics
    /// It is none.
    pub fn read(result: &Value) -> Self {
        let content = result["content"].as_array().unwrap_or_else(|| panic!("no content: {result}"));
        assert!(content.len() <= 1, "one block at most: {result}");
        let text = content.first().map(|block| {
            assert_eq!(block["type"], "text", "{result}");
            block["text"].as_str().expect("a text block has text").to_owned()
        });
        let is_error = result.get("isError").is_some_and(|is_error| *is_error == true);
        Self { is_error, text, structured: result.get("structuredContent").cloned() }
    }

    /// The text of a call that failed.
    ///
    /// # Panics
    /// It did not fail, or says nothing.
    pub fn failure(&self) -> &str {
        assert!(self.is_error && self.structured.is_none(), "not a failure: {self:?}");
        self.text.as_deref().expect("a failure says why")
    }
}

//! A minimal client that speaks one revision.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::http::{Request, Response};

/// The text of a tool that returns nothing.
pub const DONE: &str = "done: the tool returned nothing";

/// The revisions that the server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Revision {
    /// The revision 2024-11-05.
    November2024,
    /// The revision 2025-03-26.
    March2025,
    /// The revision 2025-06-18.
    June2025,
    /// The revision 2025-11-25.
    November2025,
    /// The revision 2026-07-28.
    Modern,
}

/// A client that sends requests of one revision, each on its own connection.
#[derive(Clone, Copy, Debug)]
pub struct Client {
    address: SocketAddr,
    revision: Revision,
}

/// The result of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Called {
    /// `isError`.
    pub is_error: bool,
    /// The text of the only content block, [`DONE`] if the tool returns nothing; `None` if there is no block.
    pub text: Option<String>,
    /// `structuredContent`.
    pub structured: Option<Value>,
}

impl Revision {
    /// All revisions, the newest first.
    pub const ALL: [Self; 5] =
        [Self::Modern, Self::November2025, Self::June2025, Self::March2025, Self::November2024];

    /// The newest revision of each era.
    pub const ERAS: [Self; 2] = [Self::Modern, Self::November2025];

    /// Returns the name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::November2024 => "2024-11-05",
            Self::March2025 => "2025-03-26",
            Self::June2025 => "2025-06-18",
            Self::November2025 => "2025-11-25",
            Self::Modern => "2026-07-28",
        }
    }
}

impl Client {
    /// Makes a client of the server at `address`.
    pub fn new(address: SocketAddr, revision: Revision) -> Self {
        Self { address, revision }
    }

    /// Returns the server's address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Makes a request of this revision, with all headers and members of `_meta` that it requires.
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

    /// Makes the request of a call.
    pub fn call_request(&self, tool: &str, arguments: &Value) -> Request {
        self.request("tools/call", json!({"name": tool, "arguments": arguments}))
    }

    /// Makes the request of a call with more members in `_meta`.
    pub fn call_request_with(&self, tool: &str, arguments: &Value, meta: Value) -> Request {
        self.request("tools/call", json!({"name": tool, "arguments": arguments, "_meta": meta}))
    }

    /// Sends a request and waits for its response.
    pub fn send(&self, method: &str, params: Value) -> Response {
        self.request(method, params).send(self.address)
    }

    /// Sends a request and returns its result.
    ///
    /// # Panics
    /// Panics if the server answers with anything but a result.
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
    /// Panics if the response is not a `CallToolResult`.
    pub fn call(&self, tool: &str, arguments: &Value) -> Called {
        Called::read(&self.ask("tools/call", json!({"name": tool, "arguments": arguments})))
    }
}

impl Called {
    /// Reads a `CallToolResult`.
    ///
    /// # Panics
    /// Panics if `result` is not one.
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

    /// Returns the text of a call that failed.
    ///
    /// # Panics
    /// Panics if the call succeeded, or has no text.
    pub fn failure(&self) -> &str {
        assert!(self.is_error && self.structured.is_none(), "not a failure: {self:?}");
        self.text.as_deref().expect("a failure says why")
    }
}

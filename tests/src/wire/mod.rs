//! Checks each message of the endpoint against the official JSON schema of the revision in which it was asked.
//!
//! [`http`](crate::http) calls it for each message of each response, so that no story has to.

mod definition;
mod schema;

use serde_json::Value;

use crate::client::Revision;
use crate::http::Request;

/// The path of the endpoint; responses of other paths are not JSON-RPC.
const ENDPOINT: &str = "/mcp";

/// The most characters of a message that a failure shows.
const SHOWN: usize = 1000;

/// The facts of a request that its response is checked with.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    revision: Revision,
    /// The ids and methods of the requests: of one, or of all in a batch.
    requests: Vec<(Value, String)>,
    is_endpoint: bool,
}

impl Asked {
    /// Reads a request, which may be malformed.
    pub(crate) fn by(request: &Request) -> Self {
        let body = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
        let header =
            request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("mcp-protocol-version"));
        let revision = revision(header.map(|(_, value)| value.trim()), &body);
        let messages = body.as_array().map_or(std::slice::from_ref(&body), Vec::as_slice);
        let requests = messages.iter().filter_map(|message| {
            Some((message.get("id")?.clone(), message.get("method")?.as_str()?.to_owned()))
        });
        let is_endpoint = request.start.split(' ').nth(1) == Some(ENDPOINT);
        Self { revision, requests: requests.collect(), is_endpoint }
    }

    /// Describes an unknown request, which any message of the endpoint may answer.
    pub(crate) fn unknown() -> Self {
        Self { revision: Revision::March2025, requests: Vec::new(), is_endpoint: true }
    }

    /// Checks a whole body of JSON.
    ///
    /// # Panics
    /// Panics if a message does not fulfil the schema.
    pub(crate) fn check_body(&self, status: u16, body: &[u8]) {
        // If the function ended, the response is the Function URL's own.
        let is_ours = self.is_endpoint && status != 502;
        // A Function URL gives an empty answer the type of JSON, too.
        let is_empty = body.is_empty() && matches!(status, 202 | 204 | 405);
        if !is_ours || is_empty {
            return;
        }
        let body: Value = serde_json::from_slice(body).expect("a body of JSON");
        match &body {
            Value::Array(messages) => messages.iter().for_each(|message| self.check(message)),
            message => self.check(message),
        }
    }

    /// Checks one message.
    ///
    /// # Panics
    /// Panics if the message does not fulfil the schema.
    pub(crate) fn check(&self, message: &Value) {
        if !self.is_endpoint {
            return;
        }
        let method = self.requests.iter().find(|(id, _)| message.get("id") == Some(id));
        let definition = definition::of(message, self.revision, method.map(|(_, method)| method.as_str()));
        if let Err(problem) = schema::check(&definition, message) {
            let start: String = message.to_string().chars().take(SHOWN).collect();
            panic!("{:?} {:?}: {problem}: {start}", self.revision, self.requests);
        }
    }
}

/// Returns the revision of a request: the header's, else that of `_meta`, else that of the handshake.
fn revision(header: Option<&str>, body: &Value) -> Revision {
    let claimed = body.pointer("/params/_meta/io.modelcontextprotocol~1protocolVersion");
    let offered = body.pointer("/params/protocolVersion");
    let name = header.or(claimed.or(offered).and_then(Value::as_str));
    let known = Revision::ALL.into_iter().find(|revision| Some(revision.name()) == name);
    known.unwrap_or(Revision::March2025)
}

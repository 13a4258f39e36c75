//! Checks each message of the endpoint against the official JSON schema of the revision in which it was asked.
//!
//! [`http`](crate::http) calls it for each message of each answer, so that no story has to.

mod definition;
mod schema;

use serde_json::Value;

use crate::client::Revision;
use crate::http::Request;

/// Where messages go; what is said elsewhere is no JSON-RPC.
const ENDPOINT: &str = "/mcp";

/// Characters of a message that a failure shows.
const SHOWN: usize = 1000;

/// What is known of an answer before it comes.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    revision: Revision,
    /// Ids and methods of the requests: one, or all of a batch.
    requests: Vec<(Value, String)>,
    is_endpoint: bool,
}

impl Asked {
    /// Reads a request, which may be as malformed as it likes.
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

    /// Of a request that nobody kept: any message of the endpoint may answer it.
    pub(crate) fn unknown() -> Self {
        Self { revision: Revision::March2025, requests: Vec::new(), is_endpoint: true }
    }

    /// Checks a whole body of JSON.
    ///
    /// # Panics
    /// It is not what the schema asks for.
    pub(crate) fn check_body(&self, status: u16, body: &[u8]) {
        // Of a function that ended, the Function URL says so in words of its own.
        let is_ours = self.is_endpoint && status != 502;
        if !is_ours {
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
    /// It is not what the schema asks for.
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

/// The revision of a request: its header's, else that of `_meta`, else that of a handshake.
fn revision(header: Option<&str>, body: &Value) -> Revision {
    let claimed = body.pointer("/params/_meta/io.modelcontextprotocol~1protocolVersion");
    let offered = body.pointer("/params/protocolVersion");
    let name = header.or(claimed.or(offered).and_then(Value::as_str));
    let known = Revision::ALL.into_iter().find(|revision| Some(revision.name()) == name);
    known.unwrap_or(Revision::March2025)
}

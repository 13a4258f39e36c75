//! Sends requests that ask the user, round after round, with the user's answers.

use serde_json::{Value, json};

use crate::client::{Called, Client, Revision};
use crate::fixture;
use crate::http::{Request, Response};
use crate::server::Server;

/// A request whose answer may be questions, sent again with the user's answers.
#[derive(Clone, Debug)]
pub struct MultiRoundRequest {
    client: Client,
    method: &'static str,
    params: Value,
    token: Option<String>,
}

/// Questions, and the state to send back with the answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// `inputRequests`.
    pub requests: Value,
    /// `requestState`.
    pub state: String,
}

/// Returns the capabilities of a client that supports every kind of question.
pub fn everything() -> Value {
    json!({"elicitation": {"form": {}, "url": {}}, "sampling": {}, "roots": {}})
}

/// Returns a configuration with the fixture `scripted`, which asks what its arguments tell.
pub fn scripted() -> String {
    fixture::plugin("scripted", &fixture::component("scripted"))
}

/// Makes a form with one required text.
pub fn form(message: &str) -> Value {
    let field = json!({"name": "name", "required": true, "kind": {"text": {}}});
    json!({"form": {"message": message, "fields": [field]}})
}

/// Makes the step that asks one question.
pub fn ask(key: &str, question: &Value) -> Value {
    json!({"ask": [[key, question]]})
}

/// Makes the answer of a user who filled in the text of [`form`].
pub fn named(name: &str) -> Value {
    json!({"action": "accept", "content": {"name": name}})
}

impl MultiRoundRequest {
    /// Makes a request of a client of the newest revision that supports every kind of question.
    pub fn new(server: &Server, method: &'static str, params: Value) -> Self {
        Self { client: server.client(Revision::Modern), method, params, token: None }.capable(everything())
    }

    /// Makes a call that runs `steps` in the fixture `scripted`.
    pub fn run(server: &Server, steps: Value) -> Self {
        Self::new(server, "tools/call", json!({"name": "run", "arguments": {"steps": steps}}))
    }

    /// Declares other capabilities.
    #[must_use]
    pub fn capable(self, capabilities: Value) -> Self {
        self.meta("clientCapabilities", capabilities)
    }

    /// Sets a member of `_meta` that MCP defines.
    #[must_use]
    pub fn meta(mut self, member: &str, value: Value) -> Self {
        self.params["_meta"][format!("io.modelcontextprotocol/{member}")] = value;
        self
    }

    /// Asks for progress.
    #[must_use]
    pub fn with_progress(mut self) -> Self {
        self.params["_meta"]["progressToken"] = 1.into();
        self
    }

    /// Sends a token.
    #[must_use]
    pub fn by(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// Makes the request of the first round.
    pub fn request(&self) -> Request {
        self.authorized(self.params.clone())
    }

    /// Makes the request of a later round.
    pub fn request_with(&self, state: &str, responses: &Value) -> Request {
        let mut params = self.params.clone();
        params["requestState"] = state.into();
        params["inputResponses"] = responses.clone();
        self.authorized(params)
    }

    /// Sends the first round.
    pub fn begin(&self) -> Response {
        self.request().send(self.client.address())
    }

    /// Sends a later round.
    pub fn go_on(&self, state: &str, responses: &Value) -> Response {
        self.request_with(state, responses).send(self.client.address())
    }

    /// Sends the first round and returns its questions.
    ///
    /// # Panics
    /// Panics if the response is not questions.
    pub fn asked(&self) -> Asked {
        Asked::read(&self.begin())
    }

    /// Sends a later round and returns its questions.
    ///
    /// # Panics
    /// Panics if the response is not questions.
    pub fn asked_again(&self, state: &str, responses: &Value) -> Asked {
        Asked::read(&self.go_on(state, responses))
    }

    /// Sends the last round and returns the lines that `run` returns.
    ///
    /// # Panics
    /// Panics if the call does not end in this round.
    pub fn told(&self, state: &str, responses: &Value) -> Vec<String> {
        lines(&self.go_on(state, responses))
    }

    fn authorized(&self, params: Value) -> Request {
        let request = self.client.request(self.method, params);
        match &self.token {
            Some(token) => request.header("authorization", &format!("Bearer {token}")),
            None => request,
        }
    }
}

impl Asked {
    /// Reads an `InputRequiredResult`.
    ///
    /// # Panics
    /// Panics if the response is not one.
    pub fn read(answer: &Response) -> Self {
        let json = answer.json();
        let result = &json["result"];
        assert_eq!((answer.status, &result["resultType"]), (200, &json!("input_required")), "{json}");
        let state = result["requestState"].as_str().expect("a state").to_owned();
        Self { requests: result["inputRequests"].clone(), state }
    }

    /// Returns the keys of the questions.
    pub fn keys(&self) -> Vec<&str> {
        self.requests.as_object().expect("an object of questions").keys().map(String::as_str).collect()
    }

    /// Returns the message of the question `key`.
    pub fn message(&self, key: &str) -> &str {
        self.requests[key]["params"]["message"].as_str().expect("a question with a message")
    }
}

/// Returns the lines that `run` of the fixture `scripted` returned.
///
/// # Panics
/// Panics if the response holds no lines.
pub fn lines(answer: &Response) -> Vec<String> {
    let json = answer.json();
    let lines = json["result"]["structuredContent"]["result"].as_array();
    let lines = lines.unwrap_or_else(|| panic!("no lines: {json}"));
    lines.iter().map(|line| line.as_str().expect("a line is text").to_owned()).collect()
}

/// Returns the text of a call that failed.
///
/// # Panics
/// Panics if the call succeeded.
pub fn failure(answer: &Response) -> String {
    Called::read(&answer.json()["result"]).failure().to_owned()
}

//! A client whose user answers: the rounds of a request that asks.

use serde_json::{Value, json};

use crate::client::{Called, Client, Revision};
use crate::fixture;
use crate::http::{Answer, Request};
use crate::server::Server;

/// A request whose answer may be questions, sent again with what was answered.
#[derive(Clone, Debug)]
pub struct Interview {
    client: Client,
    method: &'static str,
    params: Value,
    token: Option<String>,
}

/// Questions, and the state to send back with their answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// `inputRequests`
    pub requests: Value,
    /// `requestState`
    pub state: String,
}

/// A client that can be asked everything.
pub fn everything() -> Value {
    json!({"elicitation": {"form": {}, "url": {}}, "sampling": {}, "roots": {}})
}

/// The lines of a configuration with the plugin that asks what it is told to.
pub fn asker() -> String {
    fixture::plugin("asker", &fixture::component("asker"))
}

/// A form with one required text.
pub fn form(message: &str) -> Value {
    let field = json!({"name": "name", "required": true, "kind": {"text": {}}});
    json!({"form": {"message": message, "fields": [field]}})
}

/// The step that asks one question.
pub fn ask(key: &str, question: &Value) -> Value {
    json!({"ask": [[key, question]]})
}

/// The answer of a user who filled in the text of [`form`].
pub fn named(name: &str) -> Value {
    json!({"action": "accept", "content": {"name": name}})
}

impl Interview {
    /// Any request of a client of the newest revision that can be asked everything.
    pub fn new(server: &Server, method: &'static str, params: Value) -> Self {
        Self { client: server.client(Revision::Modern), method, params, token: None }.capable(everything())
    }

    /// Has the fixture `asker` do `steps`.
    pub fn run(server: &Server, steps: Value) -> Self {
        Self::new(server, "tools/call", json!({"name": "run", "arguments": {"steps": steps}}))
    }

    /// Declares other capabilities.
    #[must_use]
    pub fn capable(self, capabilities: Value) -> Self {
        self.meta("clientCapabilities", capabilities)
    }

    /// Sets a member of MCP's own in `_meta`.
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

    /// Comes with a token.
    #[must_use]
    pub fn by(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// The request of the first round.
    pub fn request(&self) -> Request {
        self.authorized(self.params.clone())
    }

    /// The request of a later round.
    pub fn request_with(&self, state: &str, responses: &Value) -> Request {
        let mut params = self.params.clone();
        params["requestState"] = state.into();
        params["inputResponses"] = responses.clone();
        self.authorized(params)
    }

    /// What the first round comes to.
    pub fn begin(&self) -> Answer {
        self.request().send(self.client.address())
    }

    /// What a later round comes to.
    pub fn go_on(&self, state: &str, responses: &Value) -> Answer {
        self.request_with(state, responses).send(self.client.address())
    }

    /// The questions of the first round.
    ///
    /// # Panics
    /// There are none.
    pub fn asked(&self) -> Asked {
        Asked::read(&self.begin())
    }

    /// The questions of a later round.
    ///
    /// # Panics
    /// There are none.
    pub fn asked_again(&self, state: &str, responses: &Value) -> Asked {
        Asked::read(&self.go_on(state, responses))
    }

    /// The lines that `run` ends with in a later round.
    ///
    /// # Panics
    /// It does not end there.
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
    /// It is none.
    pub fn read(answer: &Answer) -> Self {
        let json = answer.json();
        let result = &json["result"];
        assert_eq!((answer.status, &result["resultType"]), (200, &json!("input_required")), "{json}");
        let state = result["requestState"].as_str().expect("a state").to_owned();
        Self { requests: result["inputRequests"].clone(), state }
    }

    /// The keys of the questions.
    pub fn keys(&self) -> Vec<&str> {
        self.requests.as_object().expect("an object of questions").keys().map(String::as_str).collect()
    }

    /// What the question `key` says.
    pub fn message(&self, key: &str) -> &str {
        self.requests[key]["params"]["message"].as_str().expect("a question with a message")
    }
}

/// The lines that `run` of the fixture `asker` ended with.
///
/// # Panics
/// It did not end with lines.
pub fn lines(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    let lines = json["result"]["structuredContent"]["result"].as_array();
    let lines = lines.unwrap_or_else(|| panic!("no lines: {json}"));
    lines.iter().map(|line| line.as_str().expect("a line is text").to_owned()).collect()
}

/// The text of a call that failed.
///
/// # Panics
/// It did not.
pub fn failure(answer: &Answer) -> String {
    Called::read(&answer.json()["result"]).failure().to_owned()
}

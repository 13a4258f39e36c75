//! Defines the requests to every contender, with their expected answers.

use std::net::SocketAddr;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

/// The path of the MCP endpoint.
pub const PATH: &str = "/mcp";

const REVISION: &str = "2026-07-28";
const EITHER: &str = "application/json, text/event-stream";
const EVENTS: &str = "text/event-stream";
const LINES: u32 = 700;

/// One request, the same for every contender.
pub struct Workload {
    /// The name in tables.
    pub name: &'static str,
    /// The input and the output, in words.
    pub explanation: &'static str,
    method: &'static str,
    tool: Option<&'static str>,
    accept: &'static str,
    body: String,
    expected: Answer,
}

/// The part of a response that a client uses.
#[derive(Debug, PartialEq)]
enum Answer {
    /// `structuredContent`, which the text must repeat.
    Structured(Value),
    /// One text block, nothing else.
    Text(String),
    /// A list with at least this tool.
    Tools(String),
    /// Any body of this many bytes.
    Bytes(usize),
}

/// Lists every workload of the load bench, the main one first.
#[must_use]
pub fn all() -> Vec<Workload> {
    vec![count_text(), make_slug(), sort_lines(), tools_list()]
}

fn count_text() -> Workload {
    // 119 words make half a minute, which f32 and f64 write alike.
    let text = "Crème brûlée ".repeat(59) + "end.";
    let expected = json!({
        "characters": 771, "words": 119, "lines": 1, "utf8_bytes": 948, "reading_minutes": 0.5,
    });
    let explanation = "a text of 948 bytes, returns a record of five numbers";
    call("count_text", explanation, json!({ "text": text }), Answer::Structured(expected))
}

/// Makes the smallest call: it takes a title and returns a string.
#[must_use]
pub fn make_slug() -> Workload {
    let arguments = json!({ "text": "Crème Brûlée: the chef's recipe", "max_length": 80 });
    let expected = Answer::Text("creme-brulee-the-chefs-recipe".into());
    call("make_slug", "a title, returns a string", arguments, expected)
}

/// Makes the call that every new plugin (`toolcell new`) answers, in any language.
#[must_use]
pub fn split_bill() -> Workload {
    let arguments = json!({ "total": 10_000, "guests": 3, "tip": 10 });
    let expected = Answer::Structured(json!({ "each": 3666, "rest": 2 }));
    call("split_bill", "three numbers in, a record of two out", arguments, expected)
}

fn sort_lines() -> Workload {
    let line = |number: u32| format!("item {number} of the list\n");
    // 331 and 700 share no factor, so this visits every number once.
    let shuffled: String = (0..LINES).map(|at| line(at * 331 % LINES)).collect();
    let sorted = (0..LINES).map(line).collect();
    let arguments = json!({ "text": shuffled, "options": ["natural"] });
    call("sort_lines", "14 KB of lines, returns them sorted", arguments, Answer::Text(sorted))
}

/// Lets the fixture `outbound` send the same GET several times, one after the other.
///
/// `bytes` is the length of all responses' bodies together.
#[must_use]
pub fn pull(authority: &str, path: &str, times: u32, bytes: u64) -> Workload {
    let request = json!({ "scheme": "https", "authority": authority, "path": path });
    let arguments = json!({ "request": request, "times": times });
    call("pull", "", arguments, Answer::Structured(json!({ "result": bytes })))
}

/// Asks for the list of tools.
#[must_use]
pub fn tools_list() -> Workload {
    Workload {
        name: "tools/list",
        explanation: "the list of tools (its length differs between contenders)",
        method: "tools/list",
        tool: None,
        accept: EITHER,
        body: envelope("tools/list", json!({})),
        expected: Answer::Tools("count_text".into()),
    }
}

/// Calls a tool for an answer that nobody checks, and asks for its progress and its messages.
#[must_use]
pub fn reporting_call(tool: &'static str, arguments: &Value) -> Workload {
    let meta = json!({ "progressToken": 1, "io.modelcontextprotocol/logLevel": "debug" });
    let params = json!({ "name": tool, "arguments": arguments, "_meta": meta });
    let body = envelope("tools/call", params);
    let expected = Answer::Text(String::new());
    Workload {
        name: tool,
        explanation: "",
        method: "tools/call",
        tool: Some(tool),
        accept: EITHER,
        body,
        expected,
    }
}

fn call(tool: &'static str, explanation: &'static str, arguments: Value, expected: Answer) -> Workload {
    let body = envelope("tools/call", json!({ "name": tool, "arguments": arguments }));
    Workload {
        name: tool,
        explanation,
        method: "tools/call",
        tool: Some(tool),
        accept: EITHER,
        body,
        expected,
    }
}

fn envelope(method: &str, mut params: Value) -> String {
    let meta = &mut params["_meta"];
    meta["io.modelcontextprotocol/protocolVersion"] = json!(REVISION);
    meta["io.modelcontextprotocol/clientInfo"] = json!({ "name": "bench", "version": "1.0.0" });
    meta["io.modelcontextprotocol/clientCapabilities"] = json!({});
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string()
}

impl Workload {
    /// Makes the same request of a client that accepts event streams only.
    #[must_use]
    pub fn as_events(self) -> Self {
        Workload { accept: EVENTS, ..self }
    }

    /// Makes the same request of a server that answers any `bytes`.
    #[must_use]
    pub fn answered_with(self, bytes: usize) -> Self {
        Workload { expected: Answer::Bytes(bytes), ..self }
    }

    /// Returns the headers that MCP requires, with lower-case names.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, &'static str)> {
        let mut headers = vec![
            ("content-type", "application/json"),
            ("accept", self.accept),
            ("mcp-protocol-version", REVISION),
            ("mcp-method", self.method),
        ];
        headers.extend(self.tool.map(|tool| ("mcp-name", tool)));
        headers
    }

    /// Returns the JSON-RPC request.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Returns the HTTP request as bytes, for the server at `address`.
    #[must_use]
    pub fn request(&self, address: SocketAddr) -> Vec<u8> {
        let headers = self.headers().into_iter();
        let headers: String = headers.map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let length = self.body.len();
        format!(
            "POST {PATH} HTTP/1.1\r\nhost: {address}\r\n{headers}content-length: {length}\r\n\r\n{}",
            self.body
        )
        .into_bytes()
    }

    /// Compares a response's body with the expected answer.
    ///
    /// # Errors
    /// Fails on any other answer; the text tells both.
    pub fn check(&self, body: &[u8]) -> anyhow::Result<()> {
        if let Answer::Bytes(expected) = self.expected {
            ensure!(body.len() == expected, "expected {expected} bytes, found {}", body.len());
            return Ok(());
        }
        let body = if self.accept == EVENTS { only_event(body)? } else { body };
        let response: Value = serde_json::from_slice(body).context("a body that is not JSON")?;
        let found = Answer::read(&self.expected, &response["result"])
            .with_context(|| format!("no answer to {}: {response}", self.name))?;
        let expected = &self.expected;
        ensure!(found == *expected, "wrong answer to {}: expected {expected:?}, found {found:?}", self.name);
        Ok(())
    }
}

/// Returns the data of an event stream with one event.
fn only_event(stream: &[u8]) -> anyhow::Result<&[u8]> {
    let text = std::str::from_utf8(stream).context("an event stream that is not text")?;
    let mut data = text.lines().filter_map(|line| line.strip_prefix("data:"));
    let event = data.next().with_context(|| format!("no event in {text}"))?;
    ensure!(data.next().is_none(), "more than one event in {text}");
    Ok(event.as_bytes())
}

impl Answer {
    /// Reads a result of the same kind as `kind`; returns `None` for an error or another form.
    fn read(kind: &Answer, result: &Value) -> Option<Answer> {
        if result["isError"] == true {
            return None;
        }
        let text = result["content"][0]["text"].as_str();
        match kind {
            Answer::Structured(_) => {
                let repeated: Value = serde_json::from_str(text?).ok()?;
                let structured = result["structuredContent"].clone();
                (repeated == structured).then_some(Answer::Structured(structured))
            }
            Answer::Text(_) => {
                let alone = result.get("structuredContent").is_none_or(Value::is_null);
                alone.then(|| Answer::Text(text.unwrap_or_default().into()))
            }
            Answer::Bytes(_) => None,
            Answer::Tools(known) => {
                let tools = result["tools"].as_array()?.iter();
                let names = tools.filter_map(|tool| tool["name"].as_str());
                names.filter(|name| name == known).map(|name| Answer::Tools(name.into())).next()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{all, count_text, make_slug};
    use serde_json::json;

    #[test]
    fn a_right_answer_passes_and_a_wrong_one_does_not() {
        let answer = |text: &str| {
            json!({ "result": { "content": [{ "type": "text", "text": text }] } }).to_string().into_bytes()
        };
        assert!(make_slug().check(&answer("creme-brulee-the-chefs-recipe")).is_ok());
        assert!(make_slug().check(&answer("creme")).is_err());
    }

    #[test]
    fn a_record_must_be_repeated_as_text() {
        let record = json!({
            "characters": 771, "words": 119, "lines": 1, "utf8_bytes": 948, "reading_minutes": 0.5,
        });
        let result = |text: &str| {
            let content = json!([{ "type": "text", "text": text }]);
            json!({ "result": { "structuredContent": record, "content": content } }).to_string().into_bytes()
        };
        assert!(count_text().check(&result(&record.to_string())).is_ok());
        assert!(count_text().check(&result("{}")).is_err());
    }

    #[test]
    fn a_request_announces_the_length_of_its_body() {
        for workload in all() {
            let request = String::from_utf8(workload.request("127.0.0.1:80".parse().unwrap())).unwrap();
            let (head, body) = request.split_once("\r\n\r\n").unwrap();
            assert!(head.ends_with(&format!("content-length: {}", body.len())), "{head}");
        }
    }

    #[test]
    fn an_event_stream_holds_the_answer_and_nothing_else() {
        let event =
            r#"data: {"result":{"content":[{"type":"text","text":"creme-brulee-the-chefs-recipe"}]}}"#;
        let workload = make_slug().as_events();
        assert!(workload.check(format!("event: message\n{event}\n\n").as_bytes()).is_ok());
        assert!(workload.check(format!("{event}\n\n{event}\n\n").as_bytes()).is_err());
        assert!(workload.check(b"").is_err());
    }
}

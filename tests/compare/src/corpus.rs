//! Reads the requests: lines of JSON in `corpus/`, each a [`Case`].
//!
//! A line holds only what is special about its request. The rest is filled in as a client of the era would do it: the
//! usual headers, those that repeat the body, and the members that every `_meta` of the modern era holds.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::shape;

/// The steps at which a request of each era can end; 19 is the last, where the request runs.
const MODERN_STEPS: [u8; 17] = [1, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19];
const LEGACY_STEPS: [u8; 12] = [1, 3, 4, 5, 6, 7, 8, 9, 13, 15, 16, 19];

/// The methods of the two eras; any other counts as unknown.
const METHODS: [&str; 15] = [
    "server/discover",
    "initialize",
    "ping",
    "logging/setLevel",
    "tools/list",
    "tools/call",
    "resources/list",
    "resources/templates/list",
    "resources/read",
    "resources/subscribe",
    "resources/unsubscribe",
    "prompts/list",
    "prompts/get",
    "completion/complete",
    "subscriptions/listen",
];

const LEAST_PER_STEP: usize = 10;
const LEAST_PER_METHOD: usize = 5;

/// The era of the client that sends a request.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Era {
    /// 2026-07-28.
    Modern,
    /// 2025-11-25, unless a header says otherwise.
    Legacy,
}

/// A request.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// The name in the list of differences.
    pub(crate) id: String,
    /// The era of the client.
    pub(crate) era: Era,
    /// The step that should decide the request.
    pub(crate) step: u8,
    /// Method and path; `POST /mcp` if absent.
    start: Option<String>,
    /// Headers in place of the usual ones: one value, several, or `null` to leave one out.
    #[serde(default)]
    headers: BTreeMap<String, Value>,
    /// The body as JSON.
    json: Option<Value>,
    /// The body as text.
    text: Option<String>,
    /// The body as bytes.
    bytes: Option<Vec<u8>>,
    /// Leaves `_meta` as it is written.
    #[serde(default)]
    bare: bool,
    /// The number of bytes that replace `FILL` in the body.
    fill: Option<usize>,
}

/// The text in a `requestState` that the state of the round before replaces.
const STATE: &str = "STATE";

/// Reads every line of `corpus/`.
///
/// # Errors
/// Fails if a file cannot be read, or a line is not a case.
pub(crate) fn read(directory: &Path) -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for name in ["modern.jsonl", "legacy.jsonl"] {
        let text = fs::read_to_string(directory.join(name)).with_context(|| name.to_owned())?;
        for (index, line) in text.lines().enumerate() {
            let case = serde_json::from_str(line).with_context(|| format!("{name}:{}", index + 1))?;
            cases.push(case);
        }
    }
    Ok(cases)
}

/// Lists the faults of the corpus: too few requests for a step or a method, or two that differ in values alone.
pub(crate) fn problems(cases: &[Case]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut require = |what: String, found: usize, least: usize| {
        if found < least {
            problems.push(format!("{what}: {found} requests, expected at least {least}"));
        }
    };
    let steps = MODERN_STEPS.map(|step| (Era::Modern, step)).into_iter();
    for (era, step) in steps.chain(LEGACY_STEPS.map(|step| (Era::Legacy, step))) {
        let found = cases.iter().filter(|case| (case.era, case.step) == (era, step)).count();
        require(format!("{era:?} step {step}"), found, LEAST_PER_STEP);
    }
    let count = |wanted: &dyn Fn(&str) -> bool| cases.iter().filter(|case| wanted(case.method())).count();
    for method in METHODS {
        require(method.to_owned(), count(&|found| found == method), LEAST_PER_METHOD);
    }
    let unknown = count(&|found| !found.is_empty() && !METHODS.contains(&found));
    require("unknown methods".to_owned(), unknown, LEAST_PER_METHOD);
    problems.extend(duplicates(cases));
    problems
}

fn duplicates(cases: &[Case]) -> Vec<String> {
    let mut shapes = BTreeMap::new();
    let mut ids = BTreeSet::new();
    let mut problems = Vec::new();
    for case in cases {
        if !ids.insert(&case.id) {
            problems.push(format!("{}: two requests of this name", case.id));
        }
        if let Some(other) = shapes.insert(shape::of(case), &case.id) {
            problems.push(format!("{} and {other} differ in values alone", case.id));
        }
    }
    problems
}

impl Case {
    /// Returns method and path.
    pub(crate) fn start(&self) -> &str {
        self.start.as_deref().unwrap_or("POST /mcp")
    }

    /// Returns the bytes of the body.
    pub(crate) fn body(&self) -> Vec<u8> {
        let body = match (&self.text, &self.bytes) {
            (Some(text), _) => text.clone(),
            (_, Some(bytes)) => return bytes.clone(),
            _ => self.message().map(|message| message.to_string()).unwrap_or_default(),
        };
        match self.fill {
            Some(length) => body.replace("FILL", &"A".repeat(length)).into(),
            None => body.into(),
        }
    }

    /// Returns the body as JSON, if it is written as JSON.
    pub(crate) fn message(&self) -> Option<Value> {
        let mut message = self.json.clone()?;
        if self.era == Era::Modern && !self.bare && message.get("id").is_some() {
            let params = message.as_object_mut()?.entry("params").or_insert(json!({}));
            if let Some(params) = params.as_object_mut() {
                let usual = json!({
                    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                    "io.modelcontextprotocol/clientCapabilities": {}
                });
                fill(params.entry("_meta").or_insert(json!({})), usual);
            }
        }
        Some(message)
    }

    /// Returns the method of the message; empty without one.
    pub(crate) fn method(&self) -> &str {
        self.json.as_ref().and_then(|message| message["method"].as_str()).unwrap_or_default()
    }

    /// Reports whether `_meta` names the era's revision, or none.
    pub(crate) fn claims_usual(&self) -> bool {
        let message = self.json.as_ref().unwrap_or(&Value::Null);
        let claim = message.pointer("/params/_meta/io.modelcontextprotocol~1protocolVersion");
        claim.and_then(Value::as_str).is_none_or(|claim| ["2026-07-28", "2025-11-25"].contains(&claim))
    }

    /// Returns the request of the round before, if the body needs a state that the server has to issue first.
    pub(crate) fn first_round(&self) -> Option<Case> {
        self.state()?.contains(STATE).then_some(())?;
        let mut first = self.clone();
        let params = first.json.as_mut()?.get_mut("params")?.as_object_mut()?;
        params.retain(|name, _| !["requestState", "inputResponses"].contains(&name.as_str()));
        Some(first)
    }

    /// Returns the same request with the state that the server issued.
    pub(crate) fn with_state(&self, given: &str) -> Case {
        let state = self.state().map(|state| state.replace(STATE, given));
        let mut case = self.clone();
        if let Some(place) =
            case.json.as_mut().and_then(|message| message.pointer_mut("/params/requestState"))
        {
            *place = json!(state);
        }
        case
    }

    fn state(&self) -> Option<&str> {
        self.json.as_ref()?.pointer("/params/requestState")?.as_str()
    }

    /// Reports whether the body is larger than written.
    pub(crate) fn is_padded(&self) -> bool {
        self.fill.is_some()
    }

    /// Returns the headers that are not the usual ones.
    pub(crate) fn special_headers(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Returns all headers in the order in which they are sent.
    pub(crate) fn headers(&self, host: &str) -> Vec<(String, String)> {
        let mut headers = self.usual_headers(host);
        for (name, value) in &self.headers {
            headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
            let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            let values = values.iter().filter_map(Value::as_str);
            headers.extend(values.map(|value| (name.clone(), value.replace("HOST", host))));
        }
        headers
    }

    fn usual_headers(&self, host: &str) -> Vec<(String, String)> {
        let mut headers = vec![
            ("host", host.to_owned()),
            ("content-type", "application/json".to_owned()),
            ("accept", "application/json, text/event-stream".to_owned()),
        ];
        let message = self.message().unwrap_or_default();
        let text = |pointer: &str| message.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        match self.era {
            Era::Legacy if self.method() == "initialize" => {}
            Era::Legacy => headers.push(("mcp-protocol-version", "2025-11-25".to_owned())),
            Era::Modern => {
                let version = text("/params/_meta/io.modelcontextprotocol~1protocolVersion");
                headers.push(("mcp-protocol-version", version.unwrap_or_else(|| "2026-07-28".to_owned())));
                headers.extend(text("/method").map(|method| ("mcp-method", method)));
                let subject = text("/params/name").or_else(|| text("/params/uri"));
                headers.extend(subject.map(|subject| ("mcp-name", subject)));
            }
        }
        headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// Adds the members that are missing.
fn fill(object: &mut Value, usual: Value) {
    let (Some(object), Value::Object(usual)) = (object.as_object_mut(), usual) else { return };
    for (name, value) in usual {
        object.entry(name).or_insert(value);
    }
}

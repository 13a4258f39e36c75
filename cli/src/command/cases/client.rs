//! A client of the newest revision, whose user gives the answers that a case holds.
//!
//! Requests go to the service as those of any client do, so what comes back is what a client sees.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Request};
use http_body_util::{BodyExt as _, Full};
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;
use toolcell_host::catalog::Catalog;
use toolcell_host::protocol::Revision;
use toolcell_host::service::{Context, MCP_PATH, Service};

use super::answer::Question;
use super::case::{Case, Response};
use super::json::{Members, written};
use super::principal::TOKEN;
use crate::ui::problem::{Problem, Result};

/// The request id that plugins see, the same in every run.
const REQUEST_ID: &str = "toolcell-test";

/// Members of a result that describe the server, not the plugin.
const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";

/// The result of one case.
pub(super) struct CaseResult {
    /// The end of the case.
    pub(super) ended: CaseEnd,
    /// Keys of the answers that were asked for.
    pub(super) used: BTreeSet<String>,
}

/// Lists the ways in which a case ends.
pub(super) enum CaseEnd {
    /// With what a client is given.
    Answered(Response),
    /// With an answer that does not fit its question; says where, and what was expected.
    Unfit(String),
    /// With questions that the case has no answer to.
    Asks(Vec<Question>),
}

/// A response, or what has to be known before there is one.
enum Round {
    Last(Response),
    Asks(Vec<Question>, Box<RawValue>),
}

#[derive(Serialize)]
struct Message<'a> {
    jsonrpc: &'static str,
    id: u32,
    method: &'a str,
    params: BTreeMap<&'a str, &'a RawValue>,
}

#[derive(Deserialize)]
struct Reply {
    result: Option<Box<RawValue>>,
    error: Option<Box<RawValue>>,
}

/// Plays a case to its end, through all rounds of questions.
///
/// # Errors
/// The service answers with something that is not JSON-RPC.
pub(super) async fn run(service: &Service, catalog: &Catalog, case: &Case) -> Result<CaseResult> {
    let mut used = BTreeSet::new();
    let mut later: BTreeMap<&str, Box<RawValue>> = BTreeMap::new();
    loop {
        let body = send(service, catalog, case, &later).await?;
        let (questions, state) = match read(&body)? {
            Round::Asks(questions, state) => (questions, state),
            Round::Last(response) => return Ok(CaseResult { ended: ended(response, &later), used }),
        };
        used.extend(questions.iter().map(|question| question.key.clone()));
        let (answered, missing): (Vec<_>, Vec<_>) =
            questions.into_iter().partition(|question| case.answers.contains_key(&question.key));
        if !missing.is_empty() {
            return Ok(CaseResult { ended: CaseEnd::Asks(missing), used });
        }
        let answers: BTreeMap<&str, &RawValue> =
            answered.iter().map(|question| (question.key.as_str(), &*case.answers[&question.key])).collect();
        later.insert("inputResponses", written(&answers));
        later.insert("requestState", state);
    }
}

/// An answer that does not fit is the case's mistake, and no result.
fn ended(response: Response, later: &BTreeMap<&str, Box<RawValue>>) -> CaseEnd {
    const PATH: &str = "params.inputResponses";
    if let Response::Error(error) = &response
        && !later.is_empty()
    {
        let error: serde_json::Value = serde_json::from_str(error.get()).unwrap_or_default();
        if let Some(message) = error["message"].as_str().filter(|message| message.contains(PATH)) {
            return CaseEnd::Unfit(message.replace(PATH, "answers"));
        }
    }
    CaseEnd::Answered(response)
}

async fn send(
    service: &Service,
    catalog: &Catalog,
    case: &Case,
    later: &BTreeMap<&str, Box<RawValue>>,
) -> Result<Bytes> {
    let meta = meta(case);
    let own = case.request.params.iter().map(|(name, value)| (name.as_str(), &**value));
    let mut params: BTreeMap<&str, &RawValue> = own.collect();
    params.extend(later.iter().map(|(name, value)| (*name, &**value)));
    params.insert("_meta", &meta);
    let message = Message { jsonrpc: "2.0", id: 1, method: &case.request.method, params };
    let body = serde_json::to_vec(&message).expect("a request is JSON");
    let mut request =
        Request::post(MCP_PATH).body(Full::new(Bytes::from(body))).map_err(|error| odd(&error))?;
    for (name, value) in headers(catalog, case) {
        let name = http::HeaderName::try_from(name).map_err(|error| odd(&error))?;
        request.headers_mut().insert(name, HeaderValue::try_from(value).map_err(|error| odd(&error))?);
    }
    request.extensions_mut().insert(Context {
        request_id: Some(REQUEST_ID.to_owned()),
        replay: Some(case.replay),
        ..Context::default()
    });
    let response = service.handle(request).await;
    let Ok(body) = response.into_body().collect().await;
    Ok(body.to_bytes())
}

/// Returns the `_meta` of a modern client's request.
fn meta(case: &Case) -> Box<RawValue> {
    let everything = || json!({ "elicitation": { "form": {}, "url": {} }, "sampling": {}, "roots": {} });
    let declared = case.capabilities.as_ref().and_then(|raw| serde_json::from_str(raw.get()).ok());
    written(&json!({
        "io.modelcontextprotocol/protocolVersion": Revision::MODERN.name(),
        "io.modelcontextprotocol/clientInfo": { "name": "toolcell-test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": declared.unwrap_or_else(everything),
    }))
}

/// Sets the headers that intermediaries read and the server compares with the body.
fn headers(catalog: &Catalog, case: &Case) -> Vec<(String, String)> {
    let plain = [
        ("host", "localhost"),
        ("content-type", "application/json"),
        ("accept", "application/json, text/event-stream"),
        ("mcp-protocol-version", Revision::MODERN.name()),
        ("mcp-method", &case.request.method),
    ];
    let mut headers: Vec<_> = plain.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    headers.extend(case.principal.as_ref().map(|_| ("authorization".to_owned(), format!("Bearer {TOKEN}"))));
    let params = &case.request.params;
    let subject = ["name", "uri"].into_iter().find_map(|name| text(params.get(name)?));
    headers.extend(subject.as_deref().map(|subject| ("mcp-name".to_owned(), header(subject))));
    let tool = catalog.tools.iter().find(|tool| Some(&*tool.name) == subject.as_deref());
    let arguments = params.get("arguments").and_then(|arguments| Members::of(arguments.get()).ok());
    let (Some(tool), Some(arguments)) = (tool, arguments) else { return headers };
    for param in &tool.function.params {
        let Some(name) = &param.header else { continue };
        let value = arguments.get(&param.name).and_then(mirrored);
        headers.extend(value.map(|value| (format!("mcp-param-{name}"), header(&value))));
    }
    headers
}

/// An argument as a header repeats it: texts, numbers and booleans alone.
fn mirrored(argument: &RawValue) -> Option<String> {
    match argument.get().as_bytes().first()? {
        b'"' => serde_json::from_str(argument.get()).ok(),
        b'n' | b'[' | b'{' => None,
        _ => Some(argument.get().to_owned()),
    }
}

fn text(value: &RawValue) -> Option<String> {
    serde_json::from_str(value.get()).ok()
}

/// A text as the value of a header: encoded where it cannot stand there as it is.
fn header(text: &str) -> String {
    let visible = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    match visible && text.trim() == text && !text.starts_with("=?base64?") {
        true => text.to_owned(),
        false => format!("=?base64?{}?=", STANDARD.encode(text)),
    }
}

fn read(body: &[u8]) -> Result<Round> {
    let reply: Reply = serde_json::from_slice(body).map_err(|error| odd(&error))?;
    let result = match (reply.result, reply.error) {
        (Some(result), _) => result,
        (None, Some(error)) => return Ok(Round::Last(Response::Error(error))),
        (None, None) => return Err(odd(&String::from_utf8_lossy(body))),
    };
    let members = Members::of(result.get()).map_err(|error| odd(&error))?;
    let asks = members.get("resultType").is_some_and(|kind| kind.get() == "\"input_required\"");
    match (members.get("inputRequests"), members.get("requestState")) {
        (Some(requests), Some(state)) if asks => {
            Ok(Round::Asks(Question::read_all(requests).map_err(|error| odd(&error))?, state.to_owned()))
        }
        _ => Ok(Round::Last(Response::Result(own(&members)))),
    }
}

/// A result without what every result has.
pub(super) fn own(result: &Members<'_>) -> Box<RawValue> {
    let meta = result.get("_meta").and_then(|meta| Members::of(meta.get()).ok());
    let mut meta = meta.unwrap_or_default();
    meta.0.retain(|(name, _)| name != SERVER_INFO);
    let meta = written(&meta);
    let mut own = Members(Vec::new());
    for (name, value) in &result.0 {
        match name.as_str() {
            "resultType" => {}
            "_meta" if meta.get() == "{}" => {}
            "_meta" => own.0.push((name.clone(), &meta)),
            _ => own.0.push((name.clone(), value)),
        }
    }
    written(&own)
}

fn odd(error: &(impl ToString + ?Sized)) -> Problem {
    Problem::internal("toolcell test", "cannot reach its server").found(error.to_string())
}

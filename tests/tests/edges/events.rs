//! Events as AWS documents them, each in a file of `events/` with the page that it is made from.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};
use toolcell_lambda_emulator::{Invoked, Lambda};
use toolcell_tests::Bundle;
use toolcell_tests::fixture::{self, root};
use toolcell_tests::server::deployed;

/// The longest wait for a log line.
const PATIENCE: Duration = Duration::from_secs(20);

/// The line of the log for each refused event.
const REFUSED: &str = "an event was refused";

/// Stands between the prelude of a streamed response and its body.
const DELIMITER: &[u8] = &[0; 8];

/// A file of `events/`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// The page of AWS that has such an event.
    source: String,
    /// `TOOLCELL_EDGES` of the function that gets it.
    edges: String,
    client_context: Option<Value>,
    expect: Expected,
    event: Option<Value>,
    /// In place of `event`, where it is no JSON or says something twice.
    raw: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    /// The status of the HTTP response.
    status: Option<u16>,
    /// A part of its body.
    body: Option<String>,
    /// A part of the answer to an invocation without HTTP.
    raw_answer: Option<String>,
    /// A part of the log line about a refused event; its sender gets an error.
    refused: Option<String>,
}

impl Case {
    fn event(&self) -> String {
        self.raw.clone().unwrap_or_else(|| self.event.as_ref().map(Value::to_string).unwrap_or_default())
    }

    fn send(&self, lambda: &Lambda) -> Invoked {
        let context = self.client_context.as_ref().map(Value::to_string);
        lambda.invoke(self.event(), context.as_deref())
    }
}

fn cases() -> BTreeMap<String, Case> {
    let files = fs::read_dir(root().join("tests/tests/edges/events")).unwrap();
    let case = |path: std::path::PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        (name, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
    };
    files.map(|file| case(file.unwrap().path())).collect()
}

fn function(bundle: &Bundle, edges: &str) -> Lambda {
    let function = deployed(bundle).env("TOOLCELL_EDGES", edges);
    function.start().expect("the function can be deployed")
}

fn text() -> Bundle {
    Bundle::build(&fixture::plugin("text", &fixture::sample("text")))
}

/// Returns the lines of the log about refused events, once there are so many.
fn refusals(lambda: &Lambda, expected: usize) -> Vec<String> {
    let end = Instant::now() + PATIENCE;
    loop {
        let lines = lambda.logs().lines().into_iter().map(|line| line.text);
        let lines: Vec<_> = lines.filter(|line| line.contains(REFUSED)).collect();
        if lines.len() >= expected || Instant::now() > end {
            return lines;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Reads the status and body of a response, streamed or one document; `None` if it is neither.
fn response(payload: &[u8]) -> Option<(u16, String)> {
    let streamed = payload.windows(DELIMITER.len()).position(|window| window == DELIMITER);
    let head = serde_json::from_slice::<Value>(&payload[..streamed.unwrap_or(payload.len())]).ok()?;
    let status = head.get("statusCode")?.as_u64()?.try_into().ok()?;
    let body = match streamed {
        Some(end) => String::from_utf8_lossy(&payload[end + DELIMITER.len()..]).into_owned(),
        None => head["body"].as_str().unwrap_or_default().to_owned(),
    };
    Some((status, body))
}

/// Checks the answer to an event; returns whether the event was refused.
fn check(name: &str, case: &Case, answer: &Invoked) -> bool {
    if case.expect.refused.is_some() {
        let error = ("Toolcell.EventRefused", "this function does not accept such events");
        let error = Some((error.0.to_owned(), error.1.to_owned()));
        assert_eq!(*answer, Invoked::FunctionError(error), "{name}");
        return true;
    }
    let Invoked::Payload(payload) = answer else { panic!("{name}: {answer:?}") };
    if let Some(expected) = &case.expect.raw_answer {
        let text = String::from_utf8_lossy(payload);
        assert!(text.contains(expected.as_str()), "{name}: {text}");
        return false;
    }
    let (status, body) = response(payload).unwrap_or_else(|| panic!("{name}: no response: {payload:?}"));
    assert_eq!(Some(status), case.expect.status, "{name}: {body}");
    let expected = case.expect.body.as_deref().unwrap_or_default();
    assert!(body.contains(expected), "{name}: {body}");
    false
}

#[test]
fn every_documented_event_is_served_or_refused_by_name() {
    let (cases, bundle) = (cases(), text());
    assert!(cases.len() >= 40, "{}", cases.len());
    let by_edges: BTreeSet<_> = cases.values().map(|case| case.edges.clone()).collect();
    for edges in by_edges {
        let lambda = function(&bundle, &edges);
        let mut refused = Vec::new();
        for (name, case) in cases.iter().filter(|(_, case)| case.edges == edges) {
            assert!(!case.source.is_empty(), "{name}");
            if check(name, case, &case.send(&lambda)) {
                refused.push((name, case.expect.refused.clone().unwrap()));
            }
        }
        let lines = refusals(&lambda, refused.len());
        assert_eq!(lines.len(), refused.len(), "one line each: {lines:#?}");
        for ((name, expected), line) in refused.into_iter().zip(&lines) {
            assert!(line.contains(&expected) && line.contains(&edges), "{name}: {line}");
        }
    }
}

#[test]
fn an_event_of_each_form_is_refused_by_a_function_for_another_one() {
    let (cases, bundle) = (cases(), text());
    let samples = [
        ("function-url", "url-call"),
        ("http-api", "http-api-ping"),
        ("rest-api", "rest-call"),
        ("alb", "alb-multi-value-headers"),
        ("agentcore", "agentcore-call"),
        ("direct", "direct-call"),
    ];
    for configured in samples.iter().map(|(edges, _)| *edges).chain(["rest-api-stream"]) {
        let lambda = function(&bundle, configured);
        let others = samples.iter().filter(|(edges, _)| !configured.starts_with(edges));
        let mut sent = 0;
        for (edges, name) in others {
            sent += 1;
            match cases[*name].send(&lambda) {
                Invoked::FunctionError(Some((kind, _))) => assert_eq!(kind, "Toolcell.EventRefused"),
                Invoked::Payload(payload) => {
                    let (status, body) = response(&payload).expect("an HTTP response");
                    assert_eq!(status, 403, "{edges} at {configured}: {body}");
                    assert!(body.contains("this server takes no requests through this front end"), "{body}");
                }
                other => panic!("{edges} at {configured}: {other:?}"),
            }
        }
        let lines = refusals(&lambda, sent);
        assert_eq!(lines.len(), sent, "{lines:#?}");
        let named: BTreeSet<_> = lines.iter().filter_map(|line| line.split("\"found\":\"").nth(1)).collect();
        assert_eq!(named.len(), sent, "each by its name: {lines:#?}");
    }
}

#[test]
fn a_function_without_the_variable_serves_its_url_alone() {
    let (cases, bundle) = (cases(), text());
    let lambda = deployed(&bundle).start().expect("the function can be deployed");
    let status = |name: &str| match cases[name].send(&lambda) {
        Invoked::Payload(payload) => response(&payload).map(|(status, _)| status),
        _ => None,
    };
    assert_eq!(status("url-call"), Some(200));
    for (name, expected) in [
        ("http-api-ping", Some(403)),
        ("rest-ping", Some(403)),
        ("alb-ping", Some(403)),
        ("direct-ping", None),
        ("agentcore-call", None),
    ] {
        assert_eq!(status(name), expected, "{name}");
    }
}

#[test]
fn a_wrong_list_of_edges_ends_the_start_and_the_log_lists_the_names() {
    let bundle = text();
    for (variable, value) in [("TOOLCELL_EDGES", "function-url,lattice"), ("TOOLCELL_INVOKER", "me")] {
        let lambda = deployed(&bundle).env(variable, value).start().expect("the function can be deployed");
        assert!(matches!(lambda.invoke("{}", None), Invoked::FunctionError(_)));
        let line =
            lambda.logs().wait(PATIENCE, |line| line.text.contains(variable)).expect("the log says why");
        assert!(line.text.contains("agentcore") && line.text.contains(value), "{line:?}");
    }
}

#[test]
fn an_invocation_without_a_front_end_is_of_whom_the_deployer_names() {
    let bundle = Bundle::build(&format!(
        "[auth.iam.principals.gateway]\narn = \"arn:aws:iam::123456789012:role/Gateway\"\nscopes = [\"write\"]\n\
         {}[plugins.text.tools]\nmake_slug.required-scopes = [\"write\"]\n",
        fixture::plugin("text", &fixture::sample("text"))
    ));
    let (cases, answer) = (cases(), |lambda: &Lambda, case: &Case| match case.send(lambda) {
        Invoked::Payload(payload) => String::from_utf8_lossy(&payload).into_owned(),
        other => panic!("{other:?}"),
    });
    for (name, refusal) in [("agentcore-call", "isError"), ("direct-call", "\"error\"")] {
        let case = &cases[name];
        let of = |invoker: Option<&str>| {
            let function = deployed(&bundle).env("TOOLCELL_ALLOW_ANONYMOUS", "false");
            let function = function.env("TOOLCELL_AUTH_TYPE", "AWS_IAM").env("TOOLCELL_EDGES", &*case.edges);
            let function = match invoker {
                Some(arn) => function.env("TOOLCELL_INVOKER", arn),
                None => function,
            };
            answer(&function.start().expect("the function can be deployed"), case)
        };
        assert!(of(Some("arn:aws:iam::123456789012:role/Gateway")).contains("a-b"), "{name}");
        for other in [None, Some("arn:aws:iam::123456789012:role/Other")] {
            let refused = of(other);
            assert!(refused.contains(refusal) && !refused.contains("a-b"), "{name}: {refused}");
        }
    }
}

#[test]
fn a_message_needs_none_of_the_headers_that_would_repeat_its_arguments() {
    let bundle = Bundle::build(&fixture::plugin("conformance", &root().join("tests/conformance")));
    let lambda = function(&bundle, "direct");
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {}
    });
    let params = json!({"name": "test_custom_header", "arguments": {"value": "x"}, "_meta": meta});
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
    let Invoked::Payload(payload) = lambda.invoke(message.to_string(), None) else { panic!("a response") };
    let response: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(response["result"]["content"][0]["text"], "x", "{response}");
}

#[test]
fn a_perfect_imitation_of_a_public_url_gets_no_more_than_the_url_gives() {
    let bundle = text();
    let lambda = deployed(&bundle).env("TOOLCELL_ALLOW_ANONYMOUS", "false");
    let lambda = lambda.start().expect("the function can be deployed");
    let mut case = cases().remove("url-signed").unwrap();
    case.event.as_mut().unwrap()["headers"]["x-amzn-iam-user-arn"] =
        json!("arn:aws:iam::123456789012:role/Admin");
    let Invoked::Payload(payload) = case.send(&lambda) else { panic!("a response") };
    assert_eq!(response(&payload).unwrap().0, 401);
}

#[test]
fn a_page_at_a_mapped_domain_names_the_address_below_the_path_that_no_event_tells() {
    let plugin = fixture::plugin("text", &fixture::sample("text"));
    let bundle = Bundle::build(&format!("[http]\npath = \"/tools\"\n{plugin}"));
    let lambda = function(&bundle, "http-api");
    let mut case = cases().remove("http-api-custom-domain").unwrap();
    let event = case.event.as_mut().unwrap();
    event["rawPath"] = "/".into();
    event["headers"]["accept"] = "text/html".into();
    event["requestContext"]["http"] = json!({"method": "GET", "path": "/", "sourceIp": "192.0.2.1"});
    let mut page = |domain: &str| {
        case.event.as_mut().unwrap()["requestContext"]["domainName"] = domain.into();
        let Invoked::Payload(payload) = case.send(&lambda) else { panic!("a response") };
        response(&payload).unwrap()
    };
    let (status, mapped) = page("mcp.example.com");
    assert_eq!(status, 200, "{mapped}");
    assert!(mapped.contains("https://mcp.example.com/tools/mcp</code>"), "{mapped}");
    // The domain that AWS gave the API maps to no path.
    let (_, own) = page("api1.execute-api.eu-west-1.amazonaws.com");
    assert!(own.contains("https://api1.execute-api.eu-west-1.amazonaws.com/mcp/mcp</code>"), "{own}");
}

//! The server as a Lambda function: the differences to the local edge, and what must stay the same.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use toolcell_host::digest::Digest;
use toolcell_lambda_emulator::{Bodies, Function, Identity, Lambda, Line, Source};
use toolcell_tests::http::{Request, Response};
use toolcell_tests::server::{deployed, logged};
use toolcell_tests::{Bundle, Called, Client, Revision, fixture};

/// The longest wait for a log line.
const PATIENCE: Duration = Duration::from_secs(60);

/// A text that no log may show.
const CANARY: &str = "canary-of-an-argument";

fn text() -> Bundle {
    Bundle::build(&fixture::plugin("text", &fixture::sample("text")))
}

fn hostile() -> Bundle {
    let plugin = fixture::plugin("hostile", &fixture::component("hostile"));
    Bundle::build(&format!("{plugin}[plugins.hostile.limits]\ndeadline = \"15 min\"\n"))
}

fn start(function: Function) -> Lambda {
    function.start().expect("the function can be deployed")
}

fn client(lambda: &Lambda) -> Client {
    Client::new(lambda.address(), Revision::Modern)
}

fn slug(client: &Client, text: &str) -> Option<String> {
    client.call("make_slug", &json!({ "text": text })).text
}

/// Returns the process of the only environment, which was started once.
fn only_process(lambda: &Lambda) -> u32 {
    let environments = lambda.environments();
    let [environment] = environments.as_slice() else { panic!("one environment: {environments:?}") };
    assert_eq!(environment.starts, 1, "it stayed warm");
    environment.pid.expect("its process lives")
}

/// Returns the function's own log lines that are JSON with `key`; those of metrics have `_aws`.
fn json_lines(lambda: &Lambda, key: &str) -> Vec<Value> {
    let lines = lambda.logs().lines();
    let own = lines.iter().filter(|line| matches!(line.source, Source::Stdout | Source::Stderr));
    own.filter_map(|line: &Line| serde_json::from_str::<Value>(&line.text).ok())
        .filter(|line| line.get(key).is_some() && (key == "_aws" || line.get("_aws").is_none()))
        .collect()
}

/// Returns the same, once there are so many: they may come after the responses.
fn awaited_lines(lambda: &Lambda, key: &str, count: usize) -> Vec<Value> {
    let end = Instant::now() + PATIENCE;
    loop {
        let lines = json_lines(lambda, key);
        if lines.len() >= count {
            return lines;
        }
        assert!(Instant::now() < end, "{count} lines with {key}: {:#?}", lambda.logs().lines());
        thread::sleep(Duration::from_millis(5));
    }
}

fn post(lambda: &Lambda, request: &Request) -> Response {
    request.send(lambda.address())
}

#[test]
fn whatever_ends_a_call_its_client_is_answered_and_the_environment_stays_warm() {
    let bundle = hostile();
    let lambda = start(deployed(&bundle).timeout(Duration::from_secs(3)));
    let client = client(&lambda);
    let trap = client.call("panic", &json!({}));
    assert!(trap.is_error, "{trap:?}");
    let process = only_process(&lambda);
    let exit = client.call("exit", &json!({"status": 7}));
    assert!(exit.is_error, "{exit:?}");
    for place in ["calling", "handling"] {
        let request = client.call_request("behave", &json!({}));
        let answer = post(&lambda, &request.header("x-toolcell-test-panic", place));
        let status = if place == "calling" { 200 } else { 500 };
        assert_eq!(answer.refusal(), (status, -32603, "internal error".to_owned()), "{place}");
    }
    let late = client.call("spin", &json!({}));
    let text = late.failure().strip_prefix("the tool did not finish within ").expect("a deadline");
    let ended_after: u64 = text.trim_end_matches(" ms").parse().expect("milliseconds");
    assert!((2000..=2750).contains(&ended_after), "before the function's own end: {text}");
    assert_eq!(only_process(&lambda), process);
    awaited_lines(&lambda, "place", 1); // the log says where it panicked
}

#[test]
fn an_overdue_batch_is_answered_whole_within_the_time_of_the_invocation() {
    let bundle = hostile();
    let lambda = start(deployed(&bundle).timeout(Duration::from_secs(3)));
    let call = |id: u32, tool: &str| {
        let params = json!({"name": tool, "arguments": {}});
        json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params})
    };
    let batch: Vec<_> = (0..32).map(|id| call(id, if id == 0 { "behave" } else { "spin" })).collect();
    let revision = Revision::March2025.name();
    let request = Request::post(Value::from(batch).to_string()).header("mcp-protocol-version", revision);
    let answer = post(&lambda, &request);
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    let answers = answer.json();
    let answers = answers.as_array().unwrap();
    assert_eq!(answers.len(), 32, "each request has an answer");
    assert_eq!(answers[0]["result"]["content"][0]["text"], "still here");
    let late = answers[1]["result"]["content"][0]["text"].as_str().unwrap();
    assert!(late.starts_with("the tool did not finish within "), "{late}");
    for answer in &answers[2..] {
        let message = answer["error"]["message"].as_str().unwrap_or_else(|| panic!("{answer}"));
        assert_eq!(message, "no time was left for this request of the batch: send it again");
    }
    let process = only_process(&lambda);
    assert_eq!(client(&lambda).call("behave", &json!({})).text.as_deref(), Some("still here"));
    assert_eq!(only_process(&lambda), process, "the environment stays warm");
}

#[test]
fn a_list_touches_no_code_and_starts_no_thread() {
    let bundle = text();
    let lambda = start(deployed(&bundle));
    client(&lambda).ask("tools/list", json!({}));
    let process = only_process(&lambda);
    let maps = || fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let threads = || fs::read_dir(format!("/proc/{process}/task")).unwrap().count();
    assert!(!maps().contains(".cwasm"), "no code is mapped");
    assert_eq!(threads(), 1);
    assert_eq!(slug(&client(&lambda), "A b").as_deref(), Some("a-b"));
    assert!(maps().contains(".cwasm"), "a call maps its plugin's");
    assert_eq!(threads(), 2, "and starts the one that ends overdue guests");
}

#[test]
fn each_call_leaves_one_line_and_one_of_metrics_without_its_arguments() {
    let bundle = text();
    let lambda = start(deployed(&bundle));
    let client = client(&lambda);
    for _ in 0..2 {
        slug(&client, CANARY);
    }
    let ids =
        lambda.logs().lines().into_iter().filter_map(|line| {
            Some(line.text.strip_prefix("START RequestId: ")?.split(' ').next()?.to_owned())
        });
    let invocations: Vec<_> = ids.collect();
    assert_eq!(invocations.len(), 2);
    let (calls, metrics) = (awaited_lines(&lambda, "outcome", 2), awaited_lines(&lambda, "_aws", 2));
    assert_eq!((calls.len(), metrics.len()), (2, 2));
    for (at, line) in calls.iter().enumerate() {
        assert_eq!(
            (&line["gen_ai.tool.name"], &line["plugin"]),
            (&json!("make_slug"), &json!("text")),
            "{line}"
        );
        assert_eq!((&line["outcome"], &line["faas.coldstart"]), (&json!("ok"), &json!(at == 0)), "{line}");
        assert!(line["faas.invocation_id"] == json!(invocations[at]), "{line} is of {invocations:?}");
        assert!(line["trace"].as_str().is_some_and(|trace| trace.contains("Root=")), "{line}");
        assert!(line["run_us"].is_u64() && line["peak_memory_bytes"].as_u64() > Some(0), "{line}");
        assert_eq!(metrics[at]["ColdStarts"], json!(u8::from(at == 0)), "{}", metrics[at]);
    }
    assert!(lambda.logs().lines().iter().all(|line| !line.text.contains(CANARY)));
}

#[test]
fn the_line_of_a_call_has_the_names_of_opentelemetry() {
    let bundle = Bundle::build(&fixture::plugin("scripted", &fixture::component("scripted")));
    let lambda = start(deployed(&bundle));
    let client = client(&lambda);
    let call = |arguments| client.send("tools/call", json!({"name": "run", "arguments": arguments}));
    assert_eq!(call(json!({"steps": ["request_id"]})).json()["result"]["isError"], Value::Null);
    assert_eq!(call(json!({"steps": 1})).json()["result"]["isError"], true);
    let prompt = json!({"name": "prompt_that_asks", "arguments": {"message": "?"}});
    assert_eq!(client.send("prompts/get", prompt).json()["error"]["code"], -32021);

    let lines = awaited_lines(&lambda, "mcp.method.name", 3);
    let names = [
        "mcp.method.name",
        "gen_ai.operation.name",
        "gen_ai.tool.name",
        "gen_ai.prompt.name",
        "error.type",
        "rpc.response.status_code",
    ];
    let said: Vec<Vec<Value>> =
        lines.iter().map(|line| names.map(|name| line[name].clone()).into()).collect();
    let called = |error: Value| {
        vec![json!("tools/call"), json!("execute_tool"), json!("run"), Value::Null, error, Value::Null]
    };
    let asked = json!("-32021");
    assert_eq!(
        said,
        [
            called(Value::Null),
            called(json!("tool_error")),
            vec![
                json!("prompts/get"),
                Value::Null,
                Value::Null,
                json!("prompt_that_asks"),
                asked.clone(),
                asked
            ],
        ]
    );
    assert!(lines.iter().all(|line| line["mcp.protocol.version"] == Revision::Modern.name()), "{lines:?}");
}

#[test]
fn metrics_are_written_unless_they_are_turned_off() {
    let bundle = text();
    let lambda = start(deployed(&bundle).env("TOOLCELL_METRICS", "off"));
    slug(&client(&lambda), "a");
    assert_eq!(awaited_lines(&lambda, "outcome", 1).len(), 1);
    assert!(json_lines(&lambda, "_aws").is_empty());
}

#[test]
fn a_body_in_base64_is_the_same_request() {
    let bundle = text();
    let lambda = start(deployed(&bundle).bodies(Bodies::Base64));
    assert_eq!(slug(&client(&lambda), "Crème brûlée").as_deref(), Some("creme-brulee"));
}

#[test]
fn a_layer_may_be_the_bundles_home() {
    let bundle = text();
    let layer = bundle.path().parent().unwrap().to_owned();
    let function = Function::new(fixture::bootstrap())
        .layer(layer)
        .env("TOOLCELL_BUNDLE", "/opt/bundle")
        .env("TOOLCELL_ALLOW_ANONYMOUS", "true");
    assert_eq!(slug(&client(&start(function)), "A b").as_deref(), Some("a-b"));
}

#[test]
fn without_a_bundle_the_log_says_what_to_do_and_the_url_says_nothing() {
    let lambda = start(Function::new(fixture::bootstrap()));
    let answer = client(&lambda).send("tools/list", json!({}));
    assert_eq!(answer.status, 502);
    let body = String::from_utf8(answer.body).unwrap();
    assert!(!body.contains("bundle"), "{body}");
    let said = lambda.logs().wait(PATIENCE, |line| line.text.contains("TOOLCELL_BUNDLE"));
    let said = said.unwrap_or_else(|| panic!("no reason in {:?}", lambda.logs().lines()));
    assert!(said.text.contains("A function has it beside `bootstrap`"), "{said:?}");
}

#[test]
fn anonymous_callers_are_refused_unless_the_deployer_allows_them() {
    let bundle = text();
    let closed = Function::new(fixture::bootstrap()).file("bundle", bundle.path());
    let lambda = start(closed);
    let answer = client(&lambda).send("tools/list", json!({}));
    assert_eq!(answer.status, 401);
    let challenge = "x-amzn-remapped-www-authenticate"; // the name that a Function URL gives it
    assert!(answer.headers.contains_key(challenge), "{:?}", answer.headers);
}

#[test]
fn a_token_is_asked_for_where_the_bundle_has_some_and_is_in_no_log() {
    const TOKEN: &str = "tct_canary-lambda-0123456789abcdefghijklmnopqrst";
    let bundle = Bundle::build(&format!(
        "[auth.bearer.principals.alice]\ntokens = [\"sha256:{}\"]\n{}",
        Digest::of(TOKEN.as_bytes()),
        fixture::plugin("text", &fixture::sample("text"))
    ));
    let lambda = start(deployed(&bundle));
    let client = client(&lambda);
    let request = client.call_request("make_slug", &json!({"text": "A b"}));
    assert_eq!(post(&lambda, &request.clone()).status, 401, "whatever else is allowed");
    let answer = post(&lambda, &request.header("authorization", &format!("Bearer {TOKEN}")));
    assert_eq!(Called::read(&answer.json()["result"]).text.as_deref(), Some("a-b"));
    logged(&lambda, |line| line.contains(r#""principal":"alice""#));
    assert!(lambda.logs().lines().iter().all(|line| !line.text.contains(TOKEN)));
}

#[test]
fn with_aws_iam_the_role_is_who_calls_and_a_header_changes_nothing() {
    let bundle = Bundle::build(&format!(
        "[auth.iam.principals.agent]\narn = \"arn:aws:iam::123456789012:role/Agent\"\nscopes = [\"write\"]\n\
         {}[plugins.text.tools]\nmake_slug.required-scopes = [\"write\"]\n",
        fixture::plugin("text", &fixture::sample("text"))
    ));
    for (arn, status) in [
        ("arn:aws:sts::123456789012:assumed-role/Agent/session", 200),
        ("arn:aws:sts::123456789012:assumed-role/Other/session", 403),
    ] {
        let function = Function::new(fixture::bootstrap()).file("bundle", bundle.path());
        let function = function.env("TOOLCELL_AUTH_TYPE", "AWS_IAM");
        let lambda = start(function.iam(Some(Identity::of_arn(arn))));
        let request = client(&lambda).call_request("make_slug", &json!({"text": "a"}));
        let request = request.header("x-amzn-iam-user-arn", "arn:aws:iam::123456789012:role/Agent");
        assert_eq!(post(&lambda, &request).status, status, "{arn}");
    }
}

#[test]
fn the_caller_in_an_event_is_ignored_if_the_url_checks_no_signature() {
    let bundle = text();
    let function = Function::new(fixture::bootstrap()).file("bundle", bundle.path());
    let arn = "arn:aws:sts::123456789012:assumed-role/Agent/session";
    let lambda = start(function.iam(Some(Identity::of_arn(arn))));
    assert_eq!(client(&lambda).send("tools/list", json!({})).status, 401);
}

#[test]
fn a_plugin_that_asks_needs_a_key_and_the_log_names_the_variables_that_give_one() {
    let bundle = Bundle::build(&fixture::plugin("shop", &fixture::component("plain")));
    bundle.edit_catalog(|catalog| catalog.plugins[0].asks = true);
    let lambda = start(deployed(&bundle).env("TOOLCELL_STATE_KEYS", ""));
    assert_eq!(client(&lambda).send("tools/list", json!({})).status, 502);
    let words = ["shop", "TOOLCELL_STATE_KEYS ", "TOOLCELL_STATE_KEYS_SECRET ", "32 characters"];
    logged(&lambda, |line| words.iter().all(|word| line.contains(word)));
    let lambda = start(deployed(&bundle));
    assert_eq!(client(&lambda).send("tools/list", json!({})).status, 200);
}

#[test]
fn an_environment_of_a_managed_instance_serves_several_at_once() {
    const AT_ONCE: usize = 4;
    let bundle = Bundle::build(&fixture::plugin("primes", &fixture::sample("primes")));
    let lambda = start(deployed(&bundle).managed(AT_ONCE));
    let client = client(&lambda);
    let calls: Vec<_> = (0..AT_ONCE)
        .map(|_| thread::spawn(move || client.call("count_primes", &json!({"limit": 300_000}))))
        .collect();
    for call in calls {
        assert_eq!(call.join().unwrap().structured.unwrap()["count"], 25_997);
    }
    only_process(&lambda);
}

#[test]
fn a_function_that_was_restored_from_a_snapshot_serves() {
    let bundle = text();
    let lambda = start(deployed(&bundle).snap_start());
    assert_eq!(slug(&client(&lambda), "A b").as_deref(), Some("a-b"));
}

#[test]
fn a_standing_stream_is_refused_at_once_and_an_empty_answer_does_not_hang() {
    let bundle = text();
    let lambda = start(deployed(&bundle));
    let client = client(&lambda);
    let get = client.request("ping", json!({})).start("GET /mcp");
    assert_eq!(post(&lambda, &get).status, 405);
    let accepted = Request::post(r#"{"jsonrpc":"2.0","method":"notifications/cancelled"}"#);
    let answer = post(&lambda, &accepted.header("mcp-protocol-version", "2025-11-25"));
    assert_eq!((answer.status, answer.body.len()), (202, 0));
}

#[test]
fn a_stream_that_the_platform_cuts_leaves_nothing_of_its_call() {
    let plugin = fixture::plugin("hostile", &fixture::component("hostile"));
    let limits = "[plugins.hostile.limits]\ndeadline = \"15 min\"\nnotifications = 100000\n";
    let bundle = Bundle::build(&format!("{plugin}{limits}"));
    let lambda = start(deployed(&bundle).stream_bytes(64 << 10));
    let client = client(&lambda);
    let arguments = json!({"times": u32::MAX});
    let flood = client.call_request_with("flood_notifications", &arguments, json!({"progressToken": 1}));
    let mut cut = flood.begin(lambda.address());
    while let Ok(Some(_)) = cut.next_piece() {}
    // The environment has room for one call: this one gets it when nothing is left of the other.
    assert_eq!(client.call("behave", &json!({})).text.as_deref(), Some("still here"));
    only_process(&lambda);
}

//! Requests of a plugin to a real server over TLS: what a rule allows arrives, and everything else is refused before a
//! connection is made.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use toolcell_cli::check;
use toolcell_cli::manifest::lint::Lint;
use toolcell_tests::upstream::Seen;
use toolcell_tests::{Called, Client, Revision, Server, Upstream, fixture, log};

/// The longest wait for anything; a test that reaches it fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// Limits that are longer than a test waits, so that time ends nothing.
const LONG: &str =
    "time = \"5 min\"\n[plugins.outbound.limits]\ndeadline = \"15 min\"\n[http]\nheartbeat = \"1 s\"";

/// A server of the plugin, and the server that it may reach.
struct Bench {
    upstream: Upstream,
    server: Server,
}

impl Bench {
    /// Serves the plugin with one rule for the upstream server, with more lines.
    fn new(rule: &str) -> Self {
        let upstream = Upstream::start();
        let (plugin, port) = (fixture::plugin("outbound", &fixture::component("outbound")), upstream.port());
        let rule = format!("[[plugins.outbound.grants.http]]\nhost = \"localhost\"\nport = {port}\n{rule}\n");
        let config = format!("{plugin}{rule}{}", upstream.network());
        let server = Server::start_with_loopback(&config, &[port]);
        Self { upstream, server }
    }

    fn client(&self) -> Client {
        self.server.client(Revision::Modern)
    }

    /// Makes the description of a request to the upstream server.
    fn request(&self, path: &str, more: Value) -> Value {
        let mut request = json!({"authority": self.upstream.authority(), "path": path});
        for (key, value) in more.as_object().unwrap() {
            request[key] = value.clone();
        }
        request
    }

    fn call(&self, tool: &str, request: &Value) -> Called {
        self.client().call(tool, &json!({ "request": request }))
    }

    /// Sends a request and returns its response.
    fn send(&self, path: &str, more: Value) -> Value {
        let called = self.call("send", &self.request(path, more));
        assert!(!called.is_error, "{called:?}");
        called.structured.unwrap_or_else(|| serde_json::from_str(&called.text.unwrap()).unwrap())
    }

    /// Sends a request that is refused or fails, and returns the text of the result.
    fn refused(&self, request: &Value) -> String {
        let called = self.call("send", request);
        assert!(called.is_error, "{called:?}");
        called.text.unwrap()
    }

    /// Waits until the upstream server has seen one request, and this holds for it.
    fn until(&self, what: &str, holds: impl Fn(&Seen) -> bool) {
        let start = Instant::now();
        while !matches!(&self.upstream.seen()[..], [seen] if holds(seen)) {
            assert!(
                start.elapsed() < PATIENCE,
                "not within {PATIENCE:?}: {what}: {:?}",
                self.upstream.seen()
            );
            thread::sleep(Duration::from_millis(5));
        }
    }
}

#[test]
fn a_request_that_a_rule_allows_arrives_and_its_response_comes_back() {
    let bench = Bench::new("methods = [\"GET\", \"POST\"]\npaths = [\"/a/\", \"/bytes/\"]");
    let headers =
        json!([{"name": "accept", "value": "text/plain"}, {"name": "authorization", "value": "Bearer x"}]);
    let response = bench.send("/a/b?c=%2e%2e/d;e", json!({"headers": headers}));
    assert_eq!((&response["status"], &response["text"]), (&json!(200), &json!("received 0")));
    let response = bench.send("/a/", json!({"method": "POST", "piece": 5000, "pieces": 3}));
    assert_eq!(response["text"], "received 15000");
    let seen = bench.upstream.seen();
    assert_eq!(
        (&*seen[0].method, &*seen[0].path),
        ("GET", "/a/b?c=%2e%2e/d;e"),
        "what was checked is what is sent"
    );
    let header =
        |name: &str| seen[0].headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone());
    assert_eq!(header("host"), Some(bench.upstream.authority()));
    assert_eq!(header("authorization").as_deref(), Some("Bearer x"));
    assert_eq!(seen[1].body, Some(15_000));
    assert_eq!(seen[0].connection, seen[1].connection, "a connection is kept between the calls of a plugin");
}

#[test]
fn a_get_whose_body_was_opened_and_left_empty_has_no_body() {
    let bench = Bench::new("");
    let response = bench.send("/", json!({"piece": 1, "pieces": 0}));
    assert_eq!(response["status"], 200);
    let seen = bench.upstream.seen();
    assert!(!seen[0].headers.iter().any(|(name, _)| name == "transfer-encoding"), "{seen:?}");
}

#[test]
fn bodies_are_streamed_in_both_directions() {
    let bench = Bench::new("methods = [\"POST\"]\nrequest = \"4 MiB\"\nresponse = \"4 MiB\"");
    let response = bench.send("/pieces/300", json!({"method": "POST", "piece": 65_536, "pieces": 40}));
    assert_eq!(response["bytes"], 300 << 10);
    assert_eq!(bench.upstream.seen()[0].body, Some(65_536 * 40));
}

#[test]
fn a_redirect_goes_back_to_the_plugin() {
    let bench = Bench::new("");
    for status in [301, 302, 307, 308] {
        let response = bench.send(&format!("/status/{status}"), json!({}));
        assert_eq!(response["status"], status);
        let location = json!({"name": "location", "value": "http://127.0.0.1/latest/meta-data"});
        assert!(response["headers"].as_array().unwrap().contains(&location), "{response}");
    }
    assert_eq!(bench.upstream.seen().len(), 4, "nothing was followed");
}

/// Requests that GET below `/a/` of a host does not cover, each with the plugin's error.
fn refusals(authority: &str, port: u16) -> Vec<(Value, &'static str)> {
    vec![
        (json!({"authority": authority, "path": "/b/"}), "HttpRequestDenied"),
        (json!({"authority": authority, "path": "/a"}), "HttpRequestDenied"),
        (json!({"authority": authority, "path": "/a/", "method": "POST"}), "HttpRequestDenied"),
        (json!({"authority": authority, "path": "/a/", "method": "TRACE"}), "HttpRequestDenied"),
        (json!({"authority": authority, "path": "/a/", "method": "CONNECT"}), "HttpRequestDenied"),
        (json!({"authority": authority, "path": "/a/", "scheme": "http"}), "HttpRequestDenied"),
        (json!({"authority": "localhost", "path": "/a/"}), "HttpRequestDenied"),
        (json!({"authority": format!("127.0.0.1:{port}"), "path": "/a/"}), "HttpRequestDenied"),
        (json!({"authority": format!("[::1]:{port}"), "path": "/a/"}), "HttpRequestDenied"),
        (json!({"authority": format!("127.1:{port}"), "path": "/a/"}), "HttpRequestDenied"),
        (json!({"authority": format!("localhost.:{port}"), "path": "/a/"}), "HttpRequestDenied"),
        (json!({"authority": format!("user@localhost:{port}"), "path": "/a/"}), "HttpRequestDenied"),
        (json!({"authority": "169.254.169.254", "path": "/a/"}), "HttpRequestDenied"),
        (json!({"authority": authority, "path": "/a/../b"}), "HttpRequestUriInvalid"),
        (json!({"authority": authority, "path": "/a/%2e%2e/b"}), "HttpRequestUriInvalid"),
        (json!({"authority": authority, "path": "/a//b"}), "HttpRequestUriInvalid"),
        (json!({"authority": authority, "path": "/a/;b"}), "HttpRequestUriInvalid"),
        (
            json!({"authority": authority, "path": "/a/", "headers": [{"name": "x-forwarded-for", "value": "1"}]}),
            "HttpRequestDenied",
        ),
        (
            json!({"authority": authority, "path": "/a/", "headers": [{"name": "x_http_method_override", "value": "1"}]}),
            "HttpRequestDenied",
        ),
        (
            json!({"authority": authority, "path": "/a/", "headers": [{"name": "host", "value": "evil"}]}),
            "HeaderError::Forbidden",
        ),
        (
            json!({"authority": authority, "path": "/a/", "headers": [{"name": "te", "value": "trailers"}]}),
            "HeaderError::Forbidden",
        ),
        (
            json!({"authority": authority, "path": "/a/", "headers": [{"name": "proxy-authorization", "value": "x"}]}),
            "HeaderError::Forbidden",
        ),
    ]
}

#[test]
fn whatever_no_rule_allows_is_refused_before_a_connection() {
    log::capture();
    let bench = Bench::new("methods = [\"GET\"]\npaths = [\"/a/\"]");
    for (request, expected) in &refusals(&bench.upstream.authority(), bench.upstream.port()) {
        let found = bench.refused(request);
        assert!(found.contains(expected), "{request}: {found}");
        let told = *expected == "HeaderError::Forbidden" || found.contains("access was denied: wasi:http");
        assert!(told, "{request}: {found}");
        assert!(!found.contains("grants.http"), "a client learns nothing of the configuration: {found}");
    }
    assert!(bench.upstream.seen().is_empty(), "{:?}", bench.upstream.seen());
    let lines = log::lines("access denied");
    let about = |text: &str| lines.iter().find(|line| line["missing_grant"].as_str().unwrap().contains(text));
    let post =
        about("\"POST\" in `methods` of the rule for https://localhost:").expect("a line for the operator");
    assert_eq!(
        (&post["plugin"], &post["tool"], &post["host"]),
        (&json!("outbound"), &json!("send"), &json!("localhost"))
    );
    assert!(post["request"].is_string());
    assert!(about("[[plugins.outbound.grants.http]] host = \"169.254.169.254\"").is_some(), "{lines:?}");
    assert!(about("\"x-forwarded-for\" in `headers`").is_some(), "{lines:?}");
}

#[test]
fn a_plugin_without_a_rule_reaches_nothing_and_its_client_is_told_that_access_was_denied() {
    let upstream = Upstream::start();
    let plugin = fixture::plugin("outbound", &fixture::component("outbound"));
    let server = Server::start_with_loopback(&format!("{plugin}{}", upstream.network()), &[upstream.port()]);
    let request = json!({"authority": upstream.authority(), "path": "/"});
    let called = server.client(Revision::Modern).call("insist", &json!({ "request": request }));
    assert!(called.is_error);
    assert_eq!(called.text.as_deref(), Some("access was denied: wasi:http/outgoing-handler"));
    assert!(upstream.seen().is_empty());
}

#[test]
fn loopback_stays_closed_without_the_switch_whatever_a_rule_says() {
    let upstream = Upstream::start();
    let plugin = fixture::plugin("outbound", &fixture::component("outbound"));
    let rule =
        format!("[[plugins.outbound.grants.http]]\nhost = \"localhost\"\nport = {}\n", upstream.port());
    let config = format!("{plugin}{rule}{}", upstream.network());
    let other_port = upstream.port().checked_add(1).unwrap_or(1);
    for ports in [&[][..], &[other_port]] {
        let server = Server::start_with_loopback(&config, ports);
        let request = json!({"authority": upstream.authority(), "path": "/"});
        let called = server.client(Revision::Modern).call("send", &json!({ "request": request }));
        let text = called.text.unwrap();
        assert!(called.is_error && text.contains("DestinationIpProhibited"), "{text}");
        assert!(text.contains("access was denied"), "{text}");
    }
    assert!(upstream.seen().is_empty());
}

#[test]
fn the_requests_of_a_call_are_numbered_and_the_next_call_begins_anew() {
    let bench = Bench::new("requests = 3");
    for _ in 0..2 {
        let request = bench.request("/", json!({}));
        let called = bench.client().call("repeat", &json!({"request": request, "times": 5}));
        let results: Value = called.structured.unwrap();
        let results = results["result"].as_array().or(results.as_array()).unwrap().clone();
        let is_ok = |result: &Value| result.get("ok").is_some();
        assert_eq!(results.iter().filter(|result| is_ok(result)).count(), 3, "{results:?}");
        assert!(results[3].to_string().contains("HttpRequestDenied"), "{results:?}");
    }
    assert_eq!(bench.upstream.seen().len(), 6);
}

#[test]
fn no_more_requests_run_at_once_than_the_rule_allows() {
    let bench = Bench::new("at-once = 2");
    let requests = vec![bench.request("/pieces/20", json!({})); 6];
    let called = bench.client().call("send_all", &json!({ "requests": requests }));
    assert!(!called.is_error, "{called:?}");
    let seen = bench.upstream.seen();
    let connections: std::collections::BTreeSet<_> = seen.iter().map(|seen| seen.connection).collect();
    assert_eq!(seen.len(), 6);
    assert!(connections.len() <= 2, "HTTP/1.1 has one request on a connection at a time: {seen:?}");
}

#[test]
fn bodies_end_at_their_limits() {
    let bench = Bench::new("methods = [\"GET\", \"POST\"]\nrequest = \"10 KiB\"\nresponse = \"10 KiB\"");
    let fits = bench.send("/bytes/10240", json!({"method": "POST", "piece": 10_240}));
    assert_eq!(fits["bytes"], 10_240);
    let too_much = bench.refused(&bench.request("/", json!({"method": "POST", "piece": 10_241})));
    assert!(too_much.contains("HttpRequestBodySize"), "{too_much}");
    let length = json!([{"name": "content-length", "value": "10241"}]);
    let declared =
        bench.refused(&bench.request("/", json!({"method": "POST", "piece": 1, "headers": length})));
    assert!(declared.contains("HttpRequestBodySize(Some(10240))"), "{declared}");
    let declared = bench.refused(&bench.request("/bytes/10241", json!({})));
    assert!(declared.contains("HttpResponseBodySize"), "{declared}");
}

#[test]
fn a_response_that_ends_early_has_an_error_of_its_own_for_guest_client_and_operator() {
    log::capture();
    let bench = Bench::new(&format!("response = \"10 KiB\"\n{LONG}"));
    let soon = json!({"timeout": "1000000000"});
    for (path, more, code, text, reason) in [
        (
            "/pieces/11",
            json!({}),
            "HttpResponseBodySize(Some(10240))",
            "HTTP response body size exceeds limit: 10240 bytes",
            "the body of the response of localhost is larger than 10240 bytes",
        ),
        (
            "/truncated/1",
            json!({}),
            "HttpResponseIncomplete",
            "incomplete HTTP response",
            "the response of localhost ends early: error reading a body from connection",
        ),
        (
            "/stalled/1",
            soon,
            "ConnectionReadTimeout",
            "connection read timeout",
            "localhost stopped in the middle of its response",
        ),
    ] {
        let told = bench.refused(&bench.request(path, more));
        assert_eq!(told, format!("ErrorCode::{code}: {text}"), "{path}");
        let lines = log::lines("a request failed");
        let line = lines.iter().find(|line| line["error"] == reason);
        let line = line.unwrap_or_else(|| panic!("{path}: {reason}: {lines:?}"));
        assert_eq!((&line["plugin"], &line["host"]), (&json!("outbound"), &json!("localhost")));
    }
}

#[test]
fn a_request_ends_with_its_time_and_with_the_time_of_the_plugin() {
    let bench = Bench::new("time = \"300 ms\"");
    let found = bench.refused(&bench.request("/hang", json!({})));
    assert!(found.contains("Timeout"), "{found}");
    for timeout in [0, 1, 1_000_000] {
        let found = bench.refused(&bench.request("/hang", json!({ "timeout": timeout })));
        assert!(found.contains("Timeout"), "{timeout}: {found}");
    }
    let never = u64::MAX.to_string();
    let found = bench.refused(&bench.request("/hang", json!({ "timeout": never })));
    assert!(found.contains("Timeout"), "the rule's time ends it: {found}");
}

#[test]
fn a_body_that_the_end_of_the_call_cuts_off_does_not_look_complete() {
    let bench = Bench::new("methods = [\"POST\"]");
    let called = bench.call("abandon", &bench.request("/", json!({"method": "POST", "piece": 100})));
    assert!(called.is_error, "{called:?}");
    // The connection ends with the call: the next request finds the server alive, over another one.
    let response = bench.send("/", json!({"method": "POST"}));
    assert_eq!(response["status"], 200);
    let seen = bench.upstream.seen();
    assert_eq!(seen[0].body, None, "{seen:?}");
    assert_ne!(seen[0].connection, seen[1].connection);
}

#[test]
fn a_request_ends_with_its_call() {
    let bench = Bench::new(LONG);
    let request = json!({ "request": bench.request("/hang", json!({})) });
    let client = bench.client();
    let exchange = client.call_request("send", &request).begin(client.address());
    bench.until("the request has come", |seen| !seen.has_hung_up);
    exchange.hang_up();
    bench.until("the request has ended", |seen| seen.has_hung_up);
}

#[test]
fn no_connection_is_shared_between_plugins_or_rules() {
    let upstream = Upstream::start();
    let component = fixture::component("outbound");
    let rule = |name: &str, path: &str| {
        let port = upstream.port();
        format!("[[plugins.{name}.grants.http]]\nhost = \"localhost\"\nport = {port}\npaths = [{path:?}]\n")
    };
    let mut config = upstream.network();
    for name in ["one", "two"] {
        let plugin = fixture::plugin(name, &component);
        config.push_str(&format!("{plugin}prefix = \"{name}-\"\n{}{}", rule(name, "/a/"), rule(name, "/b/")));
    }
    let server = Server::start_with_loopback(&config, &[upstream.port()]);
    let sent = [("one", "/a/"), ("one", "/b/"), ("two", "/a/"), ("two", "/b/")];
    for (name, path) in sent.into_iter().chain(sent) {
        let request = json!({ "request": {"authority": upstream.authority(), "path": path} });
        let called = server.client(Revision::Modern).call(&format!("{name}-send"), &request);
        assert!(!called.is_error, "{called:?}");
    }
    let connections: Vec<_> = upstream.seen().iter().map(|seen| seen.connection).collect();
    let (first, again) = connections.split_at(sent.len());
    assert_eq!(first, again, "each is kept for its plugin and rule");
    let different: std::collections::BTreeSet<_> = first.iter().collect();
    assert_eq!(different.len(), sent.len(), "{connections:?}");
}

#[test]
fn trailers_are_held_to_the_same_rules_as_headers() {
    let bench = Bench::new("methods = [\"POST\"]");
    let trailer =
        |name: &str| json!({"method": "POST", "piece": 3, "trailers": [{"name": name, "value": "x"}]});
    for name in ["x-forwarded-for", "authorization", "content-type"] {
        let found = bench.refused(&bench.request("/", trailer(name)));
        assert!(found.contains("access was denied"), "{name}: {found}");
    }
    assert!(bench.upstream.seen().iter().all(|seen| seen.body.is_none()), "{:?}", bench.upstream.seen());
    assert_eq!(bench.send("/", trailer("x-checksum"))["status"], 200);
}

#[test]
fn the_line_of_a_call_counts_its_requests_and_names_hosts() {
    log::capture();
    let bench = Bench::new("");
    bench.send("/bytes/1000", json!({}));
    let rule =
        format!("0 https://{}: requests=1 sent_bytes=0 received_bytes=1000", bench.upstream.authority());
    let lines = log::lines("call");
    let line =
        lines.iter().find(|line| line["http_rules"].as_str().is_some_and(|rules| rules.starts_with(&rule)));
    let line = line.unwrap_or_else(|| panic!("{rule}: {lines:?}"));
    assert_eq!((&line["http_requests"], &line["http_received_bytes"]), (&json!(1), &json!(1000)));
    assert_eq!(line["http_hosts"], "localhost");
    assert!(line["http_us"].is_u64());
}

#[test]
fn a_component_that_sends_requests_and_declares_none_is_found() {
    let found = check::check(&fixture::component("outbound")).unwrap();
    assert!(found.iter().any(|finding| finding.id == Lint::UndeclaredHttp), "{found:?}");
    let found = check::check(&fixture::component("plain")).unwrap();
    assert!(!found.iter().any(|finding| finding.id == Lint::UndeclaredHttp), "{found:?}");
}

//! Secrets that the host adds to requests: the upstream server gets them, the plugin never does.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use toolcell_host::clock::Clock;
use toolcell_host::secrets::Secrets;
use toolcell_host::variables::Variables;
use toolcell_tests::authority::Version;
use toolcell_tests::{Bundle, Called, Revision, Server, Upstream, fixture, log};

/// The secret.
const CANARY: &str = "canary-injected-0123456789";

/// A rule that adds the secret to a header.
const HEADER: &str = "secret = { header = \"x-api-key\", format = \"Key {}\", from = \"key\" }\n\
    methods = [\"GET\", \"POST\"]\n";

/// A rule that adds it to the query.
const QUERY: &str = "secret = { query = \"api.key\", from = \"key\" }\n";

struct Bench {
    upstream: Upstream,
    server: Server,
    /// Kept because the first call of the plugin reads its code.
    _bundle: Bundle,
}

impl Bench {
    /// Serves the plugin with one rule for `/echo` and `/a/`, one without a secret for `/open/`, and a secret of this
    /// value.
    fn new(rule: &str, value: &'static str) -> Self {
        Self::over(Version::Http1, rule, value)
    }

    /// The same over this version of HTTP.
    fn over(version: Version, rule: &str, value: &'static str) -> Self {
        log::capture();
        let upstream = Upstream::of("localhost", version);
        let (plugin, port) = (fixture::plugin("outbound", &fixture::component("outbound")), upstream.port());
        let host = format!("[[plugins.outbound.grants.http]]\nhost = \"localhost\"\nport = {port}\n");
        let secret = "[secrets.key]\nenvironment = \"CANARY\"\n";
        let bundle = Bundle::build(&format!(
            "{plugin}{host}paths = [\"/echo\", \"/a/\"]\n{rule}{host}paths = [\"/open/\"]\n{secret}{}",
            upstream.network()
        ));
        let runner = bundle.open().unwrap().with_loopback(&[port]);
        let variables = Variables::new(move |_| Some(value.to_owned()));
        let sources = runner.index().root().secrets.clone();
        let secrets = Secrets::new(&sources, BTreeMap::new(), &variables, Clock::system());
        Self { upstream, server: Server::with_secrets(runner, secrets), _bundle: bundle }
    }

    fn request(&self, path: &str, headers: &[(&str, &str)]) -> Value {
        let headers: Vec<_> =
            headers.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        json!({"authority": self.upstream.authority(), "path": path, "headers": headers})
    }

    fn call(&self, tool: &str, arguments: &Value) -> Called {
        self.server.client(Revision::Modern).call(tool, arguments)
    }

    fn send(&self, path: &str, headers: &[(&str, &str)]) -> Called {
        self.call("send", &json!({"request": self.request(path, headers)}))
    }

    /// Returns how often the secret is in the plugin's memory after a request.
    fn found(&self, path: &str) -> u64 {
        let backwards: String = CANARY.chars().rev().collect();
        let called =
            self.call("search", &json!({"request": self.request(path, &[]), "backwards": backwards}));
        let count = called.structured.as_ref().and_then(|value| value["result"].as_u64());
        count.unwrap_or_else(|| panic!("{called:?}"))
    }

    fn header(&self, name: &str) -> Option<String> {
        let seen = self.upstream.seen();
        let headers = &seen.last().unwrap().headers;
        headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone())
    }
}

#[test]
fn a_secret_in_a_header_reaches_the_host_and_not_the_plugin() {
    let bench = Bench::new(HEADER, CANARY);
    let called = bench.send("/echo", &[("accept", "text/plain")]);
    assert_eq!(bench.header("x-api-key"), Some(format!("Key {CANARY}")));
    let answer = format!("{called:?}");
    assert!(answer.contains("x-kept") && answer.contains("x-accept"), "{answer}");
    assert!(!answer.contains(CANARY), "{answer}");
    assert_eq!(bench.found("/echo"), 0, "in no place of the plugin's memory");
    assert_ne!(bench.found("/echo?body"), 0, "but where the host repeats it in a body");
    assert!(!log::text().contains(CANARY));
    let removed = log::lines("a response repeats the secret of its request");
    assert!(removed.iter().any(|line| line["header"] == "x-x-api-key"), "{removed:?}");
}

#[test]
fn a_secret_in_a_query_reaches_the_host_and_not_the_plugin() {
    let bench = Bench::new(QUERY, CANARY);
    let called = bench.send("/echo?a=b", &[]);
    assert_eq!(bench.upstream.seen()[0].path, format!("/echo?a=b&api.key={CANARY}"));
    let answer = format!("{called:?}");
    assert!(answer.contains("x-kept") && !answer.contains(CANARY), "{answer}");
    assert_eq!(bench.found("/echo"), 0);
    assert!(!log::text().contains(CANARY));
}

#[test]
fn trailers_that_repeat_the_secret_are_removed_and_others_stay() {
    let bench = Bench::over(Version::Http2, HEADER, CANARY);
    let called = bench.send("/echo?trailers", &[("accept", "text/plain")]);
    let response = called.structured.unwrap_or_else(|| serde_json::from_str(&called.text.unwrap()).unwrap());
    let trailers = response["trailers"].as_array().unwrap();
    let has = |name: &str| trailers.iter().any(|trailer| trailer["name"] == name);
    assert!(has("x-kept") && has("x-accept") && !has("x-x-api-key"), "{response}");
    assert!(!response.to_string().contains(CANARY), "{response}");
}

#[test]
fn a_plugin_cannot_take_the_place_of_the_secret() {
    let bench = Bench::new(HEADER, CANARY);
    for name in ["x-api-key", "X-API-Key", "x_api_key"] {
        let called = bench.send("/a/", &[(name, "own")]);
        assert!(called.is_error, "{name}: {called:?}");
    }
    let request = json!({"trailers": [{"name": "x-api-key", "value": "own"}], "method": "POST", "piece": 1});
    let mut with_trailers = bench.request("/a/", &[]);
    for (key, value) in request.as_object().unwrap() {
        with_trailers[key] = value.clone();
    }
    assert!(bench.call("send", &json!({"request": with_trailers})).is_error);
    let bench = Bench::new(QUERY, CANARY);
    for query in ["api.key=1", "a=b&API.KEY=1", "%61pi.key=1", "api.key[]=1", "a;api.key=1"] {
        let called = bench.send(&format!("/a/?{query}"), &[]);
        assert!(called.is_error, "{query}: {called:?}");
    }
    assert!(bench.upstream.seen().is_empty(), "{:?}", bench.upstream.seen());
    let denied = log::lines("access denied");
    let is_told =
        |line: &Value| line["missing_grant"].as_str().is_some_and(|text| text.contains("sets the secret"));
    assert!(denied.iter().any(is_told), "{denied:?}");
}

#[test]
fn a_secret_that_is_missing_or_would_break_a_header_is_not_sent() {
    for value in ["", "canary-broken\r\nx-evil: 1", "canary-broken\n", " canary-broken"] {
        let bench = Bench::new(HEADER, value);
        let called = bench.send("/a/", &[]);
        assert!(
            called.is_error && called.text.as_deref() == Some("ErrorCode::ConfigurationError"),
            "{value:?}: {called:?}"
        );
        assert!(bench.upstream.seen().is_empty());
    }
    let told = log::lines("a request failed");
    assert!(
        told.iter().any(|line| line["error"].as_str().is_some_and(|text| text.contains("`key`"))),
        "{told:?}"
    );
    assert!(!log::text().contains("canary-broken"));
}

#[test]
fn a_rule_without_a_secret_shares_no_connection_with_one_that_has_it() {
    let bench = Bench::new(HEADER, CANARY);
    for path in ["/a/", "/open/", "/a/", "/open/"] {
        assert!(!bench.send(path, &[]).is_error, "{path}");
    }
    let seen = bench.upstream.seen();
    let connection = |at: usize| seen[at].connection;
    assert_eq!((connection(0), connection(1)), (connection(2), connection(3)), "each rule keeps its own");
    assert_ne!(connection(0), connection(1));
    assert!(seen[1].headers.iter().all(|(name, _)| name != "x-api-key"));
}

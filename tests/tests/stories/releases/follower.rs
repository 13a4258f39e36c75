//! A function that follows the releases of a publisher, and the questions that a story asks it.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use toolcell_lambda_emulator::{Function, Lambda, Source};
use toolcell_tests::release::Publisher;
use toolcell_tests::server::deployed;
use toolcell_tests::{Bundle, Client, Revision, fixture};

/// The words of a function that refuses a release, or finds none, and has served one before.
pub(super) const KEPT: &str = "the last good one keeps serving";

/// The longest wait for another release.
const PATIENCE: Duration = Duration::from_secs(60);

/// Builds a package without plugins that checks each second.
pub(super) fn package() -> Bundle {
    Bundle::build("[releases]\ncheck = \"1 s\"\n")
}

/// Builds the bundle of a release with these sample plugins.
pub(super) fn release(plugins: &[&str]) -> Bundle {
    let tables: Vec<_> = plugins.iter().map(|name| fixture::plugin(name, &fixture::sample(name))).collect();
    Bundle::build(&tables.concat())
}

/// Deploys a function that follows the releases of a publisher.
pub(super) fn follow(publisher: &Publisher, package: &Bundle) -> Lambda {
    start(publisher, deployed(package))
}

/// Starts a function that follows the releases of a publisher.
pub(super) fn start(publisher: &Publisher, function: Function) -> Lambda {
    let function = publisher.variables().into_iter().fold(function, |function, (name, value)| {
        if name == "AWS_REGION" { function } else { function.env(name, value) }
    });
    function.env("AWS_REGION", toolcell_tests::s3::REGION).start().expect("the function can be deployed")
}

pub(super) fn client(lambda: &Lambda) -> Client {
    Client::new(lambda.address(), Revision::Modern)
}

/// Returns the names of the tools.
pub(super) fn tools(client: &Client) -> Vec<String> {
    let list = client.ask("tools/list", json!({}));
    let tools = list["tools"].as_array().unwrap_or_else(|| panic!("{list}"));
    tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

pub(super) fn has_primes(tools: &[String]) -> bool {
    tools.iter().any(|tool| tool == "count_primes")
}

/// Calls a tool of the plugin `text`, which has to succeed.
pub(super) fn slug(client: &Client) -> String {
    client.call("make_slug", &json!({"text": "Grüße aus Köln"})).text.expect("a slug")
}

/// Asks until an answer is as wanted.
pub(super) fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = ask() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "{what} did not happen");
        thread::sleep(Duration::from_millis(50)); // a poll of another process
    }
}

/// Returns the function's own log and metrics.
pub(super) fn log(lambda: &Lambda) -> Vec<String> {
    let lines = lambda.logs().lines().into_iter();
    lines
        .filter(|line| matches!(line.source, Source::Stdout | Source::Stderr))
        .map(|line| line.text)
        .collect()
}

/// Counts the lines of the function's own log with a text.
pub(super) fn logged(lambda: &Lambda, text: &str) -> usize {
    log(lambda).iter().filter(|line| line.contains(text)).count()
}

//! Answers with events before their end, and calls whose client goes away.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use toolcell_cli::server::edge::Shutdown;
use toolcell_tests::http::{self, Exchange};
use toolcell_tests::{Called, Client, Revision, Server, fixture};

/// The longest wait for anything; a test that reaches it fails.
const PATIENCE: Duration = Duration::from_secs(30);

fn primes() -> Server {
    Server::start(&fixture::plugin("primes", &fixture::sample("primes")))
}

/// Starts a server whose plugin may spin for a quarter of an hour.
fn endless() -> Server {
    let plugin = fixture::plugin("hostile", &fixture::component("hostile"));
    Server::start(&format!("{plugin}[plugins.hostile.limits]\ndeadline = \"15 min\"\n"))
}

/// Starts the same server, with a directory to which the plugin may write.
fn writing(directory: &Path) -> Server {
    let plugin = fixture::plugin("hostile", &fixture::component("hostile"));
    let directory = directory.display().to_string();
    Server::start(&format!(
        "{plugin}[plugins.hostile.limits]\ndeadline = \"15 min\"\n\
         [[plugins.hostile.grants.directories]]\nhost = {directory:?}\nguest = \"/data\"\nwrite = true\n"
    ))
}

/// Waits for something that happens soon.
fn until(what: &str, happened: impl Fn() -> bool) {
    let start = Instant::now();
    while !happened() {
        assert!(start.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

fn count(client: &Client, meta: Value) -> Exchange {
    client.call_request_with("count_primes", &json!({"limit": 20_000_000}), meta).begin(client.address())
}

/// Starts a call that spins, and waits until it does.
fn spin(server: &Server, revision: Revision) -> Exchange {
    let client = server.client(revision);
    let request = client.call_request_with("report_then_spin", &json!({}), json!({"progressToken": 1}));
    let mut exchange = request.begin(server.address());
    let progress = exchange.next_event().flatten().unwrap();
    assert_eq!(progress["method"], "notifications/progress", "it runs");
    exchange
}

fn methods(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["method"].as_str().unwrap_or("response")).collect()
}

#[test]
fn progress_carries_the_token_as_it_was_given_and_grows_up_to_the_result() {
    let server = primes();
    for revision in Revision::ALL {
        for token in [json!("seven"), json!(7), json!("7"), json!(9_007_199_254_740_991_i64)] {
            let exchange = count(&server.client(revision), json!({"progressToken": token}));
            assert_eq!(exchange.status, 200);
            assert_eq!(exchange.headers["content-type"], "text/event-stream");
            assert_eq!(exchange.headers["cache-control"], "no-cache, no-transform");
            let events = exchange.events();
            let (response, before) = events.split_last().unwrap();
            let progress: Vec<_> =
                before.iter().filter(|event| event["method"] == "notifications/progress").collect();
            assert!(progress.len() > 1, "{revision:?}: {before:?}");
            assert!(progress.iter().all(|event| event["params"]["progressToken"] == token), "{progress:?}");
            let steps: Vec<_> =
                progress.iter().map(|event| event["params"]["progress"].as_f64().unwrap()).collect();
            assert!(steps.is_sorted_by(|one, next| one < next), "{steps:?}");
            assert_eq!(response["id"], 1, "the response comes last");
            assert!(Called::read(&response["result"]).text.unwrap().contains("1270607"));
        }
    }
}

#[test]
fn nothing_is_streamed_to_a_modern_client_that_asked_for_nothing_while_a_call_is_short() {
    let plugin = fixture::plugin("primes", &fixture::sample("primes"));
    let server = Server::start(&format!("[http]\nheartbeat = \"1 min\"\n{plugin}"));
    let exchange = count(&server.client(Revision::Modern), json!({}));
    assert_eq!(exchange.headers["content-type"], "application/json");
    assert!(Called::read(&exchange.finish().json()["result"]).text.unwrap().contains("1270607"));
}

#[test]
fn a_token_that_is_none_is_refused() {
    let server = primes();
    for token in [json!(1.5), json!({}), json!(true)] {
        let client = server.client(Revision::Modern);
        let request =
            client.call_request_with("factor_number", &json!({"number": 6}), json!({"progressToken": token}));
        let (status, code, message) = request.send(server.address()).refusal();
        assert_eq!((status, code), (200, -32602), "{token}: {message}");
        assert!(message.contains("progressToken"), "{message}");
    }
}

#[test]
fn messages_come_from_the_level_that_was_asked_for_and_without_one_not_at_all() {
    let server = Server::start(&fixture::plugin("hostile", &fixture::component("hostile")));
    let client = server.client(Revision::Modern);
    let flood = |meta| {
        let request = client.call_request_with("flood_notifications", &json!({"times": 3}), meta);
        request.begin(server.address()).events()
    };
    let level = |level| json!({"progressToken": 1, "io.modelcontextprotocol/logLevel": level});
    let both = flood(level("emergency"));
    let (progress, message) = ("notifications/progress", "notifications/message");
    assert_eq!(methods(&both), [progress, message, progress, message, progress, message, "response"]);
    assert_eq!(both[1]["params"]["level"], "emergency");
    assert_eq!(both[1]["params"]["logger"], "hostile");
    assert_eq!(both[1]["params"]["data"], json!({"message": "flood", "time": "1"}));
    let silent = flood(json!({"progressToken": 1}));
    assert_eq!(methods(&silent), [progress, progress, progress, "response"], "no level, no messages");

    let unknown = client.call_request_with("behave", &json!({}), level("shouting")).send(server.address());
    assert_eq!(unknown.refusal().1, -32602);
}

#[test]
fn messages_below_the_level_are_left_out() {
    let server = primes();
    let client = server.client(Revision::Modern);
    let seen = |level| {
        let exchange = count(&client, json!({"progressToken": 1, "io.modelcontextprotocol/logLevel": level}));
        exchange.events().iter().filter(|event| event["method"] == "notifications/message").count()
    };
    assert!(seen("debug") > 0, "the plugin does log");
    assert_eq!(seen("emergency"), 0);
}

#[test]
fn a_client_that_takes_json_alone_gets_json_alone() {
    let server = primes();
    for revision in Revision::ALL {
        let client = server.client(revision);
        let request = client.call_request_with(
            "count_primes",
            &json!({"limit": 20_000_000}),
            json!({"progressToken": "t", "io.modelcontextprotocol/logLevel": "debug"}),
        );
        let answer = request.header("accept", "application/json").send(server.address());
        assert_eq!(answer.headers["content-type"], "application/json", "{revision:?}");
        assert!(Called::read(&answer.json()["result"]).text.unwrap().contains("1270607"));
    }
}

#[test]
fn a_failure_after_progress_ends_the_stream() {
    let plugin = fixture::plugin("hostile", &fixture::component("hostile"));
    let server = Server::start(&format!("{plugin}[plugins.hostile.limits]\ndeadline = \"2 s\"\n"));
    let story = |revision| {
        let events = spin(&server, revision).events();
        assert_eq!(events.len(), 1, "{events:?}");
        let text = Called::read(&events[0]["result"]).failure().to_owned();
        assert_eq!(text, "the tool did not finish within 2000 ms");
    };
    thread::scope(|scope| {
        for revision in Revision::ERAS {
            scope.spawn(move || story(revision));
        }
    });
}

#[test]
fn a_silent_call_is_kept_alive_with_comments() {
    let server = endless();
    let mut exchange = spin(&server, Revision::Modern);
    assert_eq!(exchange.next_event(), Some(None), "a comment");
}

/// Stories of the local edge: Lambda does not tell a function that its client has gone, and ends it without asking.
mod local {
    use super::*;

    #[test]
    fn a_client_that_hangs_up_ends_its_call() {
        for revision in Revision::ERAS {
            let server = endless();
            spin(&server, revision).hang_up();
            assert_eq!(server.stop(), Shutdown::Drained, "{revision:?}: nothing was left to be cut off");
        }
    }

    #[test]
    fn a_client_that_hangs_up_before_its_answer_began_ends_its_call() {
        for revision in Revision::ERAS {
            let directory = tempfile::tempdir().unwrap();
            let server = writing(directory.path());
            let request = server.client(revision).call_request("grow_file", &json!({"path": "/data/trace"}));
            let mut stream = http::connect(server.address());
            stream
                .write_all(request.head().as_bytes())
                .and_then(|()| stream.write_all(&request.body))
                .unwrap();
            let trace = directory.path().join("trace");
            let length = || fs::metadata(&trace).map_or(0, |metadata| metadata.len());
            until("the guest writes", || length() > 0);
            drop(stream);
            assert_eq!(server.stop(), Shutdown::Drained, "{revision:?}: nothing was left to be cut off");
        }
    }

    #[test]
    fn a_call_under_way_is_answered_before_the_server_ends() {
        let plugin = fixture::plugin("hostile", &fixture::component("hostile"));
        let server = Server::start(&format!("{plugin}[plugins.hostile.limits]\ndeadline = \"2 s\"\n"));
        let address = server.address();
        let exchange = spin(&server, Revision::Modern);
        let ending = server.begin_stop();
        let events = exchange.events();
        let text = Called::read(&events[0]["result"]).failure().to_owned();
        assert_eq!(
            text, "the tool did not finish within 2000 ms",
            "it was answered as if nothing had happened"
        );
        assert_eq!(ending.join().unwrap(), Shutdown::Drained);
        assert!(std::net::TcpStream::connect(address).is_err(), "the server no longer listens");
    }

    #[test]
    fn a_call_that_will_not_end_is_cut_off() {
        let server = endless();
        let exchange = spin(&server, Revision::Modern);
        assert_eq!(server.stop(), Shutdown::CutOff);
        drop(exchange);
    }
}

//! A plugin that attacks the server: the client gets a clean answer, and the server goes on.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::process::Command;

use serde_json::{Value, json};
use toolcell_tests::{Called, Client, DONE, Revision, Server, fixture, log};

/// The deadline of a call of a tool in [`ENDLESS`].
const SHORT_DEADLINE_MS: u64 = 300;

/// Tools that would run forever; all others get enough time for a slow machine.
const ENDLESS: [&str; 3] = ["spin", "sleep", "report_then_spin"];

/// Words that no client may read: from the server's paths and crates, and from the guest's last message.
const INTERNALS: [&str; 8] =
    ["wasmtime", "cranelift", ".rs:", "0x", "backtrace", "panicked at", "a secret", "/rustc/"];

fn server() -> Server {
    server_with(&["deadline = \"60 s\""], SHORT_DEADLINE_MS)
}

fn server_with(limits: &[&str], endless_ms: u64) -> Server {
    let plugin = fixture::plugin("hostile", &fixture::component("hostile"));
    let limits = limits.join("\n");
    let deadlines = ENDLESS
        .map(|tool| format!("[plugins.hostile.tools.{tool}.limits]\ndeadline = \"{endless_ms} ms\"\n"));
    let data = fixture::root().join("plugins/files/sample-data").display().to_string();
    let grant = format!("[[plugins.hostile.grants.directories]]\nhost = {data:?}\nguest = \"/data\"\n");
    Server::start(&format!("{plugin}[plugins.hostile.limits]\n{limits}\n{}{grant}", deadlines.concat()))
}

/// Calls a tool in every era, and a harmless one after it.
fn attack(server: &Server, tool: &str, arguments: &Value, check: impl Fn(&Called)) {
    for revision in Revision::ERAS {
        let client = server.client(revision);
        let called = client.call(tool, arguments);
        let text = called.text.clone().unwrap_or_default();
        for internal in INTERNALS {
            assert!(!text.contains(internal), "{revision:?}: {tool} tells internals: {text}");
        }
        check(&called);
        behaves(&client);
    }
}

fn behaves(client: &Client) {
    assert_eq!(
        client.call("behave", &json!({})).text.as_deref(),
        Some("still here"),
        "the next call is fine"
    );
}

fn fails(server: &Server, tool: &str, arguments: &Value, text: &str) {
    attack(server, tool, arguments, |called| assert_eq!(called.failure(), text, "{tool}"));
}

#[test]
fn a_panic_is_a_failure_without_its_message() {
    fails(&server(), "panic", &json!({}), "the tool crashed: an unexpected error ended it");
}

#[test]
fn an_infinite_loop_ends_at_its_deadline() {
    fails(&server(), "spin", &json!({}), "the tool did not finish within 300 ms");
}

#[test]
fn an_hour_of_sleep_ends_at_its_deadline() {
    let hour = json!({"milliseconds": "3600000"});
    fails(&server(), "sleep", &hour, "the tool did not finish within 300 ms");
}

#[test]
fn a_short_sleep_is_left_alone() {
    let arguments = json!({"milliseconds": "1"});
    attack(&server(), "sleep", &arguments, |called| assert_eq!(called.text.as_deref(), Some("slept")));
}

#[test]
fn ten_gigabytes_are_refused() {
    let bytes = json!({"bytes": "10000000000"});
    fails(&server(), "allocate", &bytes, "the tool needed more memory than it is allowed");
}

#[test]
fn endless_recursion_ends_with_the_stack() {
    // A Rust guest keeps part of its stack in its own memory, and that part ends first.
    fails(&server(), "recurse", &json!({}), "the tool crashed: it accessed memory out of bounds");
    let narrow = server_with(&["stack = \"64 KiB\""], SHORT_DEADLINE_MS);
    fails(&narrow, "recurse", &json!({}), "the tool needed more stack than it is allowed");
}

#[test]
fn a_hundred_megabytes_of_output_go_nowhere() {
    let bytes = json!({"bytes": "100000000"});
    attack(&server(), "flood_stdout", &bytes, |called| {
        assert!(!called.is_error, "a plugin that prints too much does not notice: {called:?}");
    });
}

#[test]
fn a_guest_that_exits_ends_its_call_alone() {
    let server = server();
    let text = |status| format!("the tool exited with status {status} instead of returning a result");
    for (given, seen) in [(0, 0), (7, 1)] {
        // WASI 0.2's `exit` has only success and failure, not a number.
        fails(&server, "exit", &json!({"status": given}), &text(seen));
    }
}

#[test]
fn a_result_beyond_the_cap_is_refused() {
    let server = server();
    let too_large = "the result is larger than 6291456 bytes";
    fails(&server, "huge_text", &json!({"bytes": "20000000"}), too_large);
    fails(&server, "huge_list", &json!({"items": "3000000"}), too_large);
    let beyond_memory = json!({"bytes": "1000000000"});
    fails(&server, "huge_text", &beyond_memory, "the tool needed more memory than it is allowed");
}

#[test]
fn a_result_below_the_cap_is_whole() {
    let arguments = json!({"bytes": "6000000"});
    attack(&server(), "huge_text", &arguments, |called| {
        assert_eq!(called.text.as_ref().map(String::len), Some(6_000_000), "is_error: {}", called.is_error);
    });
}

#[test]
fn a_result_counts_as_it_is_sent_with_its_escapes_and_copies() {
    let server = server();
    let too_large = "the result is larger than 6291456 bytes";
    // Six bytes each in JSON.
    fails(&server, "control_text", &json!({"characters": "1100000"}), too_large);
    let below = json!({"characters": "1000000"});
    attack(&server, "control_text", &below, |called| {
        assert_eq!(called.text.as_ref().map(String::len), Some(1_000_000), "is_error: {}", called.is_error);
    });
    // Eleven bytes each, as structured content and as text.
    fails(&server, "huge_list", &json!({"items": "400000"}), too_large);
    attack(&server, "huge_list", &json!({"items": "200000"}), |called| assert!(!called.is_error));
}

#[test]
fn a_flood_of_empty_lines_is_cut_in_the_log() {
    log::capture();
    let plugin = fixture::plugin("hostile", &fixture::component("hostile"));
    let server = Server::start_locally(&plugin);
    attack(&server, "flood_log", &json!({"times": 3_000}), |called| {
        assert!(!called.is_error, "a plugin that logs too much does not notice: {called:?}");
    });
    // A line of this test's log takes about 300 bytes.
    let text = log::text();
    let mut lines = std::collections::BTreeMap::<_, usize>::new();
    for line in text.lines().filter(|line| line.contains("toolcell::guest") && line.contains("flood_log")) {
        let line: Value = serde_json::from_str(line).unwrap();
        *lines.entry(line["request"].to_string()).or_default() += 1;
    }
    assert_eq!(lines.len(), Revision::ERAS.len(), "one call in each era");
    assert!(lines.values().all(|lines| (100..500).contains(lines)), "{lines:?}");
}

#[test]
fn what_is_neither_file_nor_directory_is_not_opened() {
    let directory = tempfile::tempdir().unwrap();
    let made = Command::new("mkfifo").arg(directory.path().join("pipe")).status().unwrap();
    assert!(made.success());
    let _socket = UnixListener::bind(directory.path().join("socket")).unwrap();
    symlink("pipe", directory.path().join("link")).unwrap();
    fs::write(directory.path().join("notes.txt"), "here").unwrap();
    let plugin = fixture::plugin("hostile", &fixture::component("hostile"));
    let host = directory.path().display().to_string();
    let grant =
        format!("[[plugins.hostile.grants.directories]]\nhost = {host:?}\nguest = \"/data\"\nwrite = true\n");
    let limits = "[plugins.hostile.limits]\ndeadline = \"10 s\"\n";
    let server = Server::start(&format!("{plugin}{limits}{grant}"));
    for tool in ["read_file", "write_file"] {
        for name in ["pipe", "link", "socket"] {
            let path = json!({"path": format!("/data/{name}")});
            fails(&server, tool, &path, "Not supported (os error 58)");
        }
    }
    attack(&server, "read_file", &json!({"path": "/data/notes.txt"}), |called| {
        assert_eq!(called.text.as_deref(), Some("here"), "files are still read");
    });
}

#[test]
fn a_flood_of_notifications_is_cut_and_the_result_still_comes() {
    let server = server_with(&["notifications = 50"], SHORT_DEADLINE_MS);
    let times = json!({"times": 20_000});
    attack(&server, "flood_notifications", &times, |called| assert!(!called.is_error, "{called:?}"));
    let meta = json!({"progressToken": 1, "io.modelcontextprotocol/logLevel": "debug"});
    for revision in Revision::ERAS {
        let client = server.client(revision);
        let request = client.call_request_with("flood_notifications", &times, meta.clone());
        let events = request.begin(server.address()).events();
        let (result, notifications) = events.split_last().unwrap();
        assert_eq!(notifications.len(), 50, "{revision:?}");
        assert!(notifications.iter().all(|event| event["method"].is_string()));
        assert!(!Called::read(&result["result"]).is_error);
        behaves(&client);
    }
}

#[test]
fn progress_that_is_none_is_left_out() {
    let server = server();
    let client = server.client(Revision::Modern);
    let request = client.call_request_with("report_nonsense", &json!({}), json!({"progressToken": "n"}));
    let events = request.begin(server.address()).events();
    let progress: Vec<_> = events.iter().map(|event| event["params"]["progress"].as_f64()).collect();
    assert_eq!(progress, [Some(2.0), Some(3.0), None], "numbers that grow, then the result");
    assert!(events[0]["params"].get("total").is_none(), "NaN is no total");
}

#[test]
fn handles_run_out_for_the_one_who_hoards_them() {
    let server = server_with(&["handles = 40"], SHORT_DEADLINE_MS);
    let text = "the tool needed more open handles than it is allowed";
    fails(&server, "open_handles", &json!({"number": 100_000}), text);
    attack(&server, "open_handles", &json!({"number": 5}), |called| {
        assert_eq!(called.structured, Some(json!({"result": 5})), "{called:?}");
    });
}

#[test]
fn files_outside_of_the_grant_stay_out_of_reach() {
    let server = server();
    let notes = json!({"path": "/data/notes.txt"});
    attack(&server, "read_file", &notes, |called| {
        assert!(!called.is_error, "what is granted is read: {called:?}")
    });
    for path in
        ["/etc/passwd", "/data/../README.md", "/data/../../../etc/passwd", "/proc/self/environ", "/data/\0"]
    {
        attack(&server, "read_file", &json!({"path": path}), |called| {
            let text = called.failure();
            assert!(!text.contains("root:") && !text.contains("PATH="), "{path}: {text}");
        });
    }
}

#[test]
fn a_directory_that_was_granted_for_reading_is_not_written() {
    let server = server();
    let file = fixture::root().join("plugins/files/sample-data/intruder.txt");
    attack(&server, "write_file", &json!({"path": "/data/intruder.txt"}), |called| {
        called.failure();
        assert!(!file.exists(), "{called:?}");
    });
}

#[test]
fn the_servers_environment_is_not_the_plugins() {
    assert!(std::env::vars().next().is_some(), "there is something to see");
    attack(&server(), "list_environment", &json!({}), |called| {
        assert_eq!(called.structured, Some(json!({"result": []})), "{called:?}");
    });
}

#[test]
fn no_plugin_reaches_the_network() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = json!({"address": listener.local_addr().unwrap().to_string()});
    attack(&server(), "connect", &address, |called| {
        called.failure();
        assert!(listener.accept().is_err(), "the plugin connected: {called:?}");
    });
}

#[test]
fn an_instance_is_used_once() {
    attack(&server(), "count_calls", &json!({}), |called| {
        assert_eq!(called.structured, Some(json!({"result": 1})), "{called:?}");
    });
}

#[test]
fn what_a_plugin_prints_never_reaches_the_client() {
    let line = "\u{1b}[31m a line for the log \u{7}";
    attack(&server(), "print", &json!({"line": line}), |called| {
        assert_eq!(called.text.as_deref(), Some(DONE));
    });
}

#[test]
fn others_are_answered_while_two_calls_spin() {
    let server = server_with(&["deadline = \"60 s\""], 8_000);
    let client = server.client(Revision::Modern);
    let spin = || {
        let request = client.call_request_with("report_then_spin", &json!({}), json!({"progressToken": 1}));
        let mut exchange = request.begin(server.address());
        let progress = exchange.next_event().flatten().unwrap();
        assert_eq!(progress["method"], "notifications/progress", "it runs");
        exchange
    };
    let spinning = [spin(), spin()];
    for _ in 0..3 {
        behaves(&client);
    }
    for exchange in spinning {
        let result = exchange.events().pop().unwrap();
        let text = Called::read(&result["result"]).failure().to_owned();
        assert_eq!(text, "the tool did not finish within 8000 ms", "it spun all the while");
    }
    behaves(&client);
}

//! What a large call costs in memory, measured from outside of the process.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::thread;

use serde_json::{Value, json};
use toolcell_tests::{Bundle, fixture};

/// Bytes inside a record, in and out.
const LARGE: usize = 4 << 20;

/// What a request of this size may take at its peak.
const FACTOR: usize = 5;

/// What varies from run to run: threads' stacks, pages that the allocator keeps.
const SLACK: usize = 1 << 20;

/// Answers one request in a process of its own; gives the process's peak, in bytes.
fn send_parcel(bundle: &Bundle, size: usize) -> usize {
    let content = "BwcH".repeat(size / 3) + ["", "Bw==", "Bwc="][size % 3];
    let parcel = json!({"label": "fragile", "content": content});
    let params = json!({"name": "return_parcel", "arguments": {"parcel": parcel}});
    let request = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).to_string();
    let mut child = Command::new(fixture::once())
        .arg(bundle.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = thread::spawn(move || stdin.write_all(request.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{log}");

    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = answer["result"]["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{answer}"));
    let returned: Value = serde_json::from_str(text).unwrap();
    assert_eq!(returned, parcel, "what went in came out");
    let peak = log.lines().find_map(|line| line.strip_prefix("peak_resident_bytes=")).unwrap();
    peak.parse().unwrap()
}

#[test]
fn four_megabytes_in_and_out_peak_at_five_times_their_size_over_four_bytes() {
    let bundle = Bundle::build(&fixture::plugin("parcel", &fixture::component("parcel")));
    let base = send_parcel(&bundle, 4);
    let peak = send_parcel(&bundle, LARGE);
    println!(
        "{} bytes over a base of {base}: {:.2} x the data",
        peak - base,
        (peak - base) as f64 / LARGE as f64
    );
    assert!(peak > base + 2 * LARGE, "the measurement sees guest and answer: {base}, {peak}");
    assert!(peak <= base + FACTOR * LARGE + SLACK, "{} bytes over a base of {base}", peak - base);
}

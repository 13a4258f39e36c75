//! The memory of a large call, measured from outside of the process.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::thread;

use serde_json::{Value, json};
use toolcell_tests::{Bundle, fixture};

/// The bytes inside of a record, in and out.
const LARGE: usize = 4 << 20;

/// The peak that a request may reach, as a multiple of its size.
const FACTOR: usize = 5;

/// The variation from run to run: stacks of threads, and pages that the allocator keeps.
const SLACK: usize = 1 << 20;

/// Answers one request in a new process; returns the process's peak of memory, in bytes.
fn send_attachment(bundle: &Bundle, size: usize) -> usize {
    let content = "BwcH".repeat(size / 3) + ["", "Bw==", "Bwc="][size % 3];
    let attachment = json!({"name": "report.pdf", "content": content});
    let params = json!({"name": "return_attachment", "arguments": {"attachment": attachment}});
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
    assert_eq!(returned, attachment, "what went in came out");
    let peak = log.lines().find_map(|line| line.strip_prefix("peak_resident_bytes=")).unwrap();
    peak.parse().unwrap()
}

#[test]
fn four_megabytes_in_and_out_peak_at_five_times_their_size_over_four_bytes() {
    let plugin = fixture::plugin("large_bytes", &fixture::component("large_bytes"));
    let bundle = Bundle::build(&format!("{plugin}[plugins.large_bytes.limits]\noutput = \"16 MiB\"\n"));
    let base = send_attachment(&bundle, 4);
    let peak = send_attachment(&bundle, LARGE);
    println!(
        "{} bytes over a base of {base}: {:.2} x the data",
        peak - base,
        (peak - base) as f64 / LARGE as f64
    );
    assert!(peak > base + 2 * LARGE, "the measurement sees guest and answer: {base}, {peak}");
    assert!(peak <= base + FACTOR * LARGE + SLACK, "{} bytes over a base of {base}", peak - base);
}

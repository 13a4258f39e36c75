//! One line of metrics per call on standard output, in CloudWatch's embedded metric format (EMF).
//!
//! CloudWatch makes metrics of such lines by itself: no agent, no call to an API, nothing to flush before
//! the environment is frozen. Written only once [`start`] was called, which the Lambda edge does.
//! Format: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::io::Write;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde_json::value::RawValue;

/// CloudWatch namespace of the metrics.
const NAMESPACE: &str = "toolcell";

/// Each call counts once for its function and once for its tool.
static CALLS: Kind = Kind::new(
    &[&["function"], &["function", "plugin", "tool"]],
    &[
        Metric { name: "Duration", unit: "Microseconds" },
        Metric { name: "Faults", unit: "Count" },
        Metric { name: "ColdStarts", unit: "Count" },
        Metric { name: "PeakMemory", unit: "Bytes" },
    ],
);

/// A check of the releases counts for its function alone.
static CHECKS: Kind = Kind::new(
    &[&["function"]],
    &[
        Metric { name: "ReleaseChecks", unit: "Count" },
        Metric { name: "ReleaseFaults", unit: "Count" },
        Metric { name: "StaleReleases", unit: "Count" },
    ],
);

/// The requests under a rule count for their function and for the rule, never for a host: a rule may stand for many.
static REQUESTS: Kind = Kind::new(
    &[&["function"], &["function", "plugin", "rule"]],
    &[
        Metric { name: "HttpRequests", unit: "Count" },
        Metric { name: "HttpSentBytes", unit: "Bytes" },
        Metric { name: "HttpReceivedBytes", unit: "Bytes" },
        Metric { name: "HttpDuration", unit: "Microseconds" },
    ],
);

/// The size of most lines, in bytes.
const LINE_BYTES: usize = 768;

static FUNCTION: OnceLock<String> = OnceLock::new();

/// A call as its metrics see it.
#[derive(Clone, Copy, Debug)]
pub struct Measured<'a> {
    /// The plugin's name.
    pub plugin: &'a str,
    /// The tool's name.
    pub tool: &'a str,
    /// The outcome's name in the log.
    pub outcome: &'a str,
    /// From the decoded request to the response.
    pub duration: Duration,
    /// 1 if the call failed for a reason that concerns the operator or the plugin's author, else 0.
    pub faults: u8,
    /// 1 if it was the first call of its process, else 0.
    pub cold_starts: u8,
    /// Most linear memory of the guest, in bytes.
    pub peak_memory_bytes: usize,
}

/// A check of the releases as its metrics see it.
#[derive(Clone, Copy, Debug)]
pub struct Checked {
    /// 1 if the index or its release could not be used, else 0.
    pub faults: u8,
    /// 1 if the release that is served has expired, else 0.
    pub stale: u8,
}

/// The requests of a call under one rule, as their metrics see them.
#[derive(Clone, Copy, Debug)]
pub struct HttpMeasured<'a> {
    /// The plugin's name.
    pub plugin: &'a str,
    /// The place of the rule, and its scheme, host and port.
    pub rule: &'a str,
    /// The requests that it has allowed.
    pub requests: u32,
    /// The bytes of their bodies.
    pub sent_bytes: u64,
    /// The bytes of the bodies of responses.
    pub received_bytes: u64,
    /// The time of the requests, added up.
    pub duration: Duration,
}

/// Writes a line for each call and each check from now on, for the Lambda function of that name.
pub fn start(function: String) {
    // A process serves one function: a second name would be a slip, the first one stands.
    let _ = FUNCTION.set(function);
}

/// Writes the line of a call; nothing where [`start`] was not called.
pub fn emit(call: &Measured<'_>) {
    write(|function, now| line(function, now, call));
}

/// Writes the line of a check; nothing where [`start`] was not called.
pub fn emit_check(checked: &Checked) {
    write(|function, now| check_line(function, now, checked));
}

/// Writes the line of the requests under a rule; nothing where [`start`] was not called.
pub fn emit_http(measured: &HttpMeasured<'_>) {
    write(|function, now| http_line(function, now, measured));
}

/// Writes a line for the function of this process, if it has one.
fn write(line: impl FnOnce(&str, Duration) -> Vec<u8>) {
    let Some(function) = FUNCTION.get() else { return };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let mut line = line(function, now);
    line.push(b'\n');
    // In one write, so that it stays one line; a closed output is no reason to fail a call.
    let _ = std::io::stdout().lock().write_all(&line);
}

#[derive(Serialize)]
struct Line<'a> {
    _aws: Directive<'a>,
    function: &'a str,
    plugin: &'a str,
    tool: &'a str,
    outcome: &'a str,
    #[serde(rename = "Duration")]
    duration: u64,
    #[serde(rename = "Faults")]
    faults: u8,
    #[serde(rename = "ColdStarts")]
    cold_starts: u8,
    #[serde(rename = "PeakMemory")]
    peak_memory: usize,
}

#[derive(Serialize)]
struct CheckLine<'a> {
    _aws: Directive<'a>,
    function: &'a str,
    #[serde(rename = "ReleaseChecks")]
    checks: u8,
    #[serde(rename = "ReleaseFaults")]
    faults: u8,
    #[serde(rename = "StaleReleases")]
    stale: u8,
}

#[derive(Serialize)]
struct HttpLine<'a> {
    _aws: Directive<'a>,
    function: &'a str,
    plugin: &'a str,
    rule: &'a str,
    #[serde(rename = "HttpRequests")]
    requests: u32,
    #[serde(rename = "HttpSentBytes")]
    sent_bytes: u64,
    #[serde(rename = "HttpReceivedBytes")]
    received_bytes: u64,
    #[serde(rename = "HttpDuration")]
    duration: u64,
}

/// Declares the metrics and dimensions of a kind of line. All its lines declare the same, so the JSON is made once.
struct Kind {
    dimensions: &'static [&'static [&'static str]],
    metrics: &'static [Metric],
    definitions: OnceLock<Box<RawValue>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive<'a> {
    timestamp: u64,
    cloud_watch_metrics: &'a RawValue,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    namespace: &'static str,
    dimensions: &'static [&'static [&'static str]],
    metrics: &'static [Metric],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    name: &'static str,
    unit: &'static str,
}

impl Kind {
    const fn new(dimensions: &'static [&'static [&'static str]], metrics: &'static [Metric]) -> Self {
        Self { dimensions, metrics, definitions: OnceLock::new() }
    }

    /// Declares what a line holds that is written `now`, the time since 1970.
    fn directive(&self, now: Duration) -> Directive<'_> {
        let cloud_watch_metrics = self.definitions.get_or_init(|| {
            let definition =
                Definition { namespace: NAMESPACE, dimensions: self.dimensions, metrics: self.metrics };
            serde_json::value::to_raw_value(&[definition]).unwrap_or_default() // only texts: always JSON
        });
        Directive { timestamp: u64::try_from(now.as_millis()).unwrap_or(u64::MAX), cloud_watch_metrics }
    }
}

fn line(function: &str, now: Duration, call: &Measured<'_>) -> Vec<u8> {
    let Measured { plugin, tool, outcome, duration, faults, cold_starts, peak_memory_bytes } = *call;
    json(&Line {
        _aws: CALLS.directive(now),
        function,
        plugin,
        tool,
        outcome,
        duration: micros(duration),
        faults,
        cold_starts,
        peak_memory: peak_memory_bytes,
    })
}

fn check_line(function: &str, now: Duration, checked: &Checked) -> Vec<u8> {
    let Checked { faults, stale } = *checked;
    json(&CheckLine { _aws: CHECKS.directive(now), function, checks: 1, faults, stale })
}

fn http_line(function: &str, now: Duration, measured: &HttpMeasured<'_>) -> Vec<u8> {
    let HttpMeasured { plugin, rule, requests, sent_bytes, received_bytes, duration } = *measured;
    json(&HttpLine {
        _aws: REQUESTS.directive(now),
        function,
        plugin,
        rule,
        requests,
        sent_bytes,
        received_bytes,
        duration: micros(duration),
    })
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn json(line: &impl Serialize) -> Vec<u8> {
    let mut json = Vec::with_capacity(LINE_BYTES);
    // Texts and numbers are always JSON, and writing to memory cannot fail.
    let _ = serde_json::to_writer(&mut json, line);
    json
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Checks that a line has every metric and dimension that it declares.
    fn checked(line: &[u8]) -> Value {
        let line: Value = serde_json::from_slice(line).unwrap();
        assert_eq!(line["_aws"]["Timestamp"], 1_800_000_000_123_u64);
        let [definition] = line["_aws"]["CloudWatchMetrics"].as_array().unwrap().as_slice() else {
            panic!("{line}")
        };
        assert_eq!(definition["Namespace"], "toolcell");
        for metric in definition["Metrics"].as_array().unwrap() {
            assert!(line[metric["Name"].as_str().unwrap()].is_u64(), "{metric} has no value: {line}");
        }
        for dimension in
            definition["Dimensions"].as_array().unwrap().iter().flat_map(|set| set.as_array().unwrap())
        {
            assert!(line[dimension.as_str().unwrap()].is_string(), "{dimension} has no value: {line}");
        }
        line
    }

    const NOW: Duration = Duration::from_millis(1_800_000_000_123);

    #[test]
    fn every_metric_and_dimension_that_a_line_declares_is_in_it() {
        let call = Measured {
            plugin: "text",
            tool: "make_slug",
            outcome: "ok",
            duration: Duration::from_micros(321),
            faults: 0,
            cold_starts: 1,
            peak_memory_bytes: 1 << 20,
        };
        let line = checked(&line("tools", NOW, &call));
        assert_eq!((&line["Duration"], &line["ColdStarts"]), (&json!(321), &json!(1)));
    }

    #[test]
    fn the_requests_under_a_rule_have_a_line_of_their_own() {
        let measured = HttpMeasured {
            plugin: "issues",
            rule: "0 https://*.example.com",
            requests: 3,
            sent_bytes: 10,
            received_bytes: 4_096,
            duration: Duration::from_micros(77),
        };
        let line = checked(&http_line("tools", NOW, &measured));
        let metrics = (&line["HttpRequests"], &line["HttpReceivedBytes"], &line["HttpDuration"]);
        assert_eq!(metrics, (&json!(3), &json!(4_096), &json!(77)));
        assert_eq!(line["rule"], "0 https://*.example.com");
    }

    #[test]
    fn a_check_of_the_releases_has_a_line_of_its_own() {
        let line = checked(&check_line("tools", NOW, &Checked { faults: 1, stale: 0 }));
        let metrics = (&line["ReleaseChecks"], &line["ReleaseFaults"], &line["StaleReleases"]);
        assert_eq!(metrics, (&json!(1), &json!(1), &json!(0)));
    }
}

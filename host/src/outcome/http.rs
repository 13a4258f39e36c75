//! Sums up the requests of a call to other hosts, for its log line and its metrics.

use std::time::Duration;

use crate::metrics::{self, HttpMeasured};
use crate::sandbox::{HttpUsage, RuleUsage};

/// The fields of the log line; none of a call without requests.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct HttpFields {
    /// The requests that a rule has allowed.
    pub(super) requests: Option<u64>,
    /// The bytes of their bodies.
    pub(super) sent_bytes: Option<u64>,
    /// The bytes of the bodies of responses.
    pub(super) received_bytes: Option<u64>,
    /// The time of all requests, added up, in microseconds.
    pub(super) us: Option<u64>,
    /// The same, rule by rule.
    pub(super) rules: Option<String>,
    /// The hosts.
    pub(super) hosts: Option<String>,
}

impl HttpFields {
    /// Sums up what a call has used.
    pub(super) fn of(usage: Option<&HttpUsage>) -> Self {
        let Some(HttpUsage { rules, hosts }) = usage else { return Self::default() };
        let sum = |of: fn(&RuleUsage) -> u64| Some(rules.iter().map(of).sum());
        Self {
            requests: sum(|rule| u64::from(rule.requests)),
            sent_bytes: sum(|rule| rule.sent_bytes),
            received_bytes: sum(|rule| rule.received_bytes),
            us: sum(|rule| us(rule.time)),
            rules: Some(rules.iter().map(shown).collect::<Vec<_>>().join("; ")),
            hosts: Some(hosts.iter().map(String::as_str).collect::<Vec<_>>().join(" ")),
        }
    }
}

fn shown(usage: &RuleUsage) -> String {
    let RuleUsage { rule, requests, sent_bytes, received_bytes, time } = usage;
    format!(
        "{rule}: requests={requests} sent_bytes={sent_bytes} received_bytes={received_bytes} us={}",
        us(*time)
    )
}

fn us(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Writes the metrics of each rule that was used.
pub(super) fn emit(plugin: &str, usage: Option<&HttpUsage>) {
    for rule in usage.iter().flat_map(|usage| &usage.rules) {
        metrics::emit_http(&HttpMeasured {
            plugin,
            rule: &rule.rule,
            requests: rule.requests,
            sent_bytes: rule.sent_bytes,
            received_bytes: rule.received_bytes,
            duration: rule.time,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_call_adds_up_its_rules_and_names_each() {
        assert_eq!(HttpFields::of(None), HttpFields::default());
        let rule = |rule: &str, requests| RuleUsage {
            rule: rule.to_owned(),
            requests,
            sent_bytes: 10,
            received_bytes: 100,
            time: Duration::from_micros(5),
        };
        let rules = vec![rule("0 https://a.example", 2), rule("3 https://*.b.example", 1)];
        let hosts = ["a.example", "x.b.example"].map(str::to_owned).into();
        let fields = HttpFields::of(Some(&HttpUsage { rules, hosts }));
        assert_eq!(
            (fields.requests, fields.sent_bytes, fields.received_bytes),
            (Some(3), Some(20), Some(200))
        );
        assert_eq!((fields.us, fields.hosts.as_deref()), (Some(10), Some("a.example x.b.example")));
        assert_eq!(
            fields.rules.as_deref(),
            Some(
                "0 https://a.example: requests=2 sent_bytes=10 received_bytes=100 us=5; \
                 3 https://*.b.example: requests=1 sent_bytes=10 received_bytes=100 us=5"
            )
        );
    }
}

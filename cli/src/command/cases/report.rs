//! Prints the results of cases for people and for scripts.

use std::path::Path;

use serde_json::{Map, Value, json};
use toolcell_host::sandbox::tape::Tape;

use super::answer::{self, Question};
use super::case::{Case, Response};
use super::diff::{self, Difference};
use super::{exchange, pretty, state};
use crate::ui::terminal::{Style, Terminal};

/// Differences of one case that are shown; a result of another kind differs everywhere.
const SHOWN: usize = 20;

/// The result of one case.
pub(super) struct CaseReport {
    /// The case.
    pub(super) name: String,
    /// Tells whether the file of the case was updated.
    pub(super) golden: Golden,
    /// The failures; empty if the case passed.
    pub(super) faults: Vec<Fault>,
}

/// Tells whether the file of a case was updated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Golden {
    /// Nothing.
    Kept,
    /// It holds what came back.
    Written,
}

/// One reason for a failure.
pub(super) enum Fault {
    /// Something else came back.
    Differs {
        /// The expected value.
        expected: Response,
        /// The actual value.
        found: Response,
    },
    /// The plugin's buckets hold something else in the end.
    State {
        /// The expected state.
        expected: Value,
        /// The actual state, in the same form.
        found: Value,
    },
    /// The case does not say what has to come back.
    New(Response),
    /// An answer does not fit its question.
    Unfit(String),
    /// The plugin asks what the case does not answer.
    Asks {
        /// The questions.
        questions: Vec<Question>,
        /// The answers to add to the case.
        lines: String,
    },
    /// The case answers what the plugin does not ask.
    NeverAsked(Vec<String>),
    /// The plugin sends requests that the case has no exchange for.
    Unanswered {
        /// Method and address of each.
        requests: Vec<String>,
        /// The exchanges to add to the case.
        lines: String,
    },
    /// The case has exchanges for requests that the plugin does not send: place, method and address of each.
    NeverSent(Vec<String>),
    /// The plugin sends requests before a question that do not bear being sent again: method and address of each.
    SentAgain(Vec<(String, String)>),
    /// Requests were not recorded: each with the reason.
    NotRecorded(Vec<String>),
}

impl Fault {
    /// The plugin asks what the case does not answer.
    pub(super) fn asks(case: &Case, questions: Vec<Question>) -> Self {
        Fault::Asks { lines: answer::lines(case, &questions), questions }
    }

    /// The plugin sends requests that the case has no exchange for.
    pub(super) fn unanswered(case: &Case, tape: &Tape) -> Option<Self> {
        let sent = tape.unanswered();
        let requests = sent.iter().map(|sent| format!("{} {}", sent.method, sent.url)).collect();
        (!sent.is_empty()).then(|| Fault::Unanswered { requests, lines: exchange::lines(case, &sent) })
    }

    /// The case has exchanges that no request has used.
    pub(super) fn never_sent(case: &Case, tape: &Tape) -> Option<Self> {
        let exchanges = case.exchanges.as_deref().unwrap_or_default();
        let shown = |at: usize| {
            let request = &exchanges.get(at)?.request;
            Some(format!("{}[{at}], {} {}", exchange::KEY, request.method, request.url))
        };
        let unused: Vec<String> = tape.unused().into_iter().filter_map(shown).collect();
        (!unused.is_empty()).then_some(Fault::NeverSent(unused))
    }
}

/// The lines about one case, for people.
pub(super) fn text(report: &CaseReport, terminal: &Terminal) -> String {
    let CaseReport { name, golden, faults } = report;
    let (style, word) = match (faults.is_empty(), golden) {
        (false, _) => (Style::Bad, "FAIL "),
        (true, Golden::Written) => (Style::Good, "wrote"),
        (true, Golden::Kept) => (Style::Good, "ok   "),
    };
    let mut lines = vec![format!("{} {name}", terminal.style(style, word))];
    lines.extend(faults.iter().map(|fault| format!("  {}", told(fault).replace('\n', "\n  "))));
    lines.join("\n")
}

/// The last line: how many cases went which way.
pub(super) fn summary(reports: &[CaseReport]) -> String {
    let passed = reports.iter().filter(|report| report.faults.is_empty()).count();
    format!("{passed} passed, {} failed", reports.len() - passed)
}

fn told(fault: &Fault) -> String {
    match fault {
        Fault::Differs { expected, found } if expected.key() == found.key() => {
            differences(&diff::between(&expected.value(), &found.value()))
        }
        Fault::Differs { expected, found } => {
            format!("expected {}, found {}:\n{}", kind(expected), kind(found), shown(found))
        }
        Fault::State { expected, found } => differences(&diff::of_member(state::AFTER, expected, found)),
        Fault::New(found) => {
            format!(
                "does not say what to expect; `toolcell test --update` writes what is found, {}:\n{}",
                kind(found),
                shown(found)
            )
        }
        Fault::Unfit(text) => format!("has an answer that does not fit its question\n  {text}"),
        Fault::Asks { questions, lines } => {
            let mut all: Vec<String> = questions.iter().map(answer::describe).collect();
            all.push(lines.clone());
            all.join("\n")
        }
        Fault::NeverAsked(keys) => {
            let lines = keys.iter().map(|key| format!("never asked {key:?}, which the case answers"));
            lines.collect::<Vec<_>>().join("\n")
        }
        Fault::Unanswered { requests, lines } => {
            format!("sends what the case does not answer\n  {}\n{lines}", requests.join("\n  "))
        }
        Fault::NeverSent(exchanges) => {
            let lines = exchanges.iter().map(|exchange| format!("never sends the request of {exchange}"));
            lines.collect::<Vec<_>>().join("\n")
        }
        Fault::SentAgain(requests) => {
            let lines = requests.iter().map(|(method, url)| {
                format!(
                    "sends {method} {url} before a question, after which the call runs again from its start and sends \
                     it again;\n  set a memo after the request, or send `call.idempotency-key` with it (docs/state.md)"
                )
            });
            lines.collect::<Vec<_>>().join("\n")
        }
        Fault::NotRecorded(requests) => {
            format!("was not recorded, because a request has no whole response\n  {}", requests.join("\n  "))
        }
    }
}

fn kind(response: &Response) -> &'static str {
    match response {
        Response::Result(_) => "a result",
        Response::Error(_) => "an error",
    }
}

fn shown(response: &Response) -> String {
    format!("  {}", pretty::value(response.raw(), 0, 4).replace('\n', "\n  "))
}

fn differences(all: &[Difference]) -> String {
    let mut lines = Vec::new();
    for difference in all.iter().take(SHOWN) {
        let [expected, found] = difference.sides();
        lines.push(format!("{}\n  expected  {expected}\n  found     {found}", difference.path));
    }
    if all.len() > SHOWN {
        lines.push(format!("and {} more", all.len() - SHOWN));
    }
    lines.join("\n")
}

/// Everything as one JSON object.
pub(super) fn json(plugin: &Path, reports: &[CaseReport]) -> String {
    let passed = reports.iter().filter(|report| report.faults.is_empty()).count();
    let cases: Vec<Value> = reports.iter().map(case).collect();
    let failed = reports.len() - passed;
    json!({ "plugin": plugin.display().to_string(), "passed": passed, "failed": failed, "cases": cases })
        .to_string()
}

fn case(report: &CaseReport) -> Value {
    json!({
        "name": report.name,
        "passed": report.faults.is_empty(),
        "written": report.golden == Golden::Written,
        "faults": report.faults.iter().map(fault).collect::<Vec<_>>(),
    })
}

fn fault(fault: &Fault) -> Value {
    match fault {
        Fault::Differs { expected, found } => {
            let all = diff::between(&expected.value(), &found.value());
            let differences = if expected.key() == found.key() { all } else { Vec::new() };
            json!({
                "kind": "differs",
                "differences": differences.iter().map(difference).collect::<Vec<_>>(),
                found.key().replace("expect", "found"): found.raw(),
            })
        }
        Fault::State { expected, found } => {
            let all = diff::of_member(state::AFTER, expected, found);
            let all: Vec<_> = all.iter().map(difference).collect();
            json!({ "kind": "state", "differences": all, "found": found })
        }
        Fault::New(found) => json!({ "kind": "new", found.key().replace("expect", "found"): found.raw() }),
        Fault::Unfit(text) => json!({ "kind": "unfit", "message": text }),
        Fault::Asks { questions, .. } => {
            let all = questions.iter().map(|question| (question.key.clone(), question.request.clone()));
            json!({ "kind": "asks", "questions": all.collect::<Map<_, _>>() })
        }
        Fault::NeverAsked(keys) => json!({ "kind": "never-asked", "keys": keys }),
        Fault::Unanswered { requests, .. } => json!({ "kind": "unanswered", "requests": requests }),
        Fault::NeverSent(exchanges) => json!({ "kind": "never-sent", "exchanges": exchanges }),
        Fault::SentAgain(requests) => {
            let all = requests.iter().map(|(method, url)| format!("{method} {url}"));
            json!({ "kind": "sent-again", "requests": all.collect::<Vec<_>>() })
        }
        Fault::NotRecorded(requests) => json!({ "kind": "not-recorded", "requests": requests }),
    }
}

/// A side that is absent has nothing there.
fn difference(difference: &Difference) -> Value {
    let mut object = Map::from_iter([("path".to_owned(), Value::from(difference.path.as_str()))]);
    object.extend(difference.expected.clone().map(|value| ("expected".to_owned(), value)));
    object.extend(difference.found.clone().map(|value| ("found".to_owned(), value)));
    Value::Object(object)
}

//! Requests that are sent, and what becomes of their responses.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use http_client::{Failure, Method, Request, Response, Scheme};
use serde_json::{Value, json};

use super::{Filter, IssueError, Tracker};
use crate::exports::samples::issues::tools::{CloseReason, IssueState, StateFilter};
use crate::settings::Settings;

const NOW: u64 = 1_768_230_058;

/// What a tracker was sent.
type Sent = Rc<RefCell<Vec<Request>>>;

/// A tracker that is answered in this order.
fn tracker(answers: impl IntoIterator<Item = Result<Response, Failure>>) -> (Tracker, Sent) {
    let sent = Sent::default();
    let (seen, answers) = (Rc::clone(&sent), RefCell::new(answers.into_iter().collect::<VecDeque<_>>()));
    let settings = Settings {
        scheme: Scheme::Https,
        authority: "api.example".to_owned(),
        base: "/v3".to_owned(),
        repository: "o/n".to_owned(),
    };
    let tracker = Tracker::new(settings, NOW, move |request| {
        seen.borrow_mut().push(request.clone());
        answers.borrow_mut().pop_front().expect("an answer for each request")
    });
    (tracker, sent)
}

fn answer(status: u16, body: Value) -> Result<Response, Failure> {
    Ok(Response { status, headers: Vec::new(), body: body.to_string().into_bytes(), is_cut: false })
}

fn with_link(answer: Result<Response, Failure>, link: &str) -> Result<Response, Failure> {
    answer.map(|mut response| {
        response.headers.push(("link".to_owned(), link.to_owned()));
        response
    })
}

fn issue(number: u32) -> Value {
    json!({
        "number": number, "title": "A\u{202e} title", "state": "closed", "user": {"login": "ann"},
        "labels": [{"name": "bug"}, "old", {"name": null}], "assignees": [{"login": "bob"}], "comments": 2,
        "created_at": "2026-01-12T15:00:58Z", "updated_at": "2026-01-13T15:00:58Z",
        "html_url": format!("https://example/o/n/issues/{number}"), "body": "Text<!-- hidden -->",
        "repository_url": "https://api.example/v3/repos/O/N", "more": 1
    })
}

fn path(sent: &Sent, at: usize) -> String {
    sent.borrow()[at].path.clone()
}

#[test]
fn a_list_is_filtered_by_the_tracker_and_has_no_pull_requests() {
    let mut pull = issue(8);
    pull["pull_request"] = json!({});
    let link = "<https://api.example/v3/x?page=2>; rel=\"next\"";
    let (tracker, sent) = tracker([with_link(answer(200, json!([issue(7), pull])), link)]);
    let labels = vec!["good first issue".to_owned(), "a&b".to_owned()];
    let filter = Filter { state: StateFilter::All, labels, assignee: Some("a b".to_owned()) };
    let listing = tracker.list(&filter, 5, Some("page=1")).unwrap();
    let expected = "/v3/repos/o/n/issues?state=all&sort=updated&per_page=5\
        &labels=good%20first%20issue%2Ca%26b&assignee=a%20b&page=1";
    assert_eq!(path(&sent, 0), expected);
    assert_eq!((listing.issues.len(), listing.next.as_deref()), (1, Some("page=2")));
    let summary = &listing.issues[0];
    assert_eq!((summary.number, summary.title.as_str(), summary.state), (7, "A title", IssueState::Closed));
    assert_eq!(
        (&summary.labels[..], &summary.assignees[..]),
        (&["bug", "old", ""].map(str::to_owned)[..], &["bob".to_owned()][..])
    );
}

#[test]
fn a_request_has_no_credential() {
    let (tracker, sent) = tracker([answer(200, json!([]))]);
    let filter = Filter { state: StateFilter::Open, labels: Vec::new(), assignee: None };
    tracker.list(&filter, 5, None).unwrap();
    let sent = sent.borrow();
    let names: Vec<_> = sent[0].headers.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["accept", "x-github-api-version", "user-agent"]);
    assert_eq!((sent[0].method, sent[0].authority.as_str()), (Method::Get, "api.example"));
}

#[test]
fn words_of_a_search_are_text_and_stay_in_the_repository() {
    let mut other = issue(9);
    other["repository_url"] = json!("https://api.example/v3/repos/secret/n");
    let (tracker, sent) = tracker([answer(200, json!({"items": [issue(7), other]}))]);
    let found = tracker.search("repo:secret/n \"is:open \\", StateFilter::Open, 5, None).unwrap();
    let expected = "/v3/search/issues?q=repo%3Ao%2Fn%20is%3Aissue%20is%3Aopen%20%22repo%3Asecret%2Fn%22\
        %20%22is%3Aopen%22%20%22%22&per_page=5";
    assert_eq!(path(&sent, 0), expected);
    assert_eq!(found.issues.iter().map(|issue| issue.number).collect::<Vec<_>>(), [7]);
}

#[test]
fn an_issue_is_read_with_its_comments() {
    let comment = json!({"user": null, "created_at": "x", "body": "Hi<!-- y -->", "html_url": "z"});
    let link = "<https://api.example/x?per_page=20&page=2>; rel=\"next\"";
    let answers = || [answer(200, issue(7)), with_link(answer(200, json!([comment])), link)];
    let (first, sent) = tracker(answers());
    let read = first.read(7, None).unwrap();
    assert_eq!(path(&sent, 0), "/v3/repos/o/n/issues/7");
    assert_eq!(path(&sent, 1), "/v3/repos/o/n/issues/7/comments?per_page=20");
    assert_eq!((read.text.text.as_str(), read.next.as_deref()), ("Text", Some("page=2")));
    assert_eq!((read.comments[0].author.as_str(), read.comments[0].text.text.as_str()), ("ghost", "Hi"));
    let (second, sent) = tracker(answers());
    assert_eq!(second.read(7, Some("page=2")).unwrap().text.text, "", "the text came with the first page");
    assert!(path(&sent, 1).ends_with("&page=2"));
    let (third, sent) = tracker([]);
    assert_eq!(third.read(7, Some("page=2&x=y")).unwrap_err(), IssueError::Cursor);
    assert!(sent.borrow().is_empty());
}

#[test]
fn what_is_written_is_json() {
    let comment = json!({"user": null, "created_at": "x", "body": null, "html_url": "https://example/c"});
    let answers = [answer(201, issue(7)), answer(201, comment), answer(200, issue(7))];
    let (tracker, sent) = tracker(answers);
    let created = tracker.create("T \"1\"", "text\n", &["bug".to_owned()]).unwrap();
    assert_eq!((created.number, created.url.as_str()), (7, "https://example/o/n/issues/7"));
    assert_eq!(tracker.comment(7, "Hi").unwrap().url, "https://example/c");
    assert_eq!(tracker.close(7, CloseReason::NotPlanned).unwrap().state, IssueState::Closed);
    let body =
        |at: usize| -> Value { serde_json::from_slice(sent.borrow()[at].body.as_ref().unwrap()).unwrap() };
    assert_eq!(body(0), json!({"title": "T \"1\"", "body": "text\n", "labels": ["bug"]}));
    assert_eq!(body(1), json!({"body": "Hi"}));
    assert_eq!(body(2), json!({"state": "closed", "state_reason": "not_planned"}));
    let methods: Vec<_> = sent.borrow().iter().map(|request| request.method).collect();
    assert_eq!(methods, [Method::Post, Method::Post, Method::Patch]);
    assert_eq!(path(&sent, 1), "/v3/repos/o/n/issues/7/comments");
    assert!(sent.borrow()[0].headers.contains(&("content-type", "application/json".to_owned())));
}

#[test]
fn a_write_says_if_it_may_have_happened() {
    for (answer, may_be_done) in [
        (Err(Failure::Slow), true),
        (Err(Failure::Denied), false),
        (answer(502, json!({})), true),
        (answer(201, json!({"number": "x"})), true),
        (answer(422, json!({})), false),
        (answer(403, json!({})), false),
        (answer(404, json!({})), false),
    ] {
        let (tracker, _) = tracker([answer]);
        let text = tracker.create("t", "", &[]).unwrap_err().to_string();
        assert_eq!(text.contains("look for it before you try again"), may_be_done, "{text}");
    }
    let (tracker, _) = tracker([Err(Failure::Slow)]);
    let filter = Filter { state: StateFilter::Open, labels: Vec::new(), assignee: None };
    assert_eq!(tracker.list(&filter, 1, None).unwrap_err(), IssueError::Failed(Failure::Slow));
}

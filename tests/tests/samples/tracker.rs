//! An issue tracker with the interface of GitHub, as far as the plugin uses it.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use toolcell_tests::Upstream;

/// The token that the tracker knows.
pub(crate) const TOKEN: &str = "canary-tracker-token-0123456789";

/// The path of the issues.
const ISSUES: &str = "/repos/acme/site/issues";

/// A running tracker.
pub(crate) struct Tracker {
    pub(crate) upstream: Upstream,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    issues: Vec<Value>,
    comments: Vec<(u64, Value)>,
    /// A response to the next request, whatever it is.
    next: Option<(u16, Vec<(&'static str, String)>)>,
}

impl Tracker {
    /// Starts a tracker with this many open issues.
    pub(crate) fn start(issues: u64) -> Self {
        let mut state = State::default();
        (1..=issues).for_each(|number| state.issues.push(issue(number, &format!("Issue {number}"), "Text")));
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        let upstream = Upstream::answering(move |request| shared.lock().unwrap().answer(request));
        Self { upstream, state }
    }

    /// Lets the next request have this response.
    pub(crate) fn answer_next(&self, status: u16, headers: &[(&'static str, &str)]) {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        self.state.lock().unwrap().next = Some((status, headers));
    }

    /// Returns an issue as the tracker has it.
    pub(crate) fn issue(&self, number: usize) -> Value {
        self.state.lock().unwrap().issues[number - 1].clone()
    }

    /// Adds an issue that somebody else has written.
    pub(crate) fn add(&self, title: &str, text: &str) {
        let mut state = self.state.lock().unwrap();
        let number = state.issues.len() as u64 + 1;
        state.issues.push(issue(number, title, text));
    }
}

fn issue(number: u64, title: &str, text: &str) -> Value {
    json!({
        "number": number, "title": title, "body": text, "state": "open", "comments": 0,
        "user": {"login": "ann"}, "labels": [], "assignees": [],
        "created_at": "2026-01-12T15:00:58Z", "updated_at": "2026-01-12T15:00:58Z",
        "html_url": format!("https://tracker.example/acme/site/issues/{number}"),
        "repository_url": "https://tracker.example/repos/acme/site"
    })
}

fn answer(status: u16, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

/// Returns a parameter of a query.
fn parameter<'q>(query: &'q str, name: &str) -> Option<&'q str> {
    query
        .split('&')
        .find_map(|pair| pair.split_once('=').filter(|(own, _)| *own == name).map(|(_, value)| value))
}

impl State {
    fn answer(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        if let Some((status, headers)) = self.next.take() {
            let mut response = answer(status, &json!({"message": "as the test wants"}));
            for (name, value) in headers {
                response.headers_mut().insert(name, value.parse().unwrap());
            }
            return response;
        }
        let credential = request.headers().get("authorization").map(http::HeaderValue::as_bytes);
        if credential != Some(format!("Bearer {TOKEN}").as_bytes()) {
            return answer(401, &json!({"message": "Bad credentials"}));
        }
        let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
        let query = request.uri().query().unwrap_or_default();
        let path = request.uri().path();
        if path == "/search/issues" {
            return self.search(query);
        }
        let Some(rest) = path.strip_prefix(ISSUES) else { return answer(404, &json!({})) };
        let parts: Vec<&str> = rest.split('/').skip(1).collect();
        match (request.method(), &parts[..]) {
            (&Method::GET, []) => self.list(query),
            (&Method::POST, []) => self.create(&body),
            (&Method::GET, [number]) => self.at(number, |issue| answer(200, issue)),
            (&Method::PATCH, [number]) => self.at(number, |issue| {
                issue["state"] = body["state"].clone();
                issue["state_reason"] = body["state_reason"].clone();
                answer(200, issue)
            }),
            (&Method::GET, [number, "comments"]) => self.comments(number, query),
            (&Method::POST, [number, "comments"]) => self.comment(number, &body),
            _ => answer(404, &json!({})),
        }
    }

    fn at(&mut self, number: &str, act: impl FnOnce(&mut Value) -> Response<Bytes>) -> Response<Bytes> {
        let number = number.parse::<u64>().ok();
        let issue = self.issues.iter_mut().find(|issue| issue["number"].as_u64() == number);
        issue.map_or_else(|| answer(404, &json!({"message": "Not Found"})), act)
    }

    fn list(&self, query: &str) -> Response<Bytes> {
        let state = parameter(query, "state").unwrap_or("open");
        let issues = self.issues.iter().filter(|issue| state == "all" || issue["state"] == state);
        page(issues.cloned().collect(), query)
    }

    fn comments(&self, number: &str, query: &str) -> Response<Bytes> {
        let number = number.parse().ok();
        let own = self.comments.iter().filter(|(issue, _)| Some(*issue) == number);
        page(own.map(|(_, comment)| comment.clone()).collect(), query)
    }

    fn create(&mut self, body: &Value) -> Response<Bytes> {
        let Some(title) = body["title"].as_str().filter(|title| !title.contains("refuse")) else {
            let error = json!({"resource": "Issue", "field": "title", "code": "invalid"});
            return answer(422, &json!({"message": "Validation Failed", "errors": [error]}));
        };
        let number = self.issues.len() as u64 + 1;
        let mut issue = issue(number, title, body["body"].as_str().unwrap_or_default());
        issue["labels"] = body["labels"].clone();
        self.issues.push(issue.clone());
        answer(201, &issue)
    }

    fn comment(&mut self, number: &str, body: &Value) -> Response<Bytes> {
        let comment = json!({
            "user": {"login": "bot"}, "created_at": "2026-01-13T15:00:58Z", "body": body["body"],
            "html_url": format!("https://tracker.example/acme/site/issues/{number}#comment")
        });
        self.comments.push((number.parse().unwrap(), comment.clone()));
        answer(201, &comment)
    }

    /// Finds issues whose titles contain the words in quotes.
    fn search(&self, query: &str) -> Response<Bytes> {
        let wanted = parameter(query, "q").unwrap_or_default();
        let words: Vec<&str> = wanted.split("%22").skip(1).step_by(2).collect();
        let contains = |issue: &&Value| words.iter().all(|word| issue["title"].to_string().contains(word));
        let items: Vec<_> = self.issues.iter().filter(contains).collect();
        answer(200, &json!({"total_count": items.len(), "items": items}))
    }
}

/// Answers with one page of a list, and a link to the next one.
fn page(all: Vec<Value>, query: &str) -> Response<Bytes> {
    let number = |name: &str, default| parameter(query, name).map_or(default, |text| text.parse().unwrap());
    let (page, size): (usize, usize) = (number("page", 1), number("per_page", 30));
    let items: Vec<_> = all.iter().skip((page - 1) * size).take(size).collect();
    let mut response = answer(200, &json!(items));
    if page * size < all.len() {
        let link = format!("<https://tracker.example/x?per_page={size}&page={}>; rel=\"next\"", page + 1);
        response.headers_mut().insert("link", link.parse().unwrap());
    }
    response
}

//! The requests to the tracker. Nothing here has a credential: the host adds it on the way.

use http_client::{Failure, Method, Request, Response};
use serde_json::json;

use crate::error::IssueError;
use crate::exports::samples::issues::tools::{
    CloseReason, Created, Issue, Listing, StateFilter, Summary, WrittenText,
};
use crate::model::{self, Comment, Found};
use crate::settings::Settings;
use crate::{answer, cursor, wording};

/// Comments on a page.
const PAGE_COMMENTS: u32 = 20;

/// Sends one request.
type Send = Box<dyn Fn(&Request) -> Result<Response, Failure>>;

/// The tracker, at one moment.
pub(crate) struct Tracker {
    settings: Settings,
    /// Seconds since 1970.
    now: u64,
    send: Send,
}

/// Which issues to list.
pub(crate) struct Filter {
    pub(crate) state: StateFilter,
    pub(crate) labels: Vec<String>,
    pub(crate) assignee: Option<String>,
}

impl Tracker {
    /// Makes the tracker that is asked by a function that sends one request.
    pub(crate) fn new(
        settings: Settings,
        now: u64,
        send: impl Fn(&Request) -> Result<Response, Failure> + 'static,
    ) -> Self {
        Self { settings, now, send: Box::new(send) }
    }

    /// Lists issues, those that were changed last first.
    ///
    /// # Errors
    /// The reason why there is no list.
    pub(crate) fn list(
        &self,
        filter: &Filter,
        most: u32,
        after: Option<&str>,
    ) -> Result<Listing, IssueError> {
        let mut query = format!("?state={}&sort=updated&per_page={most}", state(filter.state));
        if !filter.labels.is_empty() {
            query += &format!("&labels={}", encoded(&filter.labels.join(",")));
        }
        if let Some(assignee) = &filter.assignee {
            query += &format!("&assignee={}", encoded(assignee));
        }
        query += &cursor::parameter(after)?;
        let response = self.get(&format!("{}{query}", self.issues()))?;
        let issues: Vec<model::Issue> = self.parse(&response, &self.repository())?;
        Ok(listing(issues, &response))
    }

    /// Finds issues with all of these words.
    ///
    /// # Errors
    /// The reason why nothing was searched.
    pub(crate) fn search(
        &self,
        words: &str,
        state: StateFilter,
        most: u32,
        after: Option<&str>,
    ) -> Result<Listing, IssueError> {
        let repository = &self.settings.repository;
        let mut wanted = format!("repo:{repository} is:issue");
        match state {
            StateFilter::Open => wanted += " is:open",
            StateFilter::Closed => wanted += " is:closed",
            StateFilter::All => {}
        }
        // In quotes, a word is text: without them, `repo:` would search elsewhere with this server's credential.
        for word in words.split_whitespace() {
            wanted += &format!(" \"{}\"", word.replace(['"', '\\'], ""));
        }
        let page = cursor::parameter(after)?;
        let response = self.get(&format!("/search/issues?q={}&per_page={most}{page}", encoded(&wanted)))?;
        let mut found: Found = self.parse(&response, &self.repository())?;
        found.items.retain(|issue| issue.is_of(repository));
        Ok(listing(found.items, &response))
    }

    /// Reads an issue with a page of its comments.
    ///
    /// # Errors
    /// The reason why it cannot be read.
    pub(crate) fn read(&self, number: u32, after: Option<&str>) -> Result<Issue, IssueError> {
        let page = cursor::parameter(after)?;
        let (path, what) = (format!("{}/{number}", self.issues()), format!("issue {number}"));
        let issue: model::Issue = self.parse(&self.get(&path)?, &what)?;
        let response = self.get(&format!("{path}/comments?per_page={PAGE_COMMENTS}{page}"))?;
        let comments: Vec<Comment> = self.parse(&response, &what)?;
        let text = match after {
            None => wording::text(issue.body.as_deref().unwrap_or_default()),
            Some(_) => WrittenText { text: String::new(), is_cut: false },
        };
        Ok(Issue {
            summary: issue.summary(),
            text,
            comments: comments.iter().map(Comment::remark).collect(),
            next: next(&response),
        })
    }

    /// Creates an issue.
    ///
    /// # Errors
    /// The reason why it was not created, or that it may have been.
    pub(crate) fn create(&self, title: &str, text: &str, labels: &[String]) -> Result<Created, IssueError> {
        let body = json!({"title": title, "body": text, "labels": labels});
        let issue: model::Issue = self.write(Method::Post, &self.issues(), &body, &self.repository())?;
        Ok(issue.created())
    }

    /// Comments an issue.
    ///
    /// # Errors
    /// The reason why it was not commented, or that it may have been.
    pub(crate) fn comment(&self, number: u32, text: &str) -> Result<Created, IssueError> {
        let path = format!("{}/{number}/comments", self.issues());
        let comment: Comment =
            self.write(Method::Post, &path, &json!({"body": text}), &format!("issue {number}"))?;
        Ok(comment.created(number))
    }

    /// Closes an issue.
    ///
    /// # Errors
    /// The reason why it was not closed, or that it may have been.
    pub(crate) fn close(&self, number: u32, reason: CloseReason) -> Result<Summary, IssueError> {
        let reason = match reason {
            CloseReason::Completed => "completed",
            CloseReason::NotPlanned => "not_planned",
        };
        let body = json!({"state": "closed", "state_reason": reason});
        let path = format!("{}/{number}", self.issues());
        let issue: model::Issue = self.write(Method::Patch, &path, &body, &format!("issue {number}"))?;
        Ok(issue.summary())
    }

    fn get(&self, path: &str) -> Result<Response, IssueError> {
        self.send(Method::Get, path, None)
    }

    /// Sends a request that writes, and reads the response.
    fn write<T: serde::de::DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &serde_json::Value,
        what: &str,
    ) -> Result<T, IssueError> {
        let response = self.send(method, path, Some(body.to_string().into_bytes()));
        response.and_then(|response| self.parse(&response, what)).map_err(IssueError::of_write)
    }

    fn send(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Result<Response, IssueError> {
        let mut headers = vec![
            ("accept", "application/vnd.github+json".to_owned()),
            ("x-github-api-version", "2022-11-28".to_owned()),
            ("user-agent", concat!("toolcell-issues/", env!("CARGO_PKG_VERSION")).to_owned()),
        ];
        headers.extend(body.as_ref().map(|_| ("content-type", "application/json".to_owned())));
        let request = Request {
            method,
            scheme: self.settings.scheme,
            authority: self.settings.authority.clone(),
            path: format!("{}{path}", self.settings.base),
            headers,
            body,
        };
        (self.send)(&request).map_err(IssueError::Failed)
    }

    fn parse<T: serde::de::DeserializeOwned>(
        &self,
        response: &Response,
        what: &str,
    ) -> Result<T, IssueError> {
        answer::read(response, what, self.now)
    }

    /// Returns the path of the issues.
    fn issues(&self) -> String {
        format!("/repos/{}/issues", self.settings.repository)
    }

    fn repository(&self) -> String {
        format!("repository {}", self.settings.repository)
    }
}

fn listing(issues: Vec<model::Issue>, response: &Response) -> Listing {
    let issues = issues.iter().filter(|issue| !issue.is_pull_request());
    Listing { issues: issues.map(model::Issue::summary).collect(), next: next(response) }
}

fn next(response: &Response) -> Option<String> {
    response.header("link").and_then(cursor::next)
}

fn state(filter: StateFilter) -> &'static str {
    match filter {
        StateFilter::Open => "open",
        StateFilter::Closed => "closed",
        StateFilter::All => "all",
    }
}

/// Writes a text as the value of a parameter.
fn encoded(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => value.push(byte.into()),
            _ => value += &format!("%{byte:02X}"),
        }
    }
    value
}

#[cfg(test)]
mod tests;

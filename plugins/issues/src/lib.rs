//! The issues of one repository. The contract of every function is in `wit/world.wit`.
//!
//! ```text
//! settings ─> tracker (requests) ─> http-client ─> the host, which adds the token
//!               ├─ answer: statuses and rate limits
//!               ├─ cursor: pages
//!               └─ model: JSON ─> wording: texts of strangers
//! ```

mod answer;
mod cursor;
mod error;
mod model;
mod settings;
mod tracker;
mod wording;

wit_bindgen::generate!({ world: "issues", path: "wit", generate_all });

use std::time::{SystemTime, UNIX_EPOCH};

use error::IssueError;
use exports::samples::issues::tools::{CloseReason, Created, Guest, Issue, Listing, StateFilter, Summary};
use settings::Settings;
use tracker::{Filter, Tracker};

/// The most bytes of a response that are read.
const RESPONSE_BYTES: usize = 4 << 20;

struct Issues;

impl Guest for Issues {
    fn list_issues(
        state: StateFilter,
        labels: Vec<String>,
        assignee: Option<String>,
        max_issues: u32,
        after: Option<String>,
    ) -> Result<Listing, String> {
        let filter = Filter { state, labels, assignee };
        told(tracker().and_then(|tracker| tracker.list(&filter, max_issues, after.as_deref())))
    }

    fn search_issues(
        words: String,
        state: StateFilter,
        max_issues: u32,
        after: Option<String>,
    ) -> Result<Listing, String> {
        told(tracker().and_then(|tracker| tracker.search(&words, state, max_issues, after.as_deref())))
    }

    fn read_issue(number: u32, after: Option<String>) -> Result<Issue, String> {
        told(tracker().and_then(|tracker| tracker.read(number, after.as_deref())))
    }

    fn create_issue(title: String, text: String, labels: Vec<String>) -> Result<Created, String> {
        told(tracker().and_then(|tracker| tracker.create(&title, &text, &labels)))
    }

    fn comment_issue(number: u32, text: String) -> Result<Created, String> {
        told(tracker().and_then(|tracker| tracker.comment(number, &text)))
    }

    fn close_issue(number: u32, reason: CloseReason) -> Result<Summary, String> {
        told(tracker().and_then(|tracker| tracker.close(number, reason)))
    }
}

/// Returns the tracker that the deployer configured.
fn tracker() -> Result<Tracker, IssueError> {
    let settings = Settings::read(|key| match wasi::config::store::get(key) {
        Ok(value) => Ok(value),
        Err(_) => Err(IssueError::Settings("its configuration cannot be read")),
    })?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Ok(Tracker::new(settings, now, |request| http_client::send(request, RESPONSE_BYTES)))
}

/// Turns an error into the text that the model reads.
fn told<T>(result: Result<T, IssueError>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

export!(Issues);

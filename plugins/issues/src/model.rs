//! The JSON of the tracker, and what clients see of it.

use serde::Deserialize;

use crate::exports::samples::issues::tools::{Created, IssueState, Remark, Summary};
use crate::wording;

/// The most characters of names and titles, which the tracker limits to less.
const NAME_CHARS: usize = 300;

/// An issue, which is a pull request if it has a member of that name.
#[derive(Debug, Deserialize)]
pub(crate) struct Issue {
    number: u32,
    title: String,
    state: String,
    user: Option<User>,
    #[serde(default)]
    labels: Vec<Label>,
    #[serde(default)]
    assignees: Vec<User>,
    #[serde(default)]
    comments: u32,
    created_at: String,
    updated_at: String,
    html_url: String,
    pub(crate) body: Option<String>,
    pull_request: Option<serde::de::IgnoredAny>,
    repository_url: Option<String>,
}

/// A comment.
#[derive(Debug, Deserialize)]
pub(crate) struct Comment {
    user: Option<User>,
    created_at: String,
    body: Option<String>,
    html_url: String,
}

/// A page of a search.
#[derive(Debug, Deserialize)]
pub(crate) struct Found {
    pub(crate) items: Vec<Issue>,
}

#[derive(Debug, Deserialize)]
struct User {
    login: String,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Label {
    Name(String),
    Object { name: Option<String> },
}

impl Issue {
    pub(crate) fn is_pull_request(&self) -> bool {
        self.pull_request.is_some()
    }

    /// Tells whether an issue that was found by a search belongs to the repository.
    pub(crate) fn is_of(&self, repository: &str) -> bool {
        let path = format!("/repos/{repository}").to_ascii_lowercase();
        let url = self.repository_url.as_deref().unwrap_or_default();
        url.to_ascii_lowercase().ends_with(&path)
    }

    /// Describes the issue without its text.
    pub(crate) fn summary(&self) -> Summary {
        let label = |label: &Label| match label {
            Label::Name(name) => name_of(name),
            Label::Object { name } => name_of(name.as_deref().unwrap_or_default()),
        };
        Summary {
            number: self.number,
            title: name_of(&self.title),
            state: if self.state == "closed" { IssueState::Closed } else { IssueState::Open },
            author: login(self.user.as_ref()),
            labels: self.labels.iter().map(label).collect(),
            assignees: self.assignees.iter().map(|user| login(Some(user))).collect(),
            comments: self.comments,
            created: name_of(&self.created_at),
            updated: name_of(&self.updated_at),
            url: name_of(&self.html_url),
        }
    }

    /// Says what was created.
    pub(crate) fn created(&self) -> Created {
        Created { number: self.number, url: name_of(&self.html_url) }
    }
}

impl Comment {
    /// Describes the comment.
    pub(crate) fn remark(&self) -> Remark {
        Remark {
            author: login(self.user.as_ref()),
            created: name_of(&self.created_at),
            text: wording::text(self.body.as_deref().unwrap_or_default()),
        }
    }

    /// Says what was created, at this issue.
    pub(crate) fn created(&self, number: u32) -> Created {
        Created { number, url: name_of(&self.html_url) }
    }
}

/// Returns the login of a user; GitHub calls users who are gone `ghost`.
fn login(user: Option<&User>) -> String {
    user.map_or_else(|| "ghost".to_owned(), |user| name_of(&user.login))
}

fn name_of(text: &str) -> String {
    wording::line(text, NAME_CHARS)
}

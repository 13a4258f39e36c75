//! The ways in which a test makes requests fail.

use std::time::Duration;

use super::edge::{Request, Verb};

/// A kind of requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    verb: Option<Verb>,
    key: String,
}

/// What happens to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection is closed without an answer, and the request has no effect.
    Down,
    /// The request has its effect, and the connection is closed without an answer.
    Lost,
    /// The answer is 503 `SlowDown`, and the request has no effect.
    Throttled,
    /// The answer comes after this time.
    Slow(Duration),
    /// The answer comes after [`super::S3Server::heal`].
    Held,
    /// The body of the answer ends after so many bytes, and the connection is closed.
    Truncated(usize),
    /// The body of the answer stands still after so many bytes until [`super::S3Server::heal`], and ends early then.
    Stalled(usize),
    /// The body of the answer never ends.
    Endless,
}

impl Target {
    /// All requests.
    pub fn all() -> Self {
        Self { verb: None, key: String::new() }
    }

    /// Requests of one verb.
    pub fn of(verb: Verb) -> Self {
        Self { verb: Some(verb), ..Self::all() }
    }

    /// Only those for keys that contain this text.
    #[must_use]
    pub fn with_key(self, part: &str) -> Self {
        Self { key: part.to_owned(), ..self }
    }

    /// Tells whether a request is of this kind.
    pub fn fits(&self, request: &Request) -> bool {
        self.verb.is_none_or(|verb| verb == request.verb) && request.key.contains(&self.key)
    }
}

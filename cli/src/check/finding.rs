//! One finding, as people and scripts are told of it.

use std::fmt;

use serde::Serialize;

use crate::manifest::lint::Lint;

/// Something worth changing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which kind of thing it is.
    pub id: Lint,
    /// The subject: a tool, a prompt, the plugin, or a place in a file.
    pub subject: String,
    /// The problem, in one clause.
    pub text: String,
    /// The remedy.
    pub next: String,
}

impl Finding {
    /// Says what is the matter, and what to do about it in general.
    pub(super) fn new(id: Lint, subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self { id, subject: subject.into(), text: text.into(), next: id.rule().remedy.into() }
    }

    /// Says what to do about this one.
    pub(super) fn next(mut self, next: impl Into<String>) -> Self {
        self.next = next.into();
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {} [{}]", self.subject, self.text, self.next, self.id.id())
    }
}

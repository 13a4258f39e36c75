//! Describes an error to a person: where it is, what is wrong, and what to do.
//!
//! Every error of this crate is a [`Problem`], because every one of them ends the same way: printed,
//! with an exit code. Its four lines are fields, so that none can be forgotten.

use std::fmt;

use toolcell_host::text::Shown;

/// Tells who can correct the problem, which decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// A file, key or argument is not what it has to be: the reader can correct it.
    Refused,
    /// A program that the reader has not installed.
    Missing,
    /// Something that should not happen: a disk that is full, a compiler that fails on valid input.
    Internal,
}

/// One thing that is wrong, told so that the reader can correct it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Tells who can correct the problem.
    pub kind: ProblemKind,
    /// The file, with line and key where there are any: `toolcell.toml:12: plugins.text.source`.
    pub at: String,
    /// The error in one clause.
    pub wrong: String,
    /// The value found.
    pub found: String,
    /// The form expected.
    pub expected: String,
    /// The next step.
    pub next: String,
}

/// Lists names for [`Problem::expected`], quoted so that they do not read as words: "one of `a`, `b`".
pub fn one_of(names: &[impl AsRef<str>]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    format!("one of {}", quoted.join(", "))
}

/// The result of every fallible function of this crate.
pub type Result<T> = std::result::Result<T, Problem>;

impl Problem {
    /// Starts a problem with the input at `at`.
    pub fn refused(at: impl Into<String>, wrong: impl Into<String>) -> Self {
        Self::new(ProblemKind::Refused, at.into(), wrong.into())
    }

    /// Starts a problem with a program that has to be installed first.
    pub fn missing(at: impl Into<String>, wrong: impl Into<String>) -> Self {
        Self::new(ProblemKind::Missing, at.into(), wrong.into())
    }

    /// Starts a problem that is not the reader's doing.
    pub fn internal(at: impl Into<String>, wrong: impl Into<String>) -> Self {
        Self::new(ProblemKind::Internal, at.into(), wrong.into())
    }

    fn new(kind: ProblemKind, at: String, wrong: String) -> Self {
        let (found, expected, next) = Default::default();
        Self { kind, at, wrong, found, expected, next }
    }

    /// Says what was found; of a blank text, that it is blank.
    #[must_use]
    pub fn found(mut self, found: impl Into<String>) -> Self {
        let found = found.into();
        self.found = if found.trim().is_empty() { "an empty text".into() } else { found };
        self
    }

    /// Says what was expected instead.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = expected.into();
        self
    }

    /// Says what to do next.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.next = next.into();
        self
    }

    /// Names the plugin that the problem belongs to.
    #[must_use]
    pub fn in_plugin(mut self, plugin: &str) -> Self {
        self.at = format!("plugin `{plugin}`: {}", self.at);
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", Shown(&self.at), Shown(&self.wrong))?;
        let lines = [("found", &self.found), ("expected", &self.expected), ("next", &self.next)];
        for (label, text) in lines.into_iter().filter(|(_, text)| !text.is_empty()) {
            let indented = Shown(text).to_string().replace('\n', "\n            ");
            write!(f, "\n  {:<9} {indented}", format!("{label}:"))?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

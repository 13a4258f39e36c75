//! Kinds of questions that a server may ask a client.

/// A set of kinds of questions; empty by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuestionKinds {
    /// A form for the user to fill in: `elicitation.form`, or an `elicitation` that names no mode.
    pub form: bool,
    /// A page for the user to open: `elicitation.url`.
    pub url: bool,
    /// A conversation for the client's model to continue: `sampling`.
    pub sample: bool,
    /// The roots of the client: `roots`.
    pub roots: bool,
}

impl QuestionKinds {
    /// Returns the kinds of both sets.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            form: self.form || other.form,
            url: self.url || other.url,
            sample: self.sample || other.sample,
            roots: self.roots || other.roots,
        }
    }

    /// Returns the kinds that are not in `other`.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self {
            form: self.form && !other.form,
            url: self.url && !other.url,
            sample: self.sample && !other.sample,
            roots: self.roots && !other.roots,
        }
    }
}

//! One change that clients notice.

use serde::{Serialize, Serializer};

/// Something that clients notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Which kind of change it is.
    pub id: ChangeKind,
    /// Tells whether clients break.
    pub impact: Impact,
    /// The tool or prompt by the name that clients see, or the plugin.
    pub subject: String,
    /// The path inside the item, such as `arguments.max_length`; empty for the whole item.
    pub path: String,
    /// The old value.
    pub before: String,
    /// The new value.
    pub after: String,
}

impl Change {
    /// Says in a clause what clients notice.
    pub fn text(&self) -> &'static str {
        self.id.text()
    }
}

/// Tells whether clients break; what is worse comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Impact {
    /// Calls that were right are refused, or what clients rely on is not there.
    Breaks,
    /// It depends on the client, or on the value.
    MayBreak,
}

impl Impact {
    /// Its label in a line for people.
    pub fn text(self) -> &'static str {
        match self {
            Impact::Breaks => "breaks",
            Impact::MayBreak => "may break",
        }
    }
}

/// A kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// A tool, parameter, field, prompt or resource is gone.
    Removed,
    /// An argument has to be given.
    Required,
    /// An argument takes fewer values.
    Narrowed,
    /// Something has another type.
    Retyped,
    /// A result has values that it did not have.
    Widened,
    /// A result may be null.
    Nullable,
    /// The default has changed.
    Defaulted,
    /// A schema written by hand is another one.
    Rewritten,
    /// Callers need more scopes.
    Scope,
    /// Clients need more capabilities.
    Capability,
    /// A hint promises less.
    Weakened,
}

impl ChangeKind {
    /// Every kind.
    pub const ALL: [ChangeKind; 11] = [
        ChangeKind::Removed,
        ChangeKind::Required,
        ChangeKind::Narrowed,
        ChangeKind::Retyped,
        ChangeKind::Widened,
        ChangeKind::Nullable,
        ChangeKind::Defaulted,
        ChangeKind::Rewritten,
        ChangeKind::Scope,
        ChangeKind::Capability,
        ChangeKind::Weakened,
    ];

    /// Its name, which stays.
    pub fn id(self) -> &'static str {
        match self {
            ChangeKind::Removed => "removed",
            ChangeKind::Required => "required",
            ChangeKind::Narrowed => "narrowed",
            ChangeKind::Retyped => "retyped",
            ChangeKind::Widened => "widened",
            ChangeKind::Nullable => "nullable",
            ChangeKind::Defaulted => "default-changed",
            ChangeKind::Rewritten => "schema-changed",
            ChangeKind::Scope => "scope-required",
            ChangeKind::Capability => "capability-required",
            ChangeKind::Weakened => "hint-weakened",
        }
    }

    /// Says in a clause what clients notice.
    pub fn text(self) -> &'static str {
        match self {
            ChangeKind::Removed => "is gone",
            ChangeKind::Required => "cannot be left out or null any more",
            ChangeKind::Narrowed => "takes less",
            ChangeKind::Retyped => "has another form",
            ChangeKind::Widened => "may be something new",
            ChangeKind::Nullable => "may be null now",
            ChangeKind::Defaulted => "means something else where it is left out",
            ChangeKind::Rewritten => "is another schema, written by hand: compare them",
            ChangeKind::Scope => "needs scopes that callers may not have",
            ChangeKind::Capability => "needs more of the client",
            ChangeKind::Weakened => "promises less",
        }
    }
}

impl Serialize for ChangeKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

/// The text for a missing value.
pub(super) const NOTHING: &str = "not there";

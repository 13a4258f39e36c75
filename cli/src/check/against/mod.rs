//! `toolcell check --against`: what clients of an older component notice when this one takes its place.
//!
//! Contracts are compared by what they mean. A type that takes more, or an option that is new, is no change; neither
//! are descriptions.

mod accept;
mod provider;
mod tool;

use serde::{Serialize, Serializer};

use crate::plugin::load::Loaded;

/// Something that clients notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Which kind of change it is.
    pub id: Kind,
    /// Whether clients break.
    pub impact: Impact,
    /// The tool or prompt by the name that clients see, or the plugin.
    pub subject: String,
    /// Where in it: `arguments.max_length`; empty for all of it.
    pub path: String,
    /// What it was.
    pub before: String,
    /// What it is.
    pub after: String,
}

impl Change {
    /// Says in a clause what clients notice.
    pub fn text(&self) -> &'static str {
        self.id.text()
    }
}

/// Whether clients break; what is worse comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Impact {
    /// Calls that were right are refused, or what clients rely on is not there.
    Breaks,
    /// It depends on the client, or on the value.
    MayBreak,
}

impl Impact {
    /// How it is called in a line for people.
    pub fn text(self) -> &'static str {
        match self {
            Impact::Breaks => "breaks",
            Impact::MayBreak => "may break",
        }
    }
}

/// A kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
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
    /// What is left out means something else.
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

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 11] = [
        Kind::Removed,
        Kind::Required,
        Kind::Narrowed,
        Kind::Retyped,
        Kind::Widened,
        Kind::Nullable,
        Kind::Defaulted,
        Kind::Rewritten,
        Kind::Scope,
        Kind::Capability,
        Kind::Weakened,
    ];

    /// Its name, which stays.
    pub fn id(self) -> &'static str {
        match self {
            Kind::Removed => "removed",
            Kind::Required => "required",
            Kind::Narrowed => "narrowed",
            Kind::Retyped => "retyped",
            Kind::Widened => "widened",
            Kind::Nullable => "nullable",
            Kind::Defaulted => "default-changed",
            Kind::Rewritten => "schema-changed",
            Kind::Scope => "scope-required",
            Kind::Capability => "capability-required",
            Kind::Weakened => "hint-weakened",
        }
    }

    /// Says in a clause what clients notice.
    pub fn text(self) -> &'static str {
        match self {
            Kind::Removed => "is gone",
            Kind::Required => "cannot be left out or null any more",
            Kind::Narrowed => "takes less",
            Kind::Retyped => "has another form",
            Kind::Widened => "may be something new",
            Kind::Nullable => "may be null now",
            Kind::Defaulted => "means something else where it is left out",
            Kind::Rewritten => "is another schema, written by hand: compare them",
            Kind::Scope => "needs scopes that callers may not have",
            Kind::Capability => "needs more of the client",
            Kind::Weakened => "promises less",
        }
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

/// What stands for something that does not exist.
const NOTHING: &str = "not there";

/// Finds what clients of `old` notice when `new` takes its place, what breaks them first.
pub fn changes(old: &Loaded, new: &Loaded) -> Vec<Change> {
    let mut all = tool::tools(&old.plugin, &new.plugin);
    all.extend(tool::prompts(&old.plugin, &new.plugin));
    all.extend(provider::changes(old, new));
    all.sort_by_key(|change| change.impact);
    all
}

//! The reasons why a call fails, in the words that a model reads.

use std::fmt;

/// The reason why a call fails.
#[derive(Debug, PartialEq)]
pub(crate) enum NoteError {
    /// The name is not one of a note.
    Name(String),
    /// There is no such note.
    Missing(String),
    /// The note has another revision than the caller has read.
    Changed { name: String, expected: u32, found: u32 },
    /// The text would be larger than a note may be.
    TooLarge { bytes: usize },
    /// Others kept changing the note.
    Busy(String),
    /// Nobody knows who calls.
    Anonymous,
    /// The deployer has granted no bucket.
    NotGranted,
    /// The value under the note's name is not a note.
    Damaged(String),
    /// The store fails.
    Store(String),
}

impl fmt::Display for NoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(
                f,
                "{name:?} cannot be the name of a note: use letters, digits and `.`, `_`, `-`, in parts that are \
                 separated by `/` and start with a letter or digit, and at most 128 characters"
            ),
            Self::Missing(name) => write!(f, "there is no note {name}: list_notes shows the notes that exist"),
            Self::Changed { name, found: 0, .. } => {
                write!(f, "there is no note {name} any more: write it without a revision to create it")
            }
            Self::Changed { name, expected: 0, found } => write!(
                f,
                "there is a note {name} already, with revision {found}: choose another name, or read it and write it \
                 with its revision"
            ),
            Self::Changed { name, expected, found } => write!(
                f,
                "{name} has revision {found}, not {expected}: read it again, and write your change to the text that \
                 is there now"
            ),
            Self::TooLarge { bytes } => {
                let most = crate::record::MAX_TEXT_BYTES;
                write!(f, "the note would have {bytes} bytes, at most {most} are possible: use several notes")
            }
            Self::Busy(name) => write!(f, "other calls keep changing {name}: try again"),
            Self::Anonymous => f.write_str(
                "notes belong to a caller, and this server does not know who is calling: its administrator has to \
                 give you a token",
            ),
            Self::NotGranted => {
                f.write_str("this server keeps no notes: its administrator has to grant the bucket `default`")
            }
            Self::Damaged(name) => {
                write!(f, "{name} is not readable: something else has written it; delete_note removes it")
            }
            Self::Store(reason) => write!(f, "the notes cannot be used: {reason}"),
        }
    }
}

//! Faults of the headers that repeat something of the body.

use crate::protocol::quoted::Quoted;

/// The reason why a header and the body disagree.
#[derive(Clone, Debug, thiserror::Error)]
pub enum HeaderError {
    /// The header occurs twice.
    #[error("the {header} header occurs more than once")]
    Repeated {
        /// The header.
        header: String,
    },
    /// The header occurs twice, and the two differ.
    #[error("the {header} header has different values")]
    Contradictory {
        /// The header.
        header: String,
    },
    /// The header holds other bytes than ASCII.
    #[error("the {header} header holds characters outside ASCII")]
    NotAscii {
        /// The header.
        header: String,
    },
    /// The header's base64 is malformed.
    #[error("{header}: expected padded base64 of UTF-8 text inside =?base64?...?=, found {}", Quoted(.found))]
    Encoding {
        /// The header.
        header: String,
        /// Its value.
        found: String,
    },
    /// The header is missing.
    #[error("the {header} header is missing: expected {}, as {path} says", Quoted(.expected))]
    Missing {
        /// The header.
        header: String,
        /// The member that it repeats.
        path: String,
        /// That member's value.
        expected: String,
    },
    /// The header says something else.
    #[error("{header}: expected {}, as {path} says, found {}", Quoted(.expected), Quoted(.found))]
    Differs {
        /// The header.
        header: String,
        /// The member that it repeats.
        path: String,
        /// That member's value.
        expected: String,
        /// The header's value.
        found: String,
    },
    /// The header repeats an argument that the body does not hold.
    #[error("{header}: expected no such header, for {path} has no value")]
    Unexpected {
        /// The header.
        header: String,
        /// The argument.
        path: String,
    },
    /// `initialize` under a revision without a handshake.
    #[error(
        "{header}: {} knows no initialize; send server/discover, or the header of an earlier revision",
        Quoted(.found)
    )]
    NoHandshake {
        /// The header.
        header: String,
        /// The revision that it names.
        found: String,
    },
}

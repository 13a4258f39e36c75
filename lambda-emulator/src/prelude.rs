//! Reads the head of a response: status, headers and cookies, from a streamed prelude or a buffered response.
//!
//! A streamed response of type `application/vnd.awslambda.http-integration-response` is a JSON object, eight NUL bytes,
//! and the body; they may be split into writes anywhere.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming>

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use serde::Deserialize;

use crate::limit;

/// The type of a response with a prelude.
pub(crate) const INTEGRATION: &str = "application/vnd.awslambda.http-integration-response";

/// The bytes that end a prelude.
const END: [u8; 8] = [0; 8];

/// Status, headers and cookies of a response.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Head {
    #[serde(default = "ok")]
    pub(crate) status_code: u16,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, Values>,
    #[serde(default)]
    pub(crate) cookies: Vec<String>,
}

/// A header's value, or several of one name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Values {
    One(String),
    Many(Vec<String>),
}

impl Values {
    pub(crate) fn all(&self) -> &[String] {
        match self {
            Values::One(value) => std::slice::from_ref(value),
            Values::Many(values) => values,
        }
    }
}

fn ok() -> u16 {
    200
}

impl Head {
    /// Makes the head of a response that has none of its own.
    pub(crate) fn plain(content_type: &str) -> Self {
        let headers = [("content-type".to_owned(), Values::One(content_type.to_owned()))];
        Self { status_code: ok(), headers: headers.into(), cookies: Vec::new() }
    }
}

/// A reason for which the bytes are not a prelude.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PreludeError {
    #[error("the response ended before the eight NUL bytes after its prelude")]
    Unfinished,
    #[error("the prelude is longer than {} bytes", limit::PRELUDE_BYTES)]
    TooLong,
    #[error("the prelude is not valid: {0}")]
    Invalid(String),
}

/// Reads a prelude that comes in any number of pieces.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    held: BytesMut,
    /// Bytes at the front of `held` in which no end can begin.
    searched: usize,
}

impl Reader {
    /// Takes a piece; returns the head and the rest of the piece once the prelude is complete.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Result<Option<(Head, Bytes)>, PreludeError> {
        self.held.extend_from_slice(piece);
        let found = self.held[self.searched..].windows(END.len()).position(|window| window == END);
        let Some(end) = found.map(|at| self.searched + at) else {
            self.searched = self.held.len().saturating_sub(END.len() - 1);
            return if self.held.len() > limit::PRELUDE_BYTES {
                Err(PreludeError::TooLong)
            } else {
                Ok(None)
            };
        };
        let head = serde_json::from_slice(&self.held[..end]);
        let head = head.map_err(|error| PreludeError::Invalid(error.to_string()))?;
        let rest = self.held.split_off(end + END.len());
        Ok(Some((head, rest.freeze())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIRE: &[u8] =
        b"{\"statusCode\":201,\"headers\":{\"a\":[\"1\",\"2\"],\"b\":\"3\"},\"cookies\":[\"c=d\"]}\0\0\0\0\0\0\0\0\0body";

    #[test]
    fn a_prelude_is_found_wherever_the_pieces_end() {
        for cut in 0..WIRE.len() {
            for second in cut..WIRE.len() {
                let mut reader = Reader::default();
                let mut found = None;
                let mut body = Vec::new();
                for piece in [&WIRE[..cut], &WIRE[cut..second], &WIRE[second..]] {
                    if found.is_some() {
                        body.extend_from_slice(piece);
                    } else if let Some((head, rest)) = reader.push(piece).unwrap() {
                        body.extend_from_slice(&rest);
                        found = Some(head);
                    }
                }
                let head = found.unwrap();
                assert_eq!(head.status_code, 201);
                assert_eq!(head.headers["a"].all(), ["1", "2"]);
                assert_eq!(head.headers["b"].all(), ["3"]);
                assert_eq!(head.cookies, ["c=d"]);
                assert_eq!(body, b"\0body", "the ninth NUL is the body's");
            }
        }
    }

    #[test]
    fn what_is_no_prelude_is_refused() {
        let long = vec![b' '; limit::PRELUDE_BYTES];
        assert_eq!(Reader::default().push(&long), Ok(None));
        assert_eq!(Reader::default().push(&[&long[..], b" "].concat()), Err(PreludeError::TooLong));
        let invalid = Reader::default().push(b"nonsense\0\0\0\0\0\0\0\0");
        assert!(matches!(invalid, Err(PreludeError::Invalid(_))), "{invalid:?}");
    }

    #[test]
    fn an_empty_prelude_is_a_plain_success() {
        let (head, rest) = Reader::default().push(b"{}\0\0\0\0\0\0\0\0").unwrap().unwrap();
        assert_eq!((head.status_code, head.headers.len(), rest.len()), (200, 0, 0));
    }
}

//! The JSON in which principals are kept outside of a bundle: in an environment variable, in a secret.
//!
//! `{"principals": {"alice": {"tokens": ["sha256:..."], "scopes": ["files"]}}}`. Whoever wrote it may have put
//! a token where its digest belongs, so no error ever repeats anything of it: they name places.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::catalog::{BearerPrincipal, PrincipalName};

/// Names the fault of the JSON; repeats none of its values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// It is not JSON, or of another shape.
    #[error("line {line}, column {column}: expected {form}", form = FORM)]
    Form {
        /// Line of the text, from 1.
        line: usize,
        /// Byte of the line, from 1.
        column: usize,
    },
    /// It names no principal.
    #[error("there are no principals")]
    Empty,
    /// A principal's name is malformed.
    #[error("the name of principal {principal}: expected 1 to {max} characters of A-Z a-z 0-9 _ . @ + -", max = PrincipalName::MAX_BYTES)]
    Name {
        /// The place of the principal, from 1.
        principal: usize,
    },
    /// A token is not given as its digest.
    #[error(
        "token {token} of principal {principal}: expected `sha256:` and 64 hexadecimal digits in lower case, \
         as `toolcell token` prints them; the token itself belongs to its client alone"
    )]
    Token {
        /// The place of the principal, from 1.
        principal: usize,
        /// The place of the token, from 1.
        token: usize,
    },
    /// A scope is malformed.
    #[error(
        "scope {scope} of principal {principal}: expected printable ASCII characters except space, quote (\") and backslash"
    )]
    Scope {
        /// The place of the principal, from 1.
        principal: usize,
        /// The place of the scope, from 1.
        scope: usize,
    },
}

const FORM: &str = r#"{"principals": {"NAME": {"tokens": ["sha256:..."], "scopes": ["..."]}}}"#;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    principals: Entries<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    tokens: Vec<String>,
    #[serde(default)]
    scopes: Vec<String>,
}

/// An object's members in their order, those with the same name included.
struct Entries<T>(Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Entries<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = members.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(Members(PhantomData))
    }
}

/// Reads principals from JSON, at least one; a name that occurs twice occurs twice in the result.
///
/// # Errors
/// A [`DocumentError`], which repeats nothing of `text`.
pub fn read(text: &str) -> Result<Vec<(PrincipalName, BearerPrincipal)>, DocumentError> {
    let document: Document = serde_json::from_str(text)
        .map_err(|error| DocumentError::Form { line: error.line(), column: error.column() })?;
    if document.principals.0.is_empty() {
        return Err(DocumentError::Empty);
    }
    let entries = document.principals.0.into_iter().enumerate();
    entries.map(|(place, (name, entry))| principal(place + 1, &name, &entry)).collect()
}

fn principal(
    principal: usize,
    name: &str,
    entry: &Entry,
) -> Result<(PrincipalName, BearerPrincipal), DocumentError> {
    let name = name.parse().map_err(|_| DocumentError::Name { principal })?;
    let tokens = entry.tokens.iter().enumerate().map(|(place, token)| {
        let digits = token.strip_prefix("sha256:").unwrap_or_default();
        digits.parse().map_err(|_| DocumentError::Token { principal, token: place + 1 })
    });
    let scopes = entry.scopes.iter().enumerate().map(|(place, scope)| {
        scope.parse().map_err(|_| DocumentError::Scope { principal, scope: place + 1 })
    });
    let (tokens, scopes) = (tokens.collect::<Result<_, _>>()?, scopes.collect::<Result<_, _>>()?);
    Ok((name, BearerPrincipal { tokens, scopes }))
}

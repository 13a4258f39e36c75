//! Reads the methods of requests.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::text_form;

/// The longest method, in bytes.
const MAX_BYTES: usize = 20;

/// Methods that no plugin may use: TRACE sends back what a proxy has added, TRACK is the same, and CONNECT opens a
/// connection to anywhere.
const REFUSED: [&str; 3] = ["TRACE", "TRACK", "CONNECT"];

/// A method that a rule can allow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HttpMethod(String);

/// The reason why a method cannot be allowed. Completes the sentence "the method ...".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MethodError {
    /// It is never sent for a plugin.
    #[error("is never sent for a plugin")]
    Refused,
    /// It is not written as methods are.
    #[error("is not 1 to {MAX_BYTES} upper-case letters")]
    Form,
}

impl HttpMethod {
    /// Returns GET.
    pub fn get() -> Self {
        Self("GET".to_owned())
    }

    /// Returns HEAD.
    pub fn head() -> Self {
        Self("HEAD".to_owned())
    }

    /// Tells whether a request with it may be sent twice and has the effect of one (RFC 9110).
    pub fn is_idempotent(&self) -> bool {
        matches!(self.as_str(), "GET" | "HEAD" | "OPTIONS" | "PUT" | "DELETE")
    }

    /// Returns its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HttpMethod {
    type Err = MethodError;

    fn from_str(text: &str) -> Result<Self, MethodError> {
        let is_letter = |byte: u8| byte.is_ascii_uppercase() || byte == b'-';
        if !(1..=MAX_BYTES).contains(&text.len()) || !text.bytes().all(is_letter) {
            return Err(MethodError::Form);
        }
        if REFUSED.contains(&text) { Err(MethodError::Refused) } else { Ok(Self(text.to_owned())) }
    }
}

impl fmt::Display for HttpMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_form!(HttpMethod, MethodError);

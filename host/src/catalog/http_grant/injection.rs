//! Holds the credential that the host adds to the requests of a rule. No plugin sees it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::header::HeaderClass;
use super::text_form;

/// A secret that the host adds to each request of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Injection {
    /// The part of the request that holds it.
    pub place: InjectionPlace,
    /// The name of the secret.
    pub from: String,
}

/// The part of a request that holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InjectionPlace {
    /// A header.
    Header {
        /// Its name.
        name: InjectedHeader,
        /// The text around the secret.
        format: HeaderFormat,
    },
    /// A parameter of the query.
    Query {
        /// Its name.
        name: InjectedParameter,
    },
}

/// The name of a header that holds a secret, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InjectedHeader(String);

/// The text of a header in which `{}` stands for the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HeaderFormat(String);

/// The name of a parameter that holds a secret, which needs no escape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InjectedParameter(String);

/// The reason why a secret cannot be added so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InjectionError {
    /// The header's name is none, or not in lower case.
    #[error("is not the name of a header in lower case")]
    HeaderName,
    /// The header decides where a request goes or where it ends.
    #[error("is a header that cannot hold a secret")]
    Header,
    /// The format does not have one place for the secret.
    #[error("is not a text with one `{{}}`, the place of the secret")]
    Format,
    /// The parameter's name is empty, too long, or needs escapes.
    #[error("is not the name of a parameter without escapes")]
    Parameter,
}

/// What stands for the secret in a format.
const SECRET: &str = "{}";

/// The longest name or format, in bytes.
const MAX_BYTES: usize = 128;

impl InjectedHeader {
    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl HeaderFormat {
    /// Returns the text before the secret, and the text after it.
    pub fn around(&self) -> (&str, &str) {
        self.0.split_once(SECRET).unwrap_or((&self.0, ""))
    }
}

impl Default for HeaderFormat {
    fn default() -> Self {
        Self(SECRET.to_owned())
    }
}

impl InjectedParameter {
    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for InjectedHeader {
    type Err = InjectionError;

    fn from_str(text: &str) -> Result<Self, InjectionError> {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
        if !(1..=MAX_BYTES).contains(&text.len()) || !text.bytes().all(is_plain) {
            return Err(InjectionError::HeaderName);
        }
        match HeaderClass::of(text) {
            HeaderClass::Free if text != "content-length" => Ok(Self(text.to_owned())),
            _ => Err(InjectionError::Header),
        }
    }
}

impl FromStr for HeaderFormat {
    type Err = InjectionError;

    fn from_str(text: &str) -> Result<Self, InjectionError> {
        let is_plain = text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        let is_trimmed = text.trim() == text && text.len() <= MAX_BYTES;
        match is_plain && is_trimmed && text.matches(SECRET).count() == 1 {
            true => Ok(Self(text.to_owned())),
            false => Err(InjectionError::Format),
        }
    }
}

impl FromStr for InjectedParameter {
    type Err = InjectionError;

    fn from_str(text: &str) -> Result<Self, InjectionError> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        match (1..=MAX_BYTES).contains(&text.len()) && text.bytes().all(is_plain) {
            true => Ok(Self(text.to_owned())),
            false => Err(InjectionError::Parameter),
        }
    }
}

impl fmt::Display for InjectedHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for HeaderFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for InjectedParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_form!(InjectedHeader, InjectionError);
text_form!(HeaderFormat, InjectionError);
text_form!(InjectedParameter, InjectionError);

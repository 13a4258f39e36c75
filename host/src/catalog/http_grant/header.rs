//! Knows the headers of requests that no plugin may send, and those that take a grant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::text_form;

/// Headers of one connection, and those that decide where a request goes or where it ends: never a plugin's.
const NEVER: [&str; 10] = [
    "connection",
    "content-length",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Headers by which a server takes a request for another one than the rule has allowed: another method, path, host or
/// sender.
const BY_GRANT: [&str; 27] = [
    "cf-connecting-ip",
    "client-ip",
    "cluster-client-ip",
    "fastly-client-ip",
    "forwarded",
    "true-client-ip",
    "via",
    "x-azure-clientip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-envoy-original-path",
    "x-forwarded",
    "x-host",
    "x-http-host-override",
    "x-http-method",
    "x-http-method-override",
    "x-method",
    "x-method-override",
    "x-original-host",
    "x-original-method",
    "x-original-uri",
    "x-original-url",
    "x-originating-ip",
    "x-real-ip",
    "x-remote-addr",
    "x-remote-ip",
    "x-rewrite-url",
];

/// The beginnings of names of headers that take a grant.
const BY_GRANT_PREFIX: &str = "x-forwarded-";

/// The beginning of names of headers for proxies: never a plugin's.
const NEVER_PREFIX: &str = "proxy-";

/// Headers that mean something in the head alone, so that no trailer may have them.
const HEAD_ALONE: [&str; 11] = [
    "authorization",
    "cache-control",
    "content-encoding",
    "content-range",
    "content-type",
    "cookie",
    "expect",
    "if-match",
    "if-none-match",
    "max-forwards",
    "range",
];

/// The beginning of names of headers that mean something to AWS.
const AWS_PREFIX: &str = "x-amz-";

/// Headers of signatures for AWS, which no rule with `sign` can leave to a plugin.
const OF_SIGNATURE: [&str; 9] = [
    "authorization",
    "x-amz-algorithm",
    "x-amz-content-sha256",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-security-token",
    "x-amz-signature",
    "x-amz-signedheaders",
];

/// Tells whether a plugin may send a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderClass {
    /// It may.
    Free,
    /// It may if the rule names the header.
    ByGrant,
    /// It may not.
    Never,
}

impl HeaderClass {
    /// Returns the class of a header in the head of a request, by its name in lower case. `content-length` counts as
    /// free there, because the host checks it against the body.
    pub fn of(name: &str) -> Self {
        if name == "content-length" { Self::Free } else { Self::of_any(name) }
    }

    /// Returns the class of a header after the body.
    pub fn of_trailer(name: &str) -> Self {
        let plain = name.replace('_', "-");
        if HEAD_ALONE.contains(&plain.as_str()) { Self::Never } else { Self::of_any(name) }
    }

    /// Returns the class of a header in a request that the host signs for AWS, which is never freer than that of others.
    pub fn of_signed(name: &str) -> Self {
        let plain = name.replace('_', "-");
        match Self::of(name) {
            Self::Never => Self::Never,
            _ if OF_SIGNATURE.contains(&plain.as_str()) => Self::Never,
            Self::Free if plain.starts_with(AWS_PREFIX) => Self::ByGrant,
            class => class,
        }
    }

    fn of_any(name: &str) -> Self {
        // Gateways hand a header on as a variable, where `_` and `-` are the same.
        let name = name.replace('_', "-");
        if NEVER.contains(&name.as_str()) || name.starts_with(NEVER_PREFIX) {
            Self::Never
        } else if BY_GRANT.contains(&name.as_str()) || name.starts_with(BY_GRANT_PREFIX) {
            Self::ByGrant
        } else {
            Self::Free
        }
    }
}

/// A header that a rule allows although it is refused otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GrantedHeader(String);

/// The reason why a header cannot be granted. Completes the sentence "the header ...".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// It is no name of a header in lower case.
    #[error("is not the name of a header in lower case")]
    Form,
    /// Every plugin may send it.
    #[error("needs no grant: every plugin may send it")]
    Free,
    /// No plugin may send it.
    #[error("is never sent for a plugin")]
    Never,
    /// It is part of a signature for AWS.
    #[error("is part of a signature for AWS, which the host makes")]
    Signature,
}

impl GrantedHeader {
    /// Returns its name, in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether only a rule that signs requests for AWS refuses it otherwise.
    pub fn is_of_aws(&self) -> bool {
        HeaderClass::of(&self.0) == HeaderClass::Free
    }
}

impl FromStr for GrantedHeader {
    type Err = HeaderError;

    fn from_str(text: &str) -> Result<Self, HeaderError> {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
        if text.is_empty() || !text.bytes().all(is_plain) {
            return Err(HeaderError::Form);
        }
        match (HeaderClass::of(text), HeaderClass::of_signed(text)) {
            (HeaderClass::ByGrant, _) | (HeaderClass::Free, HeaderClass::ByGrant) => {
                Ok(Self(text.to_owned()))
            }
            (HeaderClass::Free, HeaderClass::Never) if text.starts_with(AWS_PREFIX) => {
                Err(HeaderError::Signature)
            }
            (HeaderClass::Free, _) => Err(HeaderError::Free),
            (HeaderClass::Never, _) => Err(HeaderError::Never),
        }
    }
}

impl fmt::Display for GrantedHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_form!(GrantedHeader, HeaderError);

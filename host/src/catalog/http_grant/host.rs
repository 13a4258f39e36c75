//! Reads hosts as strictly as both a rule and a request need them: one spelling for each host.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::text_form;

/// The longest host name, in bytes.
const MAX_NAME_BYTES: usize = 253;

/// The longest label of a host name, in bytes.
const MAX_LABEL_BYTES: usize = 63;

/// The host of a URL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Host {
    /// A name in lower case, without a final dot; labels of another alphabet in their ASCII form (`xn--`).
    Name(String),
    /// An address in its one usual form.
    Address(IpAddr),
}

/// The host of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum HostPattern {
    /// Exactly this host.
    Exact(Host),
    /// The names with one label more than this one: `*.` and the name.
    OneLabelBelow(String),
}

/// The reason why a text is not a host. Completes the sentence "the host ...".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// It is too long, or one of its labels is empty or too long.
    #[error("has an empty label, or is too long")]
    Length,
    /// It ends with a dot.
    #[error("ends with a dot")]
    FinalDot,
    /// It has upper-case letters.
    #[error("has upper-case letters")]
    UpperCase,
    /// It has letters that are not ASCII.
    #[error("is not ASCII: write each label of another alphabet in its form that begins with xn--")]
    NotAscii,
    /// It has characters that no host name has.
    #[error("has a character that no host name has")]
    Character,
    /// It is a number that some programs take for an address.
    #[error("is a number, which is no spelling of an address")]
    Number,
    /// It is an IPv6 address in another form than the usual one.
    #[error("is no address in its usual form: for IPv6 the shortest one in brackets, for IPv4 four numbers")]
    Address,
    /// It has a star at another place than the beginning, or too few labels after it.
    #[error("has `*` at another place than before the first dot of a name with at least two more labels")]
    Star,
}

impl Host {
    /// Returns the host as `Host` of HTTP and TLS name it: an IPv6 address without brackets.
    pub fn bare(&self) -> String {
        match self {
            Self::Name(name) => name.clone(),
            Self::Address(address) => address.to_string(),
        }
    }
}

impl FromStr for Host {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, HostError> {
        if text.starts_with('[') {
            return bracketed(text).map(|address| Self::Address(address.into())).ok_or(HostError::Address);
        }
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return Ok(Self::Address(address.into()));
        }
        check_name(text)?;
        Ok(Self::Name(text.to_owned()))
    }
}

/// Reads an IPv6 address in brackets: the shortest form alone, and none that stands for an IPv4 address.
fn bracketed(text: &str) -> Option<Ipv6Addr> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    let address: Ipv6Addr = inner.parse().ok()?;
    (address.to_string() == inner && !inner.contains('.')).then_some(address)
}

fn check_name(text: &str) -> Result<(), HostError> {
    if !text.is_ascii() {
        return Err(HostError::NotAscii);
    }
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(HostError::UpperCase);
    }
    if text.contains('*') {
        return Err(HostError::Star);
    }
    if text.len() > 1 && text.ends_with('.') {
        return Err(HostError::FinalDot);
    }
    if text.len() > MAX_NAME_BYTES {
        return Err(HostError::Length);
    }
    text.split('.').try_for_each(check_label)?;
    let last = text.rsplit('.').next().unwrap_or_default();
    if is_number(last) { Err(HostError::Number) } else { Ok(()) }
}

fn check_label(label: &str) -> Result<(), HostError> {
    if label.is_empty() || label.len() > MAX_LABEL_BYTES {
        return Err(HostError::Length);
    }
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let has_bad_end = label.starts_with('-') || label.ends_with('-');
    if has_bad_end || !label.bytes().all(is_plain) { Err(HostError::Character) } else { Ok(()) }
}

/// Tells whether browsers and the C library take a name with this last label for an address.
fn is_number(label: &str) -> bool {
    let hexadecimal = label.strip_prefix("0x");
    label.bytes().all(|byte| byte.is_ascii_digit())
        || hexadecimal.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V4(address)) => address.fmt(f),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

impl HostPattern {
    /// Tells whether a host is the one, or one of those, of this pattern.
    pub fn matches(&self, host: &Host) -> bool {
        match (self, host) {
            (Self::Exact(exact), host) => exact == host,
            (Self::OneLabelBelow(name), Host::Name(host)) => {
                host.split_once('.').is_some_and(|(_, rest)| rest == name)
            }
            (Self::OneLabelBelow(_), Host::Address(_)) => false,
        }
    }

    /// Tells whether this pattern matches every host that another one matches.
    pub fn covers(&self, other: &Self) -> bool {
        match other {
            Self::Exact(host) => self.matches(host),
            Self::OneLabelBelow(_) => self == other,
        }
    }
}

impl FromStr for HostPattern {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, HostError> {
        let Some(name) = text.strip_prefix("*.") else { return Ok(Self::Exact(text.parse()?)) };
        match name.parse()? {
            Host::Name(name) if name.contains('.') => Ok(Self::OneLabelBelow(name)),
            _ => Err(HostError::Star),
        }
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(host) => host.fmt(f),
            Self::OneLabelBelow(name) => write!(f, "*.{name}"),
        }
    }
}

text_form!(HostPattern, HostError);

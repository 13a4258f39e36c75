//! Reads where a request goes. Whatever has two readings is refused, so nothing else reads it in another way.

use std::fmt;

use http::Uri;

use crate::catalog::{Host, HostError, PathError, Scheme, check_path};

/// The longest path with its query, in bytes.
const MAX_PATH_BYTES: usize = 8 << 10;

/// The most characters of a host in the log.
const SHOWN_CHARS: usize = 80;

/// Where a request goes, in the one spelling that is compared with rules and sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) scheme: Scheme,
    pub(super) host: Host,
    pub(super) port: u16,
}

/// The reason why an address cannot be compared with a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TargetError {
    /// It is neither `http` nor `https`.
    #[error("the scheme is neither http nor https")]
    Scheme,
    /// It has no host, or holds a user's name.
    #[error("the address has no host, or a user name before it")]
    Authority,
    /// The host has another spelling than the one of rules.
    #[error("the host {0}")]
    Host(#[from] HostError),
    /// The port is no port.
    #[error("the port is not a number from 1 to 65535")]
    Port,
    /// The path has a second reading.
    #[error("the path {0}")]
    Path(#[from] PathError),
    /// The query has characters that no address has.
    #[error("the query has a character that is not printable ASCII")]
    Query,
    /// Path and query are too long.
    #[error("path and query are longer than {MAX_PATH_BYTES} bytes")]
    Long,
}

impl Target {
    /// Reads scheme, host and port of an address, and checks its path and query.
    ///
    /// # Errors
    ///
    /// The first part that has no reading, or more than one.
    pub(super) fn of(uri: &Uri) -> Result<Self, TargetError> {
        let scheme = match uri.scheme_str() {
            Some("https") => Scheme::Https,
            Some("http") => Scheme::Http,
            _ => return Err(TargetError::Scheme),
        };
        let authority = uri.authority().ok_or(TargetError::Authority)?.as_str();
        let (host, port) = split(authority)?;
        let host: Host = host.to_ascii_lowercase().parse()?;
        let port = port.map_or(Ok(scheme.default_port()), read_port)?;
        check_path(uri.path())?;
        let query = uri.query().unwrap_or_default();
        if !query.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TargetError::Query);
        }
        if uri.path().len() + query.len() > MAX_PATH_BYTES {
            return Err(TargetError::Long);
        }
        Ok(Self { scheme, host, port })
    }
}

/// Takes an authority apart: the host, with its brackets, and the digits after the colon.
fn split(authority: &str) -> Result<(&str, Option<&str>), TargetError> {
    if authority.is_empty() || authority.contains('@') {
        return Err(TargetError::Authority);
    }
    let end = match authority.starts_with('[') {
        true => authority.find(']').ok_or(TargetError::Host(HostError::Address))? + 1,
        false => authority.find(':').unwrap_or(authority.len()),
    };
    match authority.split_at(end) {
        (host, "") => Ok((host, None)),
        (host, rest) => {
            Ok((host, Some(rest.strip_prefix(':').ok_or(TargetError::Host(HostError::Address))?)))
        }
    }
}

fn read_port(digits: &str) -> Result<u16, TargetError> {
    let is_plain = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_plain).ok_or(TargetError::Port)
}

/// Returns the host of an address as the log shows it: escaped, cut, and without what stands before `@`.
pub(super) fn shown_host(uri: &Uri) -> String {
    let authority = uri.authority().map(|authority| authority.as_str()).unwrap_or_default();
    cut(authority.rsplit('@').next().unwrap_or_default())
}

/// Escapes a text and cuts it to the length that the log shows.
pub(super) fn cut(text: &str) -> String {
    text.chars().take(SHOWN_CHARS).flat_map(char::escape_default).collect()
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.name(), self.host)?;
        if self.port == self.scheme.default_port() { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

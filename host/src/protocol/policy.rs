//! Decides which origins and host names may call the endpoint (the guard against DNS rebinding).

use http::header::{HOST, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};

use super::fault::{Fault, Forbidden};
use super::quoted::Quoted;
use crate::mcp::uri::is_scheme;

/// Tells who can reach the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposure {
    /// Programs of this machine, and whatever pages its browsers show: loopback origins are
    /// allowed, and the host name must be a loopback one.
    Loopback,
    /// The public network; a front end decides by host name.
    Public,
}

/// Tells whether callers must show credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callers {
    /// Some may call without any.
    Anonymous,
    /// All must show a token, or are verified by AWS.
    Authenticated,
}

/// Rules for the HTTP side of a request, read once at start.
#[derive(Clone, Debug)]
pub struct Policy {
    exposure: Exposure,
    origins: Vec<OriginRule>,
    hosts: Vec<Authority>,
    max_body_bytes: usize,
}

/// A rule that cannot be understood.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// An entry of `allowed_origins`.
    #[error(
        "allowed_origins: expected an origin such as https://app.example.com or http://localhost:6274, found {}",
        Quoted(.0)
    )]
    Origin(String),
    /// An entry of `allowed_origins` that many pages share, at a server that asks for no credentials.
    #[error(
        "allowed_origins: {} lets pages of unknown sites call a server that asks its callers for no credentials; list the \
         origins, or admit callers with tokens ([auth.bearer], [auth.oauth]) or AWS IAM ([auth.iam]) alone",
        Quoted(.0)
    )]
    OpenOrigin(String),
    /// An entry of `allowed_hosts`.
    #[error("allowed_hosts: expected a host name such as mcp.example.com or mcp.example.com:8443, found {}", Quoted(.0))]
    Host(String),
}

impl Policy {
    /// Reads the configured lists.
    ///
    /// An origin may also be `*`, for pages of every origin, or `null`, for pages that have none: of files, of sandboxed
    /// frames. A page that anyone can write sends the second, so both are for servers that credentials protect.
    ///
    /// # Errors
    /// An entry that is not an origin, or not a host name with or without port; `*` or `null` where callers need no
    /// credentials.
    pub fn new(
        exposure: Exposure,
        callers: Callers,
        allowed_origins: &[String],
        allowed_hosts: &[String],
        max_body_bytes: usize,
    ) -> Result<Policy, PolicyError> {
        let origin = |text: &String| match OriginRule::parse(text) {
            Some(OriginRule::Any | OriginRule::Null) if callers == Callers::Anonymous => {
                Err(PolicyError::OpenOrigin(text.clone()))
            }
            rule => rule.ok_or_else(|| PolicyError::Origin(text.clone())),
        };
        let host = |text: &String| Authority::parse(text).ok_or_else(|| PolicyError::Host(text.clone()));
        Ok(Policy {
            exposure,
            origins: allowed_origins.iter().map(origin).collect::<Result<_, _>>()?,
            hosts: allowed_hosts.iter().map(host).collect::<Result<_, _>>()?,
            max_body_bytes,
        })
    }

    /// Returns the size of the largest body that is read, in bytes.
    pub fn max_body_bytes(&self) -> usize {
        self.max_body_bytes
    }

    /// Returns the request's origin if it has one; requests without an origin come from no browser.
    ///
    /// # Errors
    /// [`Fault::Forbidden`] for any origin that is not allowed, however it relates to the host name.
    pub(super) fn origin(&self, headers: &HeaderMap) -> Result<Option<HeaderValue>, Fault> {
        let mut values = headers.get_all(ORIGIN).iter();
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(Forbidden::RepeatedOrigin.into());
        }
        let text = String::from_utf8_lossy(value.as_bytes());
        let origin = Origin::parse(&text);
        let is_local = || origin.as_ref().is_some_and(|origin| origin.authority.is_loopback());
        let is_listed = |rule: &OriginRule| match rule {
            OriginRule::Any => true,
            OriginRule::Null => text == NULL,
            OriginRule::Same(listed) => origin.as_ref() == Some(listed),
        };
        if self.exposure == Exposure::Loopback && is_local() || self.origins.iter().any(is_listed) {
            return Ok(Some(value.clone()));
        }
        Err(Forbidden::Origin { origin: text.into_owned() }.into())
    }

    /// Checks every host name that the request gives.
    ///
    /// # Errors
    /// [`Fault::Forbidden`] for a name that the server does not answer to, or for none at all.
    pub(super) fn host(&self, parts: &Parts) -> Result<(), Fault> {
        if self.exposure == Exposure::Public && self.hosts.is_empty() {
            return Ok(());
        }
        let mut names = 0;
        let header =
            parts.headers.get_all(HOST).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        let authority = parts.uri.authority().map(|authority| authority.as_str().into());
        for name in header.chain(authority) {
            names += 1;
            if !Authority::parse(&name).is_some_and(|host| self.answers_to(&host)) {
                return Err(Forbidden::Host { host: name.into_owned() }.into());
            }
        }
        if names == 0 {
            return Err(Forbidden::NoHost.into());
        }
        Ok(())
    }

    fn answers_to(&self, host: &Authority) -> bool {
        let is_local = self.exposure == Exposure::Loopback && host.is_loopback();
        let is_listed = |listed: &Authority| {
            listed.host == host.host && (listed.port.is_none() || listed.port == host.port)
        };
        is_local || self.hosts.iter().any(is_listed)
    }
}

/// The origin of a page that has none.
const NULL: &str = "null";

/// An entry of `allowed_origins`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum OriginRule {
    /// Every origin.
    Any,
    /// The origin of pages that have none.
    Null,
    /// This one.
    Same(Origin),
}

impl OriginRule {
    fn parse(text: &str) -> Option<OriginRule> {
        match text {
            "*" => Some(OriginRule::Any),
            NULL => Some(OriginRule::Null),
            text => Origin::parse(text).map(OriginRule::Same),
        }
    }
}

/// A web origin, in lower case and with its port.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    scheme: String,
    authority: Authority,
}

/// A host name or address, in lower case, and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Authority {
    host: String,
    port: Option<u16>,
}

impl Origin {
    fn parse(text: &str) -> Option<Origin> {
        let (scheme, rest) = text.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let mut authority = Authority::parse(rest)?;
        let default_port = match scheme.as_str() {
            "http" => Some(80),
            "https" => Some(443),
            _ if !is_scheme(&scheme) => return None,
            _ => None, // browser extensions have schemes of their own
        };
        authority.port = authority.port.or(default_port);
        Some(Origin { scheme, authority })
    }
}

impl Authority {
    fn parse(text: &str) -> Option<Authority> {
        let end = match text.strip_prefix('[') {
            Some(rest) => rest.find(']')? + 2,
            None => text.find(':').unwrap_or(text.len()),
        };
        let (host, port) = text.split_at(end);
        let is_address = host.starts_with('[');
        let is_host_byte = |byte: u8| match byte {
            b'[' | b']' | b':' => is_address,
            _ => byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'),
        };
        if host.is_empty() || !host.bytes().all(is_host_byte) {
            return None;
        }
        let port = match port.strip_prefix(':') {
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(digits.parse().ok()?),
            Some(_) => return None,
            None if port.is_empty() => None,
            None => return None,
        };
        Some(Authority { host: host.to_ascii_lowercase(), port })
    }

    fn is_loopback(&self) -> bool {
        matches!(self.host.as_str(), "localhost" | "127.0.0.1" | "[::1]")
    }
}

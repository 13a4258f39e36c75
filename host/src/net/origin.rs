//! Reads where a request goes: with or without TLS, host, port.

use std::fmt;
use std::net::IpAddr;

use http::Uri;

use super::PlainHttp;
use super::error::NetError;

/// The other end of connections: two requests to one origin may share a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) scheme: Scheme,
    /// Name or address; an IPv6 address without its brackets.
    pub(super) host: String,
    pub(super) port: u16,
}

/// Tells whether a connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `https`: over TLS.
    Https,
    /// `http`: readable to everyone on the way.
    Http,
}

impl Origin {
    /// Reads the origin of an absolute address.
    ///
    /// # Errors
    ///
    /// The address is not `http` or `https` with a host, holds a user's name, or goes without TLS where `plain_http`
    /// forbids it.
    pub(super) fn of(uri: &Uri, plain_http: PlainHttp) -> Result<Self, NetError> {
        let refuse = || NetError::Address { found: shown(uri) };
        let scheme = match uri.scheme_str() {
            Some("https") => Scheme::Https,
            Some("http") => Scheme::Http,
            _ => return Err(refuse()),
        };
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'));
        let host = authority.ok_or_else(refuse)?.host();
        let origin = Self::new(scheme, host, uri.port_u16().unwrap_or(scheme.default_port()));
        if origin.host.is_empty() {
            return Err(refuse());
        }
        let is_allowed = scheme == Scheme::Https || plain_http == PlainHttp::Anywhere || origin.is_loopback();
        if is_allowed { Ok(origin) } else { Err(NetError::Plain { origin: origin.to_string() }) }
    }

    /// Makes the origin of a host, which is a name or an address; an IPv6 address may have brackets.
    pub(super) fn new(scheme: Scheme, host: &str, port: u16) -> Self {
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        Self { scheme, host: host.to_ascii_lowercase(), port }
    }

    /// Returns host and port as the header `Host` has them: without a port that goes without saying.
    pub(super) fn authority(&self) -> String {
        let host = self.bracketed();
        if self.port == self.scheme.default_port() { host } else { format!("{host}:{}", self.port) }
    }

    fn bracketed(&self) -> String {
        if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() }
    }

    fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
    }
}

impl Scheme {
    /// Returns the port that goes without saying.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Https => 443,
            Self::Http => 80,
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Https => "https",
            Self::Http => "http",
        })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority())
    }
}

/// Shows an address without what may be a secret in it: user and query.
fn shown(uri: &Uri) -> String {
    let host = uri.authority().map(|authority| authority.host()).unwrap_or_default();
    format!("{}://{host}{}", uri.scheme_str().unwrap_or_default(), uri.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(uri: &str) -> Result<String, String> {
        let origin = Origin::of(&uri.parse().unwrap(), PlainHttp::Loopback);
        origin.map(|origin| origin.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn ports_that_go_without_saying_are_not_said() {
        assert_eq!(origin("https://Example.com:443/a?b").unwrap(), "https://example.com");
        assert_eq!(origin("https://example.com:8443").unwrap(), "https://example.com:8443");
        assert_eq!(origin("https://[2001:db8::1]/").unwrap(), "https://[2001:db8::1]");
    }

    #[test]
    fn without_tls_only_this_machine_is_reached() {
        for uri in ["http://127.0.0.1:1/", "http://127.9.9.9/", "http://localhost/", "http://[::1]:80/"] {
            assert!(origin(uri).is_ok(), "{uri}");
        }
        for uri in ["http://example.com/", "http://10.0.0.1/", "http://localhost.example.com/"] {
            let error = origin(uri).unwrap_err();
            assert!(error.contains("https"), "{error}");
            assert!(Origin::of(&uri.parse().unwrap(), PlainHttp::Anywhere).is_ok(), "{uri}");
        }
    }

    #[test]
    fn other_addresses_are_refused_without_repeating_secrets() {
        for uri in
            ["ftp://example.com/", "/path", "example.com:443", "https://user:canary@example.com/?canary"]
        {
            let error = origin(uri).unwrap_err();
            assert!(error.contains("expected") && !error.contains("canary"), "{error}");
        }
    }
}

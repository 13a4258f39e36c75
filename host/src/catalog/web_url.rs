//! Reads the addresses of authorization servers and of the server itself: one spelling, and no plain HTTP to others.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use super::http_grant::{Host, HostError, Scheme};
use crate::text_form::serde_as_text;

/// An address `https://HOST[:PORT][/PATH][?QUERY]`, kept to the letter. `http://` is accepted for this machine alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WebUrl {
    text: Box<str>,
    /// The first byte after host and port.
    path_at: usize,
}

/// The parts of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebUrlParts<'u> {
    /// With or without TLS.
    pub scheme: Scheme,
    /// A name or an address.
    pub host: Host,
    /// The port, also where the address does not say it.
    pub port: u16,
    /// Path and query: empty, or beginning with `/` or `?`.
    pub path_and_query: &'u str,
}

/// The reason why a text is not such an address. Completes the sentence "the address ...".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebUrlError {
    /// It begins with something else.
    #[error("does not begin with https://")]
    Scheme,
    /// It goes without TLS to another machine.
    #[error("begins with http://, which is accepted for localhost, 127.0.0.1 and [::1] alone")]
    Plain,
    /// It is too long.
    #[error("is longer than {} bytes", WebUrl::MAX_BYTES)]
    Length,
    /// It has a character that no address has, or one that means something else.
    #[error("has a space, a quote, a backslash or another character that an address does not have")]
    Character,
    /// It has a part after `#`.
    #[error("has a part after `#`")]
    Fragment,
    /// It names a user before the host.
    #[error("has a user name before its host")]
    User,
    /// Its port is none.
    #[error("has a port that is not a number from 1 to 65535, or one that goes without saying")]
    Port,
    /// Its host is none.
    #[error("{0}")]
    Host(#[from] HostError),
}

impl WebUrl {
    /// The longest address, in bytes.
    pub const MAX_BYTES: usize = 1024;

    /// Returns the address to the letter.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the address without path and query.
    pub fn origin(&self) -> &str {
        &self.text[..self.path_at]
    }

    /// Returns path and query: empty, or beginning with `/` or `?`.
    pub fn path_and_query(&self) -> &str {
        &self.text[self.path_at..]
    }

    /// Takes the address apart; `None` never happens, because it was read.
    pub fn parts(&self) -> Option<WebUrlParts<'_>> {
        let (scheme, host, port) = authority(self.origin()).ok()?;
        Some(WebUrlParts { scheme, host, port, path_and_query: self.path_and_query() })
    }
}

impl FromStr for WebUrl {
    type Err = WebUrlError;

    fn from_str(text: &str) -> Result<Self, WebUrlError> {
        if text.len() > Self::MAX_BYTES {
            return Err(WebUrlError::Length);
        }
        let is_legal = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
        if !text.bytes().all(is_legal) {
            return Err(WebUrlError::Character);
        }
        if text.contains('#') {
            return Err(WebUrlError::Fragment);
        }
        let after_scheme = text.find("://").map_or(0, |at| at + 3);
        let path_at = text[after_scheme..].find(['/', '?']).map_or(text.len(), |at| after_scheme + at);
        authority(&text[..path_at])?;
        Ok(Self { text: text.into(), path_at })
    }
}

impl fmt::Display for WebUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

serde_as_text!(WebUrl);

/// Reads scheme, host and port.
fn authority(origin: &str) -> Result<(Scheme, Host, u16), WebUrlError> {
    let (scheme, rest) = match origin.split_once("://") {
        Some(("https", rest)) => (Scheme::Https, rest),
        Some(("http", rest)) => (Scheme::Http, rest),
        _ => return Err(WebUrlError::Scheme),
    };
    if rest.contains('@') {
        return Err(WebUrlError::User);
    }
    let default_port = if scheme == Scheme::Https { 443 } else { 80 };
    let colon = rest.rfind(':').filter(|at| !rest[*at..].contains(']'));
    let (host, port) = match colon {
        None => (rest, default_port),
        Some(at) => (&rest[..at], port(&rest[at + 1..], default_port)?),
    };
    let host: Host = host.parse()?;
    match scheme == Scheme::Https || is_loopback(&host) {
        true => Ok((scheme, host, port)),
        false => Err(WebUrlError::Plain),
    }
}

/// Reads a port in its one spelling.
fn port(text: &str, default_port: u16) -> Result<u16, WebUrlError> {
    let port = text.parse::<u16>().map_err(|_| WebUrlError::Port)?;
    match port != 0 && port != default_port && port.to_string() == text {
        true => Ok(port),
        false => Err(WebUrlError::Port),
    }
}

fn is_loopback(host: &Host) -> bool {
    match host {
        Host::Name(name) => name == "localhost",
        Host::Address(IpAddr::V4(address)) => address.is_loopback(),
        Host::Address(IpAddr::V6(address)) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_to_the_letter_and_taken_apart() {
        let table = [
            ("https://a.example", "https://a.example", "", 443),
            ("https://a.example/", "https://a.example", "/", 443),
            ("https://a.example:8443/t/v2.0", "https://a.example:8443", "/t/v2.0", 8443),
            ("https://a.example/keys?p=1", "https://a.example", "/keys?p=1", 443),
            ("https://a.example?p=/1", "https://a.example", "?p=/1", 443),
            ("https://[2001:db8::1]:8443/a:b", "https://[2001:db8::1]:8443", "/a:b", 8443),
            ("https://10.0.0.1/", "https://10.0.0.1", "/", 443),
            ("http://localhost:8080/realms/a", "http://localhost:8080", "/realms/a", 8080),
            ("http://127.0.0.1", "http://127.0.0.1", "", 80),
            ("http://[::1]:1/", "http://[::1]:1", "/", 1),
        ];
        for (text, origin, path, port) in table {
            let url: WebUrl = text.parse().unwrap_or_else(|error| panic!("{text}: the address {error}"));
            assert_eq!((url.as_str(), url.origin(), url.path_and_query()), (text, origin, path));
            let parts = url.parts().unwrap();
            assert_eq!((parts.port, parts.path_and_query), (port, path), "{text}");
        }
    }

    #[test]
    fn other_spellings_and_other_addresses_are_refused_each_for_its_reason() {
        use WebUrlError as E;
        let long = format!("https://a.example/{}", "a".repeat(WebUrl::MAX_BYTES));
        let table = [
            ("", E::Scheme),
            ("a.example", E::Scheme),
            ("HTTPS://a.example", E::Scheme),
            ("ftp://a.example", E::Scheme),
            ("javascript://a.example", E::Scheme),
            ("http://a.example", E::Plain),
            ("http://localhost.a.example", E::Plain),
            ("http://10.0.0.1", E::Plain),
            ("https://a.example/#a", E::Fragment),
            ("https://user@a.example", E::User),
            ("https://user:b@a.example/", E::User),
            ("https://a.example:443", E::Port),
            ("https://a.example:0", E::Port),
            ("https://a.example:65536", E::Port),
            ("https://a.example:08443", E::Port),
            ("https://a.example:+1", E::Port),
            ("https://a.example:", E::Port),
            ("https://a.example/ b", E::Character),
            ("https://a.example/\"", E::Character),
            ("https://a.example\\b", E::Character),
            ("https://é.example", E::Character),
            ("https://", E::Host(HostError::Length)),
            ("https:///path", E::Host(HostError::Length)),
            ("https://A.example", E::Host(HostError::UpperCase)),
            ("https://a.example.", E::Host(HostError::FinalDot)),
            ("https://127.1", E::Host(HostError::Number)),
            ("https://*.example", E::Host(HostError::Star)),
            ("https://[::1", E::Host(HostError::Address)),
            (&long, E::Length),
        ];
        for (text, expected) in table {
            assert_eq!(text.parse::<WebUrl>(), Err(expected), "{text}");
        }
    }
}

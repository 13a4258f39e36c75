//! Holds the rules for requests that a plugin may send to other hosts.
//!
//! Each part of a rule has a type that only a legal text becomes, so a rule that was read can be compared as it is:
//! with a request (`sandbox/outbound`), with the ceiling of releases, and with what a plugin says it needs.

mod header;
mod host;
mod injection;
mod method;
mod path;
mod range;
mod signing;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use header::{GrantedHeader, HeaderClass, HeaderError};
pub use host::{Host, HostError, HostPattern};
pub use injection::{
    HeaderFormat, InjectedHeader, InjectedParameter, Injection, InjectionError, InjectionPlace,
};
pub use method::{HttpMethod, MethodError};
pub use path::{PathError, PathPrefix, check_path};
pub use range::{AddressRange, RangeError};
pub use signing::{AwsRegion, AwsService, RoleArn, SessionPolicy, Signing, SigningError};

/// A rule: requests that a plugin may send, and how much of them. A request needs one rule that allows all of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpGrant {
    /// The host, or the hosts one label below a name.
    pub host: HostPattern,
    /// With or without TLS.
    pub scheme: Scheme,
    /// The port.
    pub port: u16,
    /// The methods.
    pub methods: Vec<HttpMethod>,
    /// The beginnings of paths.
    pub paths: Vec<PathPrefix>,
    /// The headers that are refused otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<GrantedHeader>,
    /// The requests of one call.
    pub requests: u32,
    /// The requests of one call at a time.
    pub at_once: u32,
    /// The body of each request, in bytes.
    pub request_bytes: u64,
    /// The body of each response, in bytes.
    pub response_bytes: u64,
    /// The time from the request to the last byte of its response, in milliseconds.
    pub time_ms: u64,
    /// The addresses that may be reached although they are not global.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub address: Vec<AddressRange>,
    /// The secret that the host adds to each request; only for one host, with TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Injection>,
    /// How the host signs each request for AWS; only for one host, with TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign: Option<Signing>,
}

/// Tells whether a request is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// With TLS.
    Https,
    /// Without.
    Http,
}

impl Scheme {
    /// Returns the scheme as a URL begins.
    pub fn name(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
        }
    }

    /// Returns the port of a URL that names none.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Https => 443,
            Self::Http => 80,
        }
    }
}

impl HttpGrant {
    /// The default of requests of one call: a few pages of a list.
    pub const REQUESTS: u32 = 20;
    /// The most requests of one call that a rule can allow.
    pub const MAX_REQUESTS: u32 = 10_000;
    /// The default of requests at a time.
    pub const AT_ONCE: u32 = 4;
    /// The most requests at a time that a rule can allow.
    pub const MAX_AT_ONCE: u32 = 64;
    /// The default size of a request's body, in bytes.
    pub const REQUEST_BYTES: u64 = 1 << 20;
    /// The largest body of a request that is signed, in bytes: it is kept in memory until its hash is known.
    pub const MAX_SIGNED_BYTES: u64 = 8 << 20;
    /// The default size of a response's body, in bytes.
    pub const RESPONSE_BYTES: u64 = 4 << 20;
    /// The largest body that a rule can allow, in bytes. Bodies are streamed, so none of them needs memory for itself.
    pub const MAX_BODY_BYTES: u64 = 1 << 30;
    /// The default time of a request, in milliseconds.
    pub const TIME_MS: u64 = 10_000;
    /// The longest time that a rule can allow, in milliseconds: as long as a call may last.
    pub const MAX_TIME_MS: u64 = 900_000;
    /// The most rules of a plugin.
    pub const MAX_RULES: usize = 100;
    /// The most items of a list in a rule.
    pub const MAX_ITEMS: usize = 100;

    /// Returns a rule for a host with the default of everything else.
    pub fn new(host: HostPattern) -> Self {
        Self {
            host,
            scheme: Scheme::Https,
            port: Scheme::Https.default_port(),
            methods: vec![HttpMethod::get(), HttpMethod::head()],
            paths: vec![PathPrefix::root()],
            headers: Vec::new(),
            requests: Self::REQUESTS,
            at_once: Self::AT_ONCE,
            request_bytes: Self::REQUEST_BYTES,
            response_bytes: Self::RESPONSE_BYTES,
            time_ms: Self::TIME_MS,
            address: Vec::new(),
            secret: None,
            sign: None,
        }
    }

    /// Tells whether there is a request that both rules match, whatever their budgets.
    pub fn overlaps(&self, other: &Self) -> bool {
        let Self { host, scheme, port, methods, paths, .. } = self;
        let meet =
            |one: &PathPrefix, other: &PathPrefix| one.covers_prefix(other) || other.covers_prefix(one);
        (host.covers(&other.host) || other.host.covers(host))
            && (*scheme, *port) == (other.scheme, other.port)
            && methods.iter().any(|method| other.methods.contains(method))
            && paths.iter().any(|path| other.paths.iter().any(|other| meet(path, other)))
    }

    /// Tells whether this rule adds the same credential as another one, or both none.
    pub fn has_credential_of(&self, other: &Self) -> bool {
        (&self.secret, &self.sign) == (&other.secret, &other.sign)
    }

    /// Tells whether requests of this rule can have a credential: they go to one host, with TLS.
    pub fn can_hold_secret(&self) -> bool {
        self.scheme == Scheme::Https && matches!(self.host, HostPattern::Exact(_))
    }

    /// Returns scheme, host and port as a URL begins; the port only if the scheme has another one.
    pub fn origin(&self) -> Origin<'_> {
        Origin(self)
    }

    /// Tells whether everything that this rule allows is allowed by another one as well.
    pub fn is_within(&self, other: &Self) -> bool {
        let Self { host, scheme, port, methods, paths, headers, address, .. } = self;
        let numbers = [
            (u64::from(self.requests), u64::from(other.requests)),
            (u64::from(self.at_once), u64::from(other.at_once)),
            (self.request_bytes, other.request_bytes),
            (self.response_bytes, other.response_bytes),
            (self.time_ms, other.time_ms),
        ];
        other.host.covers(host)
            && (*scheme, *port) == (other.scheme, other.port)
            && methods.iter().all(|method| other.methods.contains(method))
            && paths.iter().all(|path| other.paths.iter().any(|most| most.covers_prefix(path)))
            && headers.iter().all(|header| other.headers.contains(header))
            && address.iter().all(|range| other.address.iter().any(|most| most.covers(range)))
            && (self.secret.is_none() || self.secret == other.secret)
            && (self.sign.is_none() || self.sign == other.sign)
            && numbers.into_iter().all(|(value, most)| value <= most)
    }
}

/// Shows scheme, host and port of a rule.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'g>(&'g HttpGrant);

impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let HttpGrant { host, scheme, port, .. } = self.0;
        write!(f, "{}://{host}", scheme.name())?;
        if *port == scheme.default_port() { Ok(()) } else { write!(f, ":{port}") }
    }
}

/// Derives what a text type needs to be part of the catalog: it is read with its own check.
macro_rules! text_form {
    ($name:ident, $error:ident) => {
        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, $error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }
    };
}
use text_form;

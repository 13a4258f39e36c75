//! Names the reasons why a request failed, for the operator.

use std::fmt;
use std::time::Duration;

/// A stage of a request that has a time limit of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Asking name servers for the addresses of the host.
    Resolve,
    /// Connecting; finding the address is part of it where the system does both.
    Connect,
    /// The TLS handshake.
    Tls,
    /// Waiting for the head of the response.
    Head,
    /// Reading a piece of the body.
    Body,
}

/// A request that failed. The text names the host and no more of the address.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The address cannot be used.
    #[error("{found:?} is not a usable address: expected https:// and a host, without a user name")]
    Address {
        /// The address, without user and query.
        found: String,
    },
    /// The address goes without TLS to another machine.
    #[error("{origin} is not encrypted: use https://, or http:// to this machine alone")]
    Plain {
        /// Scheme, host and port.
        origin: String,
    },
    /// The certificates cannot be used at all.
    #[error("TLS cannot be used: {0}")]
    Certificates(String),
    /// There is no such name, or no connection to it.
    #[error("cannot connect to {origin}: {source}")]
    Connect {
        /// Scheme, host and port.
        origin: String,
        /// The system's error.
        source: std::io::Error,
    },
    /// The handshake failed: the certificate is not trusted, or has another name.
    #[error("no TLS connection to {origin}: {source}")]
    Tls {
        /// Scheme, host and port.
        origin: String,
        /// The error of TLS.
        source: std::io::Error,
    },
    /// A stage took too long.
    #[error("{origin} took longer than {} s {stage}", after.as_secs_f32())]
    TimedOut {
        /// Scheme, host and port.
        origin: String,
        /// The stage.
        stage: Stage,
        /// Its limit, or what was left of the limit for the whole request.
        after: Duration,
    },
    /// The connection ended before the head of the response, or what came over it is not HTTP.
    #[error("no response from {origin}: {source}")]
    Exchange {
        /// Scheme, host and port.
        origin: String,
        /// The error of HTTP.
        source: hyper::Error,
    },
    /// The connection ended inside of the body.
    #[error("the response of {origin} ends early: {source}")]
    Body {
        /// Scheme, host and port.
        origin: String,
        /// The error of HTTP.
        source: hyper::Error,
    },
    /// The body is larger than the caller reads.
    #[error("the response of {origin} is larger than {max_bytes} bytes")]
    TooLarge {
        /// Scheme, host and port.
        origin: String,
        /// The limit.
        max_bytes: u64,
    },
}

impl NetError {
    /// Tells whether nothing of the request has left this machine.
    pub fn is_unsent(&self) -> bool {
        match self {
            Self::Address { .. }
            | Self::Plain { .. }
            | Self::Certificates(_)
            | Self::Connect { .. }
            | Self::Tls { .. } => true,
            Self::TimedOut { stage, .. } => matches!(stage, Stage::Resolve | Stage::Connect | Stage::Tls),
            Self::Exchange { .. } | Self::Body { .. } | Self::TooLarge { .. } => false,
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resolve => "to be found by name servers",
            Self::Connect => "to accept a connection",
            Self::Tls => "for the TLS handshake",
            Self::Head => "to begin its response",
            Self::Body => "to send the next piece of its response",
        })
    }
}

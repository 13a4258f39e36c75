//! Carries what an edge knows of a request beyond HTTP.

use std::net::SocketAddr;
use std::time::Instant;

use http::request::Parts;

use crate::auth::Identity;
use crate::catalog::WebUrl;
use crate::rounds::Replay;

/// The context that an edge adds to a request, in the request's extensions.
///
/// An edge that puts none there sets no deadline, and does not vouch for the caller. A client can write no more of it
/// than the trace, which is only logged.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The id that the platform gave the request; without one the server makes its own.
    pub request_id: Option<String>,
    /// The latest moment for an answer, because the platform ends the process soon after.
    pub not_after: Option<Instant>,
    /// The platform's trace header (AWS X-Ray), for the log.
    pub trace: Option<String>,
    /// The caller, if the platform has verified it (AWS IAM).
    pub identity: Option<Identity>,
    /// The server's own address, as the platform or the edge itself knows it; never of a header, which a client writes.
    pub server: Option<ServerAddress>,
    /// Randomness and time in place of the system's, where the edge tests a plugin.
    pub replay: Option<Replay>,
    /// The way in which the edge passes the answer on.
    pub delivery: Delivery,
    /// The carrier of the message.
    pub carrier: Carrier,
}

/// Tells how an edge passes an answer on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// Piece by piece, as it is made.
    #[default]
    Streamed,
    /// At its end: progress would come with the result, and a comment keeps nothing open.
    Whole,
}

/// Tells what a message came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Carrier {
    /// An HTTP request, whose headers repeat parts of the message for those on the way.
    #[default]
    Http,
    /// Nothing: there is nobody on the way.
    Message,
}

/// The address of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerAddress {
    /// The domain name of a front end of AWS, and the path below which the server is, if there is one.
    Domain(String),
    /// A domain name that the deployer has mapped to an API: perhaps with a path, which the event does not tell.
    MappedDomain(String),
    /// The address that a local server listens at, without TLS.
    Listening(SocketAddr),
}

impl ServerAddress {
    /// Returns the address as clients write it, without a path; `None` if it cannot be one: a server that listens at all
    /// addresses, or in plain HTTP for other machines, does not know what its clients call it.
    pub fn url(&self) -> Option<WebUrl> {
        match self {
            Self::Domain(name) | Self::MappedDomain(name) => format!("https://{name}").parse().ok(),
            Self::Listening(address) => format!("http://{address}").parse().ok(),
        }
    }
}

impl Context {
    /// Returns the context that the edge gave a request.
    pub(super) fn of(parts: &Parts) -> &Self {
        static NONE: Context = Context {
            request_id: None,
            not_after: None,
            trace: None,
            identity: None,
            server: None,
            replay: None,
            delivery: Delivery::Streamed,
            carrier: Carrier::Http,
        };
        parts.extensions.get().unwrap_or(&NONE)
    }
}

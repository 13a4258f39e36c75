//! Faults of a request's HTTP head.

use crate::protocol::quoted::Quoted;

/// The reason why a request may not come from its place, or go to its host.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Forbidden {
    /// A page of another site sends it.
    #[error("the origin {} is not allowed", Quoted(.origin))]
    Origin {
        /// The origin of that page.
        origin: String,
    },
    /// Two pages claim to send it.
    #[error("the Origin header occurs more than once")]
    RepeatedOrigin,
    /// It names another server.
    #[error("the host {} is not served here", Quoted(.host))]
    Host {
        /// The name of that server.
        host: String,
    },
    /// It names no server.
    #[error("the Host header is missing")]
    NoHost,
    /// AWS checked the sender, which is neither user nor role.
    #[error("the AWS identity of the caller is no user or role")]
    Identity,
    /// It comes by a way that the operator has not opened.
    #[error("this server takes no requests through this front end")]
    Edge,
}

/// The reason why a body's type is not served.
#[derive(Clone, Debug, thiserror::Error)]
pub enum MediaTypeError {
    /// No type, or several.
    #[error("expected one Content-Type header, application/json")]
    ContentTypes,
    /// Another type.
    #[error("Content-Type: expected application/json in UTF-8, found {}", Quoted(.found))]
    ContentType {
        /// The type.
        found: String,
    },
    /// A compressed body.
    #[error("Content-Encoding: expected none")]
    ContentEncoding,
}

//! Names every way in which a plugin's request can fail.

use std::io;

use super::super::error::Stage;

/// A request of a plugin that failed, or a body that broke off. The text is for the operator: it names the host, and
/// no path, header or byte of a body.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The request cannot be sent as it is.
    #[error("the request to {host} cannot be sent: {reason}")]
    InvalidRequest {
        /// The host's name or address.
        host: String,
        /// The part that is wrong.
        reason: String,
    },
    /// The settings of the server, or of its system, make every request impossible.
    #[error("no request can be sent: {reason}")]
    Configuration {
        /// The setting that is wrong.
        reason: String,
    },
    /// There is no such host, or it has no address.
    #[error("there is no host {host}")]
    NameNotFound {
        /// The host's name.
        host: String,
    },
    /// The name servers could not be asked, or refuse to answer.
    #[error("name servers do not tell the address of {host}: {reason}")]
    NameServerFailed {
        /// The host's name.
        host: String,
        /// The answer of the name server, or the reason why there is none.
        reason: String,
    },
    /// The name servers took too long.
    #[error("name servers did not tell the address of {host} in time")]
    NameServerTimeout {
        /// The host's name.
        host: String,
    },
    /// None of the host's addresses is global or in a network that the rule's `address` allows.
    #[error("no address of {host} may be connected to: none is global or allowed by `address`")]
    AddressProhibited {
        /// The host's name or address.
        host: String,
    },
    /// The host refuses connections.
    #[error("{host} refuses connections: {source}")]
    ConnectionRefused {
        /// The host's name or address.
        host: String,
        /// The system's error.
        source: io::Error,
    },
    /// The host cannot be reached.
    #[error("{host} cannot be reached: {source}")]
    Unreachable {
        /// The host's name or address.
        host: String,
        /// The system's error.
        source: io::Error,
    },
    /// The host did not accept a connection in time.
    #[error("{host} did not accept a connection in time")]
    ConnectTimeout {
        /// The host's name or address.
        host: String,
    },
    /// The certificate of the host is not trusted, has expired, or is for another name.
    #[error("the certificate of {host} is not valid: {source}")]
    Certificate {
        /// The host's name or address.
        host: String,
        /// The error of TLS.
        source: io::Error,
    },
    /// The host broke the TLS handshake off, or does not speak TLS.
    #[error("no TLS connection to {host}: {source}")]
    Tls {
        /// The host's name or address.
        host: String,
        /// The error of TLS.
        source: io::Error,
    },
    /// The host did not finish the TLS handshake in time.
    #[error("{host} did not finish the TLS handshake in time")]
    TlsTimeout {
        /// The host's name or address.
        host: String,
    },
    /// The response did not begin in time.
    #[error("{host} did not begin its response in time")]
    NoAnswer {
        /// The host's name or address.
        host: String,
    },
    /// The connection ended before the response began.
    #[error("{host} closed the connection before its response: {source}")]
    ConnectionEnded {
        /// The host's name or address.
        host: String,
        /// The error of HTTP.
        source: hyper::Error,
    },
    /// The response is not HTTP.
    #[error("the response of {host} is not valid HTTP: {reason}")]
    Malformed {
        /// The host's name or address.
        host: String,
        /// The rule that it breaks.
        reason: String,
    },
    /// The head of the response is too large.
    #[error("the head of the response of {host} is too large")]
    HeadTooLarge {
        /// The host's name or address.
        host: String,
    },
    /// The request's body is larger than the rule allows.
    #[error("the body of the request to {host} is larger than {max_bytes} bytes")]
    RequestTooLarge {
        /// The host's name or address.
        host: String,
        /// The limit.
        max_bytes: u64,
    },
    /// The request's body is longer or shorter than its head tells.
    #[error("the body of the request to {host} has not the {length} bytes of its `content-length`")]
    WrongLength {
        /// The host's name or address.
        host: String,
        /// The length that the head tells.
        length: u64,
    },
    /// The response's body is larger than the rule allows.
    #[error("the body of the response of {host} is larger than {max_bytes} bytes")]
    ResponseTooLarge {
        /// The host's name or address.
        host: String,
        /// The limit.
        max_bytes: u64,
    },
    /// The next piece of the response's body did not arrive in time.
    #[error("{host} stopped in the middle of its response")]
    Stalled {
        /// The host's name or address.
        host: String,
    },
    /// The connection ended inside of the response's body.
    #[error("the response of {host} ends early: {source}")]
    Incomplete {
        /// The host's name or address.
        host: String,
        /// The error of HTTP.
        source: hyper::Error,
    },
    /// The time for the whole request is over.
    #[error("the time for the request was over while waiting for {host} {stage}")]
    TimeOver {
        /// The host's name or address.
        host: String,
        /// The stage that was not finished.
        stage: Stage,
    },
    /// The plugin broke its request's body off.
    #[error("the body of the request was broken off: {reason}")]
    RequestBody {
        /// The plugin's error.
        reason: String,
    },
}

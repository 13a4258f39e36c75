//! Translates failures into the errors of `wasi:http`.

use wasmtime_wasi_http::Error;

use crate::net::{OutboundError, Stage};

/// Returns the guest's error for a request that failed. It names no address, no certificate and no server's words.
pub(super) fn to_guest(error: &OutboundError) -> Error {
    match error {
        OutboundError::InvalidRequest { .. } => Error::HttpProtocolError,
        OutboundError::Configuration { .. } => Error::ConfigurationError,
        OutboundError::NameNotFound { .. } => {
            Error::DnsError { rcode: Some("NXDOMAIN".into()), info_code: None }
        }
        OutboundError::NameServerFailed { .. } => {
            Error::DnsError { rcode: Some("SERVFAIL".into()), info_code: None }
        }
        OutboundError::NameServerTimeout { .. } | OutboundError::TimeOver { stage: Stage::Resolve, .. } => {
            Error::DnsTimeout
        }
        OutboundError::AddressProhibited { .. } => Error::DestinationIpProhibited,
        OutboundError::ConnectionRefused { .. } => Error::ConnectionRefused,
        OutboundError::Unreachable { .. } => Error::DestinationUnavailable,
        OutboundError::ConnectTimeout { .. }
        | OutboundError::TlsTimeout { .. }
        | OutboundError::TimeOver { stage: Stage::Connect | Stage::Tls, .. } => Error::ConnectionTimeout,
        OutboundError::Certificate { .. } => Error::TlsCertificateError,
        OutboundError::Tls { .. } => Error::TlsProtocolError,
        OutboundError::NoAnswer { .. } | OutboundError::TimeOver { stage: Stage::Head | Stage::Body, .. } => {
            Error::HttpResponseTimeout
        }
        OutboundError::ConnectionEnded { .. } => Error::ConnectionTerminated,
        OutboundError::Malformed { .. } => Error::HttpProtocolError,
        OutboundError::HeadTooLarge { .. } => Error::HttpResponseHeaderSectionSize(None),
        OutboundError::RequestTooLarge { max_bytes, .. } => Error::HttpRequestBodySize(Some(*max_bytes)),
        OutboundError::ResponseTooLarge { max_bytes, .. } => Error::HttpResponseBodySize(Some(*max_bytes)),
        OutboundError::Stalled { .. } => Error::ConnectionReadTimeout,
        OutboundError::Incomplete { .. } => Error::HttpResponseIncomplete,
        OutboundError::RequestBody { .. } => Error::HttpProtocolError,
    }
}

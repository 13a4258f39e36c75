//! Translates failures into the errors of `wasi:http`.

use wasmtime_wasi_http::Error;
use wasmtime_wasi_http::p2::bindings::http::types::{DnsErrorPayload, ErrorCode};

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
        OutboundError::WrongLength { length, .. } => Error::HttpRequestBodySize(Some(*length)),
        OutboundError::ResponseTooLarge { max_bytes, .. } => Error::HttpResponseBodySize(Some(*max_bytes)),
        OutboundError::Stalled { .. } => Error::ConnectionReadTimeout,
        OutboundError::Incomplete { .. } => Error::HttpResponseIncomplete,
        OutboundError::RequestBody { .. } => Error::HttpProtocolError,
    }
}

/// Returns the code of an error in which the body of a response has ended; `None` if none ends so.
pub(in crate::sandbox) fn error_code(error: &Error) -> Option<ErrorCode> {
    Some(match error {
        Error::DnsError { rcode, info_code } => {
            ErrorCode::DnsError(DnsErrorPayload { rcode: rcode.clone(), info_code: *info_code })
        }
        Error::DnsTimeout => ErrorCode::DnsTimeout,
        Error::DestinationUnavailable => ErrorCode::DestinationUnavailable,
        Error::DestinationIpProhibited => ErrorCode::DestinationIpProhibited,
        Error::ConnectionRefused => ErrorCode::ConnectionRefused,
        Error::ConnectionTimeout => ErrorCode::ConnectionTimeout,
        Error::ConnectionTerminated => ErrorCode::ConnectionTerminated,
        Error::ConnectionReadTimeout => ErrorCode::ConnectionReadTimeout,
        Error::TlsCertificateError => ErrorCode::TlsCertificateError,
        Error::TlsProtocolError => ErrorCode::TlsProtocolError,
        Error::HttpRequestBodySize(most) => ErrorCode::HttpRequestBodySize(*most),
        Error::HttpResponseBodySize(most) => ErrorCode::HttpResponseBodySize(*most),
        Error::HttpResponseTimeout => ErrorCode::HttpResponseTimeout,
        Error::HttpResponseIncomplete => ErrorCode::HttpResponseIncomplete,
        Error::HttpProtocolError => ErrorCode::HttpProtocolError,
        _ => return None,
    })
}

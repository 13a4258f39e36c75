//! The reasons why a request has no response, told apart by what somebody can do about them.

use std::fmt;

use crate::wasi::http::types::ErrorCode;

/// The reason why a request has no response. As text, it is the end of a sentence for a model: "the page cannot be read:
/// ...".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The deployer does not allow it.
    Denied,
    /// The server refuses the form of the address.
    Address,
    /// The host does not exist, or no connection to it is possible.
    Unreachable,
    /// The certificate of the host is not trusted, or TLS fails.
    Untrusted,
    /// The host was too slow.
    Slow,
    /// The response ends early, or is not HTTP.
    Broken,
    /// The response or the request is larger than the deployer allows.
    TooLarge,
    /// Too many requests at once.
    Busy,
    /// The credential that the server adds cannot be read.
    Credential,
    /// Anything else.
    Other,
}

impl Failure {
    /// Tells whether the host may have received the request: then what it was to do may have happened.
    pub fn may_have_arrived(&self) -> bool {
        match self {
            Self::Slow | Self::Broken | Self::TooLarge | Self::Other => true,
            Self::Denied | Self::Address | Self::Unreachable | Self::Untrusted => false,
            Self::Busy | Self::Credential => false,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Denied => "this server does not allow the request",
            Self::Address => {
                "this server refuses addresses of this form, for example with `//`, `..` or `;` in the path"
            }
            Self::Unreachable => "the host does not exist or does not accept connections",
            Self::Untrusted => "the host's certificate is not trusted",
            Self::Slow => "the host did not respond in time; try again later",
            Self::Broken => "the response was not complete; try again",
            Self::TooLarge => "the response is larger than this server allows",
            Self::Busy => "too many requests are under way; try again later",
            Self::Credential => {
                "this server has no credential for the host; its administrator finds the reason in the log"
            }
            Self::Other => "the request failed",
        })
    }
}

impl From<ErrorCode> for Failure {
    fn from(code: ErrorCode) -> Self {
        match code {
            ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => Self::Denied,
            ErrorCode::HttpRequestUriInvalid | ErrorCode::HttpRequestUriTooLong => Self::Address,
            ErrorCode::DnsError(_)
            | ErrorCode::DnsTimeout
            | ErrorCode::DestinationNotFound
            | ErrorCode::DestinationUnavailable
            | ErrorCode::DestinationIpUnroutable
            | ErrorCode::ConnectionRefused
            | ErrorCode::ConnectionTimeout => Self::Unreachable,
            ErrorCode::TlsCertificateError | ErrorCode::TlsProtocolError | ErrorCode::TlsAlertReceived(_) => {
                Self::Untrusted
            }
            ErrorCode::HttpResponseTimeout
            | ErrorCode::ConnectionReadTimeout
            | ErrorCode::ConnectionWriteTimeout => Self::Slow,
            ErrorCode::HttpResponseIncomplete
            | ErrorCode::ConnectionTerminated
            | ErrorCode::HttpProtocolError => Self::Broken,
            ErrorCode::HttpResponseBodySize(_) | ErrorCode::HttpRequestBodySize(_) => Self::TooLarge,
            ErrorCode::ConnectionLimitReached => Self::Busy,
            ErrorCode::ConfigurationError => Self::Credential,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Failure;
    use crate::wasi::http::types::ErrorCode;

    #[test]
    fn a_request_that_was_refused_here_has_not_arrived() {
        for code in [
            ErrorCode::HttpRequestDenied,
            ErrorCode::HttpRequestUriInvalid,
            ErrorCode::ConnectionRefused,
            ErrorCode::TlsCertificateError,
            ErrorCode::ConfigurationError,
            ErrorCode::ConnectionLimitReached,
        ] {
            assert!(!Failure::from(code.clone()).may_have_arrived(), "{code:?}");
        }
    }

    #[test]
    fn a_request_without_a_whole_response_may_have_arrived() {
        for code in [
            ErrorCode::HttpResponseTimeout,
            ErrorCode::ConnectionReadTimeout,
            ErrorCode::ConnectionTerminated,
            ErrorCode::HttpResponseIncomplete,
            ErrorCode::HttpResponseBodySize(None),
            ErrorCode::InternalError(None),
        ] {
            assert!(Failure::from(code.clone()).may_have_arrived(), "{code:?}");
        }
    }
}

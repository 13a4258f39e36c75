//! The errors of `wasi:http` that a case can name: those that come from outside, not from a rule.

use std::fmt;
use std::str::FromStr;

use wasmtime_wasi_http::Error;

/// An error that a request of a case ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TapedError(&'static str);

/// Says that a text names no such error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not an error of `wasi:http` that comes from outside")]
pub struct UnknownError;

impl TapedError {
    /// The names, as `wasi:http` has them. `DNS-error` means that there is no such name.
    pub const NAMES: [&'static str; 13] = [
        "DNS-error",
        "DNS-timeout",
        "destination-unavailable",
        "destination-IP-prohibited",
        "connection-refused",
        "connection-timeout",
        "connection-terminated",
        "connection-read-timeout",
        "TLS-certificate-error",
        "TLS-protocol-error",
        "HTTP-response-timeout",
        "HTTP-response-incomplete",
        "HTTP-protocol-error",
    ];

    /// Returns the error that the guest gets.
    pub(in super::super) fn to_guest(self) -> Error {
        match self.0 {
            "DNS-error" => Error::DnsError { rcode: Some("NXDOMAIN".into()), info_code: None },
            "DNS-timeout" => Error::DnsTimeout,
            "destination-unavailable" => Error::DestinationUnavailable,
            "destination-IP-prohibited" => Error::DestinationIpProhibited,
            "connection-refused" => Error::ConnectionRefused,
            "connection-timeout" => Error::ConnectionTimeout,
            "connection-terminated" => Error::ConnectionTerminated,
            "connection-read-timeout" => Error::ConnectionReadTimeout,
            "TLS-certificate-error" => Error::TlsCertificateError,
            "TLS-protocol-error" => Error::TlsProtocolError,
            "HTTP-response-timeout" => Error::HttpResponseTimeout,
            "HTTP-response-incomplete" => Error::HttpResponseIncomplete,
            _ => Error::HttpProtocolError,
        }
    }
}

impl FromStr for TapedError {
    type Err = UnknownError;

    fn from_str(text: &str) -> Result<Self, UnknownError> {
        Self::NAMES.into_iter().find(|name| *name == text).map(Self).ok_or(UnknownError)
    }
}

impl fmt::Display for TapedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::error::error_code;
    use super::*;

    #[test]
    fn every_name_is_an_error_of_its_own_and_has_a_code() {
        let errors = TapedError::NAMES.map(|name| {
            let error = name.parse::<TapedError>().unwrap().to_guest();
            format!("{:?} {:?}", error, error_code(&error).unwrap_or_else(|| panic!("{name} has no code")))
        });
        let different: std::collections::BTreeSet<_> = errors.iter().collect();
        assert_eq!(different.len(), errors.len(), "{errors:?}");
        assert_eq!("connection_refused".parse::<TapedError>(), Err(UnknownError));
    }
}

//! Panics where the header of a test's request says so.
//!
//! The cargo feature `test-hooks`, which no shipped program has, turns it on.

use http::HeaderMap;

/// The place of the panic that a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TestPanic {
    /// None.
    Nowhere,
    /// Before the request is understood.
    #[cfg(feature = "test-hooks")]
    Handling,
    /// Inside the call.
    #[cfg(feature = "test-hooks")]
    Calling,
}

impl TestPanic {
    /// Reads `x-toolcell-test-panic`.
    #[cfg(feature = "test-hooks")]
    pub(super) fn asked(headers: &HeaderMap) -> Self {
        match headers.get("x-toolcell-test-panic").map(http::HeaderValue::as_bytes) {
            Some(b"handling") => Self::Handling,
            Some(b"calling") => Self::Calling,
            _ => Self::Nowhere,
        }
    }

    /// Reads nothing.
    #[cfg(not(feature = "test-hooks"))]
    pub(super) fn asked(_: &HeaderMap) -> Self {
        Self::Nowhere
    }

    /// Panics where a request is handled.
    pub(super) fn while_handling(self) {
        #[cfg(feature = "test-hooks")]
        assert_ne!(self, Self::Handling, "a test asked for it");
    }

    /// Panics where a call runs.
    pub(super) fn while_calling(self) {
        #[cfg(feature = "test-hooks")]
        assert_ne!(self, Self::Calling, "a test asked for it");
    }
}

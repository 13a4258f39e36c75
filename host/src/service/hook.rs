//! Lets a test make the server panic, by a header of its request.
//!
//! Without the cargo feature `test-hooks`, which no shipped program has, the header means nothing.

use http::HeaderMap;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Panic {
    /// Nothing.
    Nowhere,
    /// A panic before the request is understood.
    #[cfg(feature = "test-hooks")]
    Handling,
    /// A panic inside the call.
    #[cfg(feature = "test-hooks")]
    Calling,
}

impl Panic {
    /// Reads `x-toolcell-test-panic`.
    #[cfg(feature = "test-hooks")]
    pub(super) fn asked(headers: &HeaderMap) -> Self {
        match headers.get("x-toolcell-test-panic").map(http::HeaderValue::as_bytes) {
            Some(b"handling") => Self::Handling,
            Some(b"calling") => Self::Calling,
            _ => Self::Nowhere,
        }
    }

    /// Never anywhere.
    #[cfg(not(feature = "test-hooks"))]
    pub(super) fn asked(_: &HeaderMap) -> Self {
        Self::Nowhere
    }

    /// To be called where a request is handled.
    pub(super) fn while_handling(self) {
        #[cfg(feature = "test-hooks")]
        assert_ne!(self, Self::Handling, "a test asked for it");
    }

    /// To be called where a call runs.
    pub(super) fn while_calling(self) {
        #[cfg(feature = "test-hooks")]
        assert_ne!(self, Self::Calling, "a test asked for it");
    }
}

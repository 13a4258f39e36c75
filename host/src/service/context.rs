//! Carries what an edge knows of a request beyond HTTP.

use std::time::Instant;

use http::request::Parts;

use crate::auth::Identity;
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
    /// Randomness and time in place of the system's, where the edge tests a plugin.
    pub replay: Option<Replay>,
}

impl Context {
    /// Returns the context that the edge gave a request.
    pub(super) fn of(parts: &Parts) -> &Self {
        static NONE: Context =
            Context { request_id: None, not_after: None, trace: None, identity: None, replay: None };
        parts.extensions.get().unwrap_or(&NONE)
    }
}

//! What an edge knows of a request beyond HTTP.

use std::time::Instant;

use crate::auth::Identity;
use crate::rounds::Replay;

/// What an edge knows of a request beyond HTTP; it travels in the request's extensions.
///
/// An edge that puts none there says: the process has all the time it wants, and nobody vouches for the
/// caller. What a client writes gets into it at most as the trace, which is only logged.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The id that the platform gave the request; without one the server makes its own.
    pub request_id: Option<String>,
    /// When an answer must be on its way, because the platform ends the process soon after.
    pub not_after: Option<Instant>,
    /// The platform's trace header (AWS X-Ray), for the log.
    pub trace: Option<String>,
    /// Who is calling, where the platform has checked that itself (AWS IAM).
    pub identity: Option<Identity>,
    /// Randomness and time in place of the system's, where the edge tests a plugin.
    pub replay: Option<Replay>,
}

//! Decides who is calling (step 2 of [`crate::protocol`]), and whether its scopes cover a tool's.

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;
use http::request::Parts;

use super::request::PluginRequest;
use super::{Context, Service};
use crate::auth::{Principal, Refusal};
use crate::catalog::ScopeSet;
use crate::protocol::{Fault, Head, Rejection};

/// The most bytes of a name in the log that may be of the client's making.
const MAX_LOGGED_NAME_BYTES: usize = 128;

impl Service {
    /// Finds out who sent a request.
    pub(super) async fn authenticate(&self, parts: &Parts) -> Result<Principal, Rejection> {
        let Context { request_id, not_after, identity, .. } = Context::of(parts);
        let request = request_id.as_deref();
        let access = self.credentials.access(*not_after).await.map_err(|error| {
            tracing::error!(request, %error, "no caller can be admitted");
            Rejection::from(Fault::Unavailable)
        })?;
        access.admit(parts, identity.as_ref()).map_err(|refusal| {
            tracing::info!(request, status = refusal.status().as_u16(), reason = %refusal, "refused");
            rejection(&refusal, None)
        })
    }

    /// Refuses a request for something that asks for more scopes than its sender has; `tool` is its name for the log.
    pub(super) fn authorize(
        &self,
        request: &PluginRequest<'_>,
        tool: &str,
        required: &ScopeSet,
    ) -> Result<(), Rejection> {
        let principal = request.principal;
        if principal.scopes().covers(required) {
            return Ok(());
        }
        let refusal = Refusal::Scope { required: required.clone() };
        let status = refusal.status().as_u16();
        // A client writes the name as it likes, megabytes of it.
        let tool = &tool[..tool.floor_char_boundary(MAX_LOGGED_NAME_BYTES)];
        tracing::info!(status, principal = principal.name(), tool, reason = %refusal, "refused");
        Err(rejection(&refusal, Some(&request.head)))
    }
}

/// Turns a refusal into an answer: to a request with this head, or to one whose body is still unread.
fn rejection(refusal: &Refusal, head: Option<&Head>) -> Rejection {
    let reason = refusal.to_string();
    let fault = match refusal {
        Refusal::Missing | Refusal::Invalid => Fault::Unauthorized { reason },
        Refusal::Malformed(_) => Fault::Credentials { reason },
        Refusal::Scope { .. } => Fault::Scope { reason },
    };
    let mut rejection = match head {
        Some(head) => Rejection::new(fault, head),
        None => Rejection::from(fault),
    };
    let headers: &mut HeaderMap = rejection.headers_mut();
    headers.insert(WWW_AUTHENTICATE, refusal.challenge());
    rejection
}

//! Decides who is calling (step 2 of [`crate::protocol`]), and whether its scopes cover a tool's.

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;
use http::request::Parts;

use super::errand::Errand;
use super::{Context, Service};
use crate::auth::{Principal, Refusal};
use crate::catalog::ScopeSet;
use crate::protocol::{Fault, Head, Rejection};

/// A request whose sender is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Incoming<'r> {
    /// Its head.
    pub(super) parts: &'r Parts,
    /// Its sender.
    pub(super) principal: &'r Principal,
}

impl Service {
    /// Finds out who sent a request.
    pub(super) async fn principal(&self, parts: &Parts) -> Result<Principal, Rejection> {
        let context = parts.extensions.get::<Context>();
        let request = context.and_then(|context| context.request_id.as_deref());
        let not_after = context.and_then(|context| context.not_after);
        let access = self.credentials.access(not_after).await.map_err(|error| {
            tracing::error!(request, %error, "nobody can be admitted");
            Rejection::from(Fault::Unavailable)
        })?;
        let identity = context.and_then(|context| context.identity.as_ref());
        access.admit(parts, identity).map_err(|refusal| {
            tracing::info!(request, status = refusal.status().as_u16(), reason = %refusal, "refused");
            rejection(&refusal, None)
        })
    }

    /// Refuses a request for something that asks for more scopes than its sender has; `tool` is its name for the log.
    pub(super) fn authorize(
        &self,
        errand: &Errand<'_>,
        tool: &str,
        required: &ScopeSet,
    ) -> Result<(), Rejection> {
        let principal = errand.incoming.principal;
        if principal.scopes().covers(required) {
            return Ok(());
        }
        let refusal = Refusal::Scope { required: required.clone() };
        let status = refusal.status().as_u16();
        tracing::info!(status, principal = principal.name(), tool, reason = %refusal, "refused");
        Err(rejection(&refusal, Some(&errand.head)))
    }
}

/// A refusal as an answer: to a request that was understood, or to one that nobody has read.
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

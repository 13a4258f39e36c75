//! Decides who is calling (step 2 of [`crate::protocol`]), and whether its scopes cover a tool's.

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;
use http::request::Parts;

use super::answer::Answer;
use super::request::PluginRequest;
use super::{Context, Service};
use crate::auth::{Principal, Refusal};
use crate::catalog::{Challenge, ScopeSet};
use crate::credentials::oauth::{Issuers, Network};
use crate::credentials::{Arrival, Rejected};
use crate::protocol::render::{CallToolResult, Content, Outcome};
use crate::protocol::{Fault, Head, Rejection};

/// The most bytes of a name in the log that may be of the client's making.
const MAX_LOGGED_NAME_BYTES: usize = 128;

impl Service {
    /// Finds out who sent a request.
    pub(super) async fn authenticate(&self, parts: &Parts) -> Result<Principal, Rejection> {
        let Context { request_id, not_after, identity, .. } = Context::of(parts);
        let request = request_id.as_deref();
        let own_url = self.own_url(parts);
        let arrival = Arrival { identity: identity.as_ref(), own_url: own_url.as_deref() };
        let outbound = || self.runner.outbound().map_err(|error| error.to_string());
        let secrets = self.runner.secrets();
        let network = Network { outbound: &outbound, secrets: &secrets, not_after: *not_after };
        match self.credentials.admit(parts, arrival, &network).await {
            Ok(principal) => Ok(principal),
            Err(Rejected::Unavailable(error)) => {
                tracing::error!(request, %error, "no caller can be admitted");
                Err(Fault::Unavailable.into())
            }
            Err(Rejected::Refused(refusal)) => {
                let (status, reason) = (refusal.status().as_u16(), refusal.reason());
                tracing::info!(request, status, rule = refusal.rule(), reason, "refused");
                Err(self.rejection(&refusal, parts, None))
            }
        }
    }

    /// Refuses a request for something that asks for more scopes than its sender has; `tool` is its name for the log.
    pub(super) fn authorize(
        &self,
        request: &PluginRequest<'_>,
        tool: &str,
        required: &ScopeSet,
    ) -> Result<(), Rejection> {
        let lacks_scopes = |refusal| self.rejection(&refusal, request.parts, Some(&request.head));
        check_scopes(request, tool, required).map_err(lacks_scopes)
    }

    /// Refuses the call of a tool that asks for more scopes than its sender has: with a status, or with a result, where
    /// the deployer knows that clients look for the challenge there.
    pub(super) fn authorize_call(
        &self,
        request: &PluginRequest<'_>,
        tool: &str,
        required: &ScopeSet,
    ) -> Result<(), Answer> {
        let Err(refusal) = check_scopes(request, tool, required) else { return Ok(()) };
        let settings = self.credentials.issuers().map(Issuers::settings);
        if settings.is_none_or(|settings| settings.challenge == Challenge::Status) {
            return Err(self.rejection(&refusal, request.parts, Some(&request.head)).into());
        }
        let challenge = refusal.challenge(self.metadata_pointer(request.parts).as_ref());
        let (text, challenge) = (refusal.to_string(), challenge.to_str().unwrap_or_default().to_owned());
        let content = Content::Text(&text);
        let called =
            CallToolResult { outcome: Outcome::Failure, content, meta: None, challenge: Some(&challenge) };
        Err(Answer::Json(self.renderer.call_tool(&request.head, &called)))
    }

    /// Turns a refusal into an answer: to a request with this head, or to one whose body is still unread.
    fn rejection(&self, refusal: &Refusal, parts: &Parts, head: Option<&Head>) -> Rejection {
        let reason = refusal.to_string();
        let fault = match refusal {
            Refusal::Missing | Refusal::Invalid | Refusal::Token(_) => Fault::Unauthorized { reason },
            Refusal::Malformed(_) => Fault::Credentials { reason },
            Refusal::Scope { .. } => Fault::Scope { reason },
        };
        let mut rejection = match head {
            Some(head) => Rejection::new(fault, head),
            None => Rejection::from(fault),
        };
        let headers: &mut HeaderMap = rejection.headers_mut();
        let pointer = self.metadata_pointer(parts);
        headers.insert(WWW_AUTHENTICATE, refusal.challenge(pointer.as_ref()));
        rejection
    }
}

/// Compares the scopes of a request's sender with those that something requires; a refusal is logged.
fn check_scopes(request: &PluginRequest<'_>, tool: &str, required: &ScopeSet) -> Result<(), Refusal> {
    let principal = request.principal;
    if principal.scopes().covers(required) {
        return Ok(());
    }
    let refusal = Refusal::Scope { required: required.clone() };
    let status = refusal.status().as_u16();
    // A client writes the name as it likes, megabytes of it.
    let tool = &tool[..tool.floor_char_boundary(MAX_LOGGED_NAME_BYTES)];
    let (principal, rule) = (principal.name(), refusal.rule());
    tracing::info!(status, principal, tool, rule, reason = %refusal, "refused");
    Err(refusal)
}

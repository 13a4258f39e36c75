//! What a call knows, sealed for its next round and opened again.

use std::sync::Arc;
use std::time::Instant;

use super::errand::Subject;
use crate::auth::{Principal, PrincipalKind};
use crate::catalog::Digest;
use crate::credentials::Keyring;
use crate::protocol::{Fault, ParamsError};
use crate::rounds::{CallState, MAX_AGE_MS};
use crate::state_token::Binding;

/// Seals and opens the state of one request: what it makes opens for the same caller, call and plugin alone.
#[derive(Debug)]
pub(super) struct Sealer {
    keyring: Arc<Keyring>,
    principal_kind: &'static str,
    principal_name: String,
    method: &'static str,
    target: String,
    arguments: Digest,
    component: Digest,
    revision: &'static str,
}

impl Sealer {
    pub(super) fn new(
        keyring: &Arc<Keyring>,
        principal: &Principal,
        component: Digest,
        subject: &Subject<'_>,
        revision: &'static str,
    ) -> Self {
        Self {
            keyring: Arc::clone(keyring),
            principal_kind: match principal.kind() {
                PrincipalKind::Bearer => "bearer",
                PrincipalKind::Iam => "iam",
                PrincipalKind::Anonymous => "anonymous",
            },
            principal_name: principal.name().unwrap_or_default().to_owned(),
            method: subject.method,
            target: subject.target.to_owned(),
            arguments: Digest::of(subject.arguments),
            component,
            revision,
        }
    }

    /// Seals what is known.
    ///
    /// # Errors
    /// There is no key, which the log tells.
    pub(super) async fn seal(&self, state: &CallState, not_after: Option<Instant>) -> Result<String, Fault> {
        let keys = self.keyring.keys(not_after).await.map_err(|error| no_key(&error))?;
        keys.seal(&state.to_bytes(), &self.binding()).map_err(|error| no_key(&error))
    }

    /// Opens what was sealed.
    ///
    /// # Errors
    /// It was sealed for another request, by nobody, too long ago, or by another version of the server.
    pub(super) async fn open(
        &self,
        state: &str,
        not_after: Option<Instant>,
        now_ms: u64,
    ) -> Result<CallState, Fault> {
        let keys = self.keyring.keys(not_after).await.map_err(|error| no_key(&error))?;
        let bytes = keys.open(state, &self.binding()).ok_or(ParamsError::State)?;
        let state = CallState::from_bytes(&bytes).map_err(|error| {
            tracing::warn!(%error, "a state that this server has sealed cannot be read");
            ParamsError::State
        })?;
        let age_ms = now_ms.saturating_sub(state.started_ms());
        if age_ms < MAX_AGE_MS { Ok(state) } else { Err(ParamsError::State.into()) }
    }

    fn binding(&self) -> Binding<'_> {
        Binding {
            principal_kind: self.principal_kind,
            principal_name: &self.principal_name,
            method: self.method,
            target: &self.target,
            arguments: self.arguments,
            component: self.component,
            revision: self.revision,
        }
    }
}

fn no_key(error: &dyn std::error::Error) -> Fault {
    tracing::error!(%error, "what a call knows cannot be sealed or opened");
    Fault::Internal
}

//! Seals the state of a call for its next round, and opens it again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;

use super::request::{PluginRequest, RequestBinding};
use crate::catalog::{Confirm, FunctionEntry, FunctionRef, Grants};
use crate::codec::guest;
use crate::credentials::Keyring;
use crate::digest::Digest;
use crate::protocol::{Fault, ParamsError};
use crate::rounds::CallState;
use crate::state_token::Binding;

/// Seals and opens the state of one request: its tokens open for the same caller and call alone, and only while the
/// plugin has the same code, grants, configuration and policy.
#[derive(Debug)]
pub(super) struct StateSealer {
    keyring: Arc<Keyring>,
    principal_kind: &'static str,
    principal_name: String,
    method: &'static str,
    target: String,
    arguments: Digest,
    plugin: PluginBinding,
    revision: &'static str,
}

/// Tells what a token carries. One for one purpose opens for no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The rounds of a call whose plugin asks.
    Rounds,
    /// The question whether a call may run at all.
    Consent,
}

/// The plugin's part of a binding.
#[derive(Debug)]
struct PluginBinding {
    name: String,
    component: Digest,
    function: String,
    grants: Digest,
    config: Digest,
    policy: Digest,
}

impl StateSealer {
    pub(super) fn new(
        keyring: &Arc<Keyring>,
        request: &PluginRequest<'_>,
        function: &FunctionRef,
        binding: &RequestBinding,
        purpose: Purpose,
    ) -> Self {
        let principal = request.principal;
        Self {
            keyring: Arc::clone(keyring),
            principal_kind: principal.kind().name(),
            principal_name: principal.name().unwrap_or_default().to_owned(),
            method: request.method,
            target: binding.target.clone(),
            arguments: arguments_digest(function, &binding.arguments),
            plugin: PluginBinding::new(function, purpose),
            revision: request.head.revision.name(),
        }
    }

    /// Seals a state into a token.
    ///
    /// # Errors
    /// There is no key; the log says why.
    pub(super) async fn seal(&self, state: &CallState, not_after: Option<Instant>) -> Result<String, Fault> {
        let keys = self.keyring.keys(not_after).await.map_err(|error| no_key(&error))?;
        keys.seal(&state.to_bytes(), &self.binding()).map_err(|error| no_key(&error))
    }

    /// Opens a token.
    ///
    /// # Errors
    /// It is forged, too old, or was sealed for another request or by another version of the server.
    pub(super) async fn open(
        &self,
        token: &str,
        not_after: Option<Instant>,
        now_ms: u64,
    ) -> Result<CallState, Fault> {
        let keys = self.keyring.keys(not_after).await.map_err(|error| no_key(&error))?;
        let bytes = keys.open(token, &self.binding()).ok_or(ParamsError::State)?;
        let state = CallState::from_bytes(&bytes).map_err(|error| {
            tracing::warn!(%error, "a state that this server has sealed cannot be read");
            ParamsError::State
        })?;
        if state.is_current(now_ms) { Ok(state) } else { Err(ParamsError::State.into()) }
    }

    fn binding(&self) -> Binding<'_> {
        Binding {
            principal_kind: self.principal_kind,
            principal_name: &self.principal_name,
            method: self.method,
            target: &self.target,
            arguments: self.arguments,
            plugin: &self.plugin.name,
            component: self.plugin.component,
            function: &self.plugin.function,
            grants: self.plugin.grants,
            config: self.plugin.config,
            policy: self.plugin.policy,
            revision: self.revision,
        }
    }
}

impl PluginBinding {
    fn new(function: &FunctionRef, purpose: Purpose) -> Self {
        let confirm = match function {
            FunctionRef::Tool(tool) => tool.confirm,
            FunctionRef::Prompt(_) | FunctionRef::Provider(_) => Confirm::Never,
        };
        let (plugin, function) = (function.plugin(), function.entry());
        let purpose = match purpose {
            Purpose::Rounds => "",
            Purpose::Consent => " consent",
        };
        let grants = &plugin.grants;
        let interface = function.export.interface.as_deref().unwrap_or_default();
        Self {
            name: plugin.name.clone(),
            component: plugin.component,
            function: format!("{interface}#{}{purpose}", function.export.function),
            grants: digest(&Grants { config: BTreeMap::new(), ..grants.clone() }),
            config: digest(&grants.config),
            policy: match confirm {
                Confirm::Never => digest(&(function.limits, function.required_scopes)),
                confirm => digest(&(function.limits, function.required_scopes, confirm)),
            },
        }
    }
}

/// Returns the digest of what the function gets: of the values, so that `10` and `"10"` are the same argument. A function
/// that gets the text, and arguments that the decoder refuses, have the digest of the text.
fn arguments_digest(function: &FunctionRef, arguments: &[u8]) -> Digest {
    let gets_values = match function {
        FunctionRef::Tool(tool) => !tool.raw_arguments,
        FunctionRef::Prompt(_) => true,
        FunctionRef::Provider(_) => false,
    };
    let FunctionEntry { signature, limits, .. } = function.entry();
    let values = || {
        let canonical =
            |write: &mut dyn FnMut(&[u8])| guest::canonical(signature, arguments, limits.input_bytes, write);
        Digest::of_pieces("values of arguments", canonical).ok()
    };
    let text = || Digest::of_parts("text of arguments", [arguments]);
    gets_values.then(values).flatten().unwrap_or_else(text)
}

/// Returns the digest of a part of the catalog, by its JSON: its maps and sets are sorted.
fn digest(part: &impl Serialize) -> Digest {
    Digest::of(&serde_json::to_vec(part).unwrap_or_default())
}

fn no_key(error: &dyn std::error::Error) -> Fault {
    tracing::error!(%error, "what a call knows cannot be sealed or opened");
    Fault::Internal
}

//! Binds a token to one request.

use super::hash::hash;
use crate::digest::Digest;

/// The request that a token is sealed for: the token opens for a request that equals it in every field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding<'b> {
    /// The way in which the principal was authenticated.
    pub principal_kind: &'b str,
    /// Name of the principal.
    pub principal_name: &'b str,
    /// Method of the request.
    pub method: &'b str,
    /// Name of the tool or prompt, or URI of the resource.
    pub target: &'b str,
    /// Digest of the arguments.
    pub arguments: Digest,
    /// The name of the plugin in the configuration: the same component may stand there twice.
    pub plugin: &'b str,
    /// Digest of the plugin's component: another version of it knows other things.
    pub component: Digest,
    /// The function of the component that runs: a name may come to mean another one.
    pub function: &'b str,
    /// Digest of the environment and the directories that the plugin is granted.
    pub grants: Digest,
    /// Digest of the plugin's configuration.
    pub config: Digest,
    /// Digest of the limits and the scopes that the function requires.
    pub policy: Digest,
    /// Protocol revision of the request.
    pub revision: &'b str,
}

impl Binding<'_> {
    /// All parts as one number of fixed length; each behind its label.
    pub(super) fn digest(&self) -> [u8; 32] {
        hash(
            "toolcell state binding",
            [
                b"principal kind",
                self.principal_kind.as_bytes(),
                b"principal name",
                self.principal_name.as_bytes(),
                b"method",
                self.method.as_bytes(),
                b"target",
                self.target.as_bytes(),
                b"arguments",
                &self.arguments.0,
                b"plugin",
                self.plugin.as_bytes(),
                b"component",
                &self.component.0,
                b"function",
                self.function.as_bytes(),
                b"grants",
                &self.grants.0,
                b"config",
                &self.config.0,
                b"policy",
                &self.policy.0,
                b"revision",
                self.revision.as_bytes(),
            ],
        )
    }
}

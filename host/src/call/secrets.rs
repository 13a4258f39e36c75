//! Reads the secrets that a plugin was granted, before its call starts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Runner;
use crate::aws::AwsAccess;
use crate::catalog::{FunctionRef, Plugin};
use crate::sandbox::is_injectable;
use crate::secrets::{SecretError, SecretReason, SecretValue, Secrets};

impl Runner {
    /// Replaces the secrets that plugins can be granted; without this, there are none.
    #[must_use]
    pub fn with_secrets(self, secrets: Arc<Secrets>) -> Self {
        Self { sandbox: self.sandbox.with_secrets(secrets), ..self }
    }

    /// Assumes roles for plugins' requests as whoever has this access; without it, as this process.
    #[must_use]
    pub fn with_aws(self, access: AwsAccess) -> Self {
        Self { sandbox: self.sandbox.with_aws(access), ..self }
    }

    /// Reads the secrets that a plugin was granted, by their keys of `wasi:config/store`. Fetches those that are not
    /// known yet, but not beyond `not_after`.
    ///
    /// # Errors
    /// The first one that cannot be read.
    pub async fn secrets_of(
        &self,
        plugin: &Plugin,
        not_after: Option<Instant>,
    ) -> Result<BTreeMap<String, SecretValue>, SecretError> {
        let (secrets, mut values) = (self.sandbox.secrets(), BTreeMap::new());
        for (key, name) in &plugin.grants.secrets {
            values.insert(key.clone(), secrets.value(name, not_after).await?);
        }
        Ok(values)
    }

    /// Reads every secret that a plugin was granted, and checks those that are added to its requests.
    ///
    /// # Errors
    /// The first one that cannot be read, or cannot be part of a request.
    pub async fn check_secrets(&self, plugin: &Plugin) -> Result<(), SecretError> {
        self.secrets_of(plugin, None).await?;
        for injection in plugin.grants.http.iter().filter_map(|rule| rule.secret.as_ref()) {
            let value = self.sandbox.secrets().value(&injection.from, None).await?;
            if !is_injectable(injection, &value) {
                return Err(SecretReason::NoHeader.of(&injection.from));
            }
        }
        Ok(())
    }

    /// Reads the secrets of a call within its deadline; a call without any waits for nothing.
    pub(super) async fn granted_secrets(
        &self,
        function: &FunctionRef,
        not_after: Option<Instant>,
    ) -> Result<BTreeMap<String, SecretValue>, SecretError> {
        if function.plugin().grants.secrets.is_empty() {
            return Ok(BTreeMap::new());
        }
        let deadline = Instant::now() + Duration::from_millis(function.entry().limits.deadline_ms);
        let end = not_after.map_or(deadline, |not_after| deadline.min(not_after));
        Box::pin(self.secrets_of(function.plugin(), Some(end))).await // most calls have none
    }
}

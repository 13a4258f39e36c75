//! Reads the secrets that a plugin was granted, before its call starts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Runner;
use crate::catalog::{FunctionRef, Plugin};
use crate::secrets::{SecretError, SecretValue, Secrets};

impl Runner {
    /// Replaces the secrets that plugins can be granted; without this, there are none.
    #[must_use]
    pub fn with_secrets(self, secrets: Arc<Secrets>) -> Self {
        Self { secrets, ..self }
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
        let mut values = BTreeMap::new();
        for (key, name) in &plugin.grants.secrets {
            values.insert(key.clone(), self.secrets.value(name, not_after).await?);
        }
        Ok(values)
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
        self.secrets_of(function.plugin(), Some(end)).await
    }
}

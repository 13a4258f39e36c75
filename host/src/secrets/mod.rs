//! Hands out the values of secrets that plugins were granted, and of those that the server needs itself.
//!
//! ```text
//! Secrets      the name of a secret -> its value now: from a file, the environment, or a Watch
//! Watch        a text that the extension has -> the last good one; asks again from time to time
//! Extension    asks the AWS Parameters and Secrets Lambda Extension
//! ```
//!
//! Made once per process. Nothing is fetched before a call needs it, and a secret that was replaced counts for calls
//! that begin a minute later, or five more until the extension itself asks again. No error, log line or `Debug` shows a
//! value.

mod error;
mod extension;
mod stored;
#[cfg(test)]
mod tests;
mod value;
mod watch;

use std::collections::BTreeMap;
use std::time::Instant;

use crate::catalog::{SecretPlace, SecretSource};
use crate::clock::Clock;
use crate::variables::Variables;

pub use error::{SecretError, SecretReason};
pub use extension::{ExtensionError, FetchError, MAX_ANSWER_BYTES};
pub use stored::StoredSecret;
pub use value::SecretValue;
pub(crate) use watch::{Reader, Watch};

#[cfg(test)]
pub(crate) use extension::testing;

/// The secrets of a server.
#[derive(Debug)]
pub struct Secrets {
    /// Values that were there from the start, which come before every source.
    values: BTreeMap<String, SecretValue>,
    sources: BTreeMap<String, SecretSource>,
    /// Everything that the extension has to fetch, each once.
    stored: BTreeMap<StoredSecret, Watch<Texts>>,
    variables: Variables,
    clock: Clock,
}

/// Takes a text as it is.
#[derive(Clone, Copy, Debug)]
struct Texts;

impl Secrets {
    /// Makes the secrets of these sources; fetches and reads nothing. What `values` holds comes before a source.
    pub fn new(
        sources: &BTreeMap<String, SecretSource>,
        values: BTreeMap<String, SecretValue>,
        variables: &Variables,
        clock: Clock,
    ) -> Self {
        let stored = sources.values().filter_map(|source| stored(&source.place));
        let watch = |secret: StoredSecret| (secret.clone(), Watch::new(Texts, secret, variables.clone()));
        let stored = stored.map(watch).collect();
        Self { values, sources: sources.clone(), stored, variables: variables.clone(), clock }
    }

    /// Makes no secrets at all.
    pub fn none() -> Self {
        Self::new(&BTreeMap::new(), BTreeMap::new(), &Variables::new(|_| None), Clock::system())
    }

    /// Returns the value that a secret has now. Waits where it has to be fetched: at most three seconds, and not beyond
    /// `not_after`.
    ///
    /// # Errors
    /// There is no such secret, its source does not hand it out, or it has no value that can be used.
    pub async fn value(&self, name: &str, not_after: Option<Instant>) -> Result<SecretValue, SecretError> {
        let value = self.find(name, not_after).await.and_then(checked);
        value.map_err(|reason| SecretError { name: name.to_owned(), reason })
    }

    async fn find(&self, name: &str, not_after: Option<Instant>) -> Result<SecretValue, SecretReason> {
        if let Some(value) = self.values.get(name) {
            return Ok(value.clone());
        }
        let SecretSource { place, field } = self.sources.get(name).ok_or(SecretReason::Unknown)?;
        let text = self.text(place, not_after).await?;
        match field {
            None => Ok(text),
            Some(field) => text.field(field).map_err(|error| SecretReason::of_field(error, field)),
        }
    }

    async fn text(
        &self,
        place: &SecretPlace,
        not_after: Option<Instant>,
    ) -> Result<SecretValue, SecretReason> {
        if let SecretPlace::Environment(variable) = place {
            let text = self.variables.get(variable);
            return text
                .map(SecretValue::from)
                .ok_or_else(|| SecretReason::NoVariable { variable: variable.clone() });
        }
        let watch = stored(place).and_then(|secret| self.stored.get(&secret)).ok_or(SecretReason::Unknown)?;
        Ok(SecretValue::clone(&*watch.current(self.clock.now(), not_after).await?))
    }
}

impl Reader for Texts {
    type Value = SecretValue;
    type Error = FetchError;

    fn read(&self, _: &str, text: &SecretValue) -> Result<SecretValue, FetchError> {
        Ok(text.clone())
    }
}

fn stored(place: &SecretPlace) -> Option<StoredSecret> {
    match place {
        SecretPlace::Environment(_) => None,
        SecretPlace::SecretsManager(id) => Some(StoredSecret::SecretsManager(id.clone())),
        SecretPlace::Parameter(name) => Some(StoredSecret::Parameter(name.clone())),
    }
}

fn checked(value: SecretValue) -> Result<SecretValue, SecretReason> {
    match value.as_str().len() {
        0 => Err(SecretReason::Empty),
        bytes if bytes > SecretValue::MAX_BYTES => Err(SecretReason::TooLong),
        _ => Ok(value),
    }
}

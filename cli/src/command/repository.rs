//! Opens the bucket that a command names.

use std::path::Path;
use std::sync::Arc;

use toolcell_host::clock::Clock;
use toolcell_host::public_key::PublicKey;
use toolcell_host::release::{TrustedKey, TrustedKeys};
use toolcell_host::s3::Location;
use toolcell_host::variables::Variables;

use crate::aws::CommandCredentials;
use crate::config;
use crate::release::repository::Repository;
use crate::ui::problem::{Problem, Result};

/// A bucket, and whose releases in it are trusted.
#[derive(Clone, Copy, Debug)]
pub struct Access<'a> {
    /// The bucket and the prefix.
    pub location: &'a Location,
    /// The `toolcell.toml` whose `[releases.keys]` are trusted, if there is such a file.
    pub config: &'a Path,
    /// More keys that are trusted.
    pub public: &'a [PublicKey],
}

impl Access<'_> {
    /// Returns the keys that are trusted: those of the configuration, of the command line, and `own`.
    ///
    /// # Errors
    /// The configuration is refused, or there are no keys.
    pub fn keys(&self, own: Option<PublicKey>) -> Result<TrustedKeys> {
        let config = self.config.is_file().then(|| config::read(self.config)).transpose()?;
        let mut keys =
            config.and_then(|config| config.releases).map_or_else(Vec::new, |releases| releases.keys());
        for (name, key) in
            self.public.iter().map(|key| ("--public", *key)).chain(own.map(|key| ("--key", key)))
        {
            if keys.iter().all(|known: &TrustedKey| known.key != key) {
                keys.push(TrustedKey { name: name.to_owned(), key, expires: None });
            }
        }
        TrustedKeys::new(keys).map_err(|error| {
            Problem::refused("--public", "names no key that can be trusted")
                .found(error.to_string())
                .expected("[releases.keys] in toolcell.toml, or --public KEY")
                .next("pass the public key that `toolcell keygen` printed with --public")
        })
    }

    /// Opens the bucket.
    ///
    /// # Errors
    /// The environment does not say where it is.
    pub fn open(&self) -> Result<Repository> {
        let variables = Variables::of_process();
        let credentials = Arc::new(CommandCredentials::new(&variables));
        Repository::open(self.location.clone(), &variables, credentials, Clock::system())
    }
}

/// Runs requests to their end, one after another.
pub(super) fn wait<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime =
        runtime.map_err(|error| Problem::internal("the command", "cannot wait").found(error.to_string()))?;
    runtime.block_on(work)
}

//! Knows where the machine code of a bundle is.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cap_std::fs::Dir;
use tokio::time::timeout_at;

use super::Unavailable;
use crate::artifact::{BucketCode, Code, CodeError};
use crate::catalog::{Plugin, Trust};

/// The place of machine code.
#[derive(Debug)]
pub enum CodeSource {
    /// The directory of the bundle.
    Directory {
        /// The directory, open for reading.
        directory: Dir,
        /// The trust in its files.
        trust: Trust,
    },
    /// A bucket, except for what is also in the bundle of the deployment package.
    Bucket {
        /// The bucket.
        bucket: BucketCode,
        /// The bundle of the package, open for reading.
        package: Dir,
    },
}

impl CodeSource {
    /// Waits until the code of the plugin at `place` can be opened; returns how much of the time its verification took.
    ///
    /// # Errors
    ///
    /// It cannot be fetched, or not before `not_after`.
    pub(super) async fn fetch(
        &self,
        place: usize,
        plugin: &Plugin,
        not_after: Option<Instant>,
    ) -> Result<Duration, Unavailable> {
        let Self::Bucket { bucket, package } = self else { return Ok(Duration::ZERO) };
        if Code::mapped(package, &plugin.code_file()).is_ok() {
            return Ok(Duration::ZERO);
        }
        // In a box: it runs once for a plugin, and its states would be part of every call.
        let fetch = Box::pin(bucket.fetch(place, plugin.code, plugin.code_bytes.min(Code::MAX_BYTES)));
        let fetched = match not_after {
            None => fetch.await,
            Some(end) => {
                let late = |_| Unavailable::Late { plugin: plugin.name.clone() };
                timeout_at(end.into(), fetch).await.map_err(late)?
            }
        };
        fetched.map_err(Unavailable::Fetch)
    }

    /// Keeps copies of the code that was fetched, for the next process.
    pub(super) async fn keep_copies(&self) {
        match self {
            Self::Directory { .. } => {}
            Self::Bucket { bucket, .. } => bucket.keep_copies().await,
        }
    }

    /// Opens the code of the plugin at `place`.
    ///
    /// # Errors
    ///
    /// It is not there, or not what the catalog names.
    pub(super) fn open(&self, place: usize, plugin: &Plugin) -> Result<Arc<Code>, CodeError> {
        let file = plugin.code_file();
        match self {
            Self::Directory { directory, trust: Trust::Package } => {
                Code::mapped(directory, &file).map(Arc::new)
            }
            Self::Directory { directory, trust: Trust::Verified } => {
                Code::copied(directory, &file, plugin.code).map(Arc::new)
            }
            Self::Bucket { bucket, package } => match bucket.fetched(place) {
                Some(code) => Ok(code),
                None => {
                    Code::mapped(package, &file).map(Arc::new).map_err(|_| CodeError::NotFetched(plugin.code))
                }
            },
        }
    }
}

//! Makes an updater of a package, a place in S3 and the environment's variables.

use std::path::Path;
use std::sync::Arc;

use super::{Feed, Following, FollowingError, Package, Updater, settings};
use crate::artifact::Copies;
use crate::aws::{CredentialSource, Endpoint, EndpointError};
use crate::catalog::Releases;
use crate::clock::Clock;
use crate::net::{CaBundle, CaBundleError, Client, Timeouts};
use crate::s3::{Bucket, Location};
use crate::variables::Variables;

/// The reason why releases cannot be followed, whatever the bucket holds.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Keys or the lowest serial cannot be used.
    #[error(transparent)]
    Following(#[from] FollowingError),
    /// The address of the bucket is not known.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The package's certificates cannot be read.
    #[error("the certificates of [releases] ca-bundle, {file} in the bundle, cannot be read: {reason}")]
    File {
        /// The name of the file.
        file: String,
        /// The system's error.
        reason: std::io::Error,
    },
    /// The package's certificates are none.
    #[error("the certificates of [releases] ca-bundle: {0}")]
    CaBundle(#[from] CaBundleError),
}

impl Updater {
    /// Makes an updater for the releases at `location`, as the package and the variables say. Sends nothing yet.
    ///
    /// # Errors
    ///
    /// There are no keys, no region, or certificates that cannot be read.
    pub fn open(
        location: Location,
        package: Package,
        credentials: Arc<dyn CredentialSource>,
        variables: &Variables,
        clock: Clock,
    ) -> Result<Self, OpenError> {
        let releases = package.index.root().releases.clone().unwrap_or_default();
        let following = Following::of(&releases, variables)?;
        let keys = settings::trusted_keys(&releases, variables)?;
        let ca_bundle = ca_bundle(&releases, &package)?;
        let client = Arc::new(Client::new(ca_bundle, Timeouts::default(), clock.clone()));
        let endpoint = Endpoint::of(variables)?;
        let bucket = Bucket::new(client, location, endpoint, credentials, clock.clone());
        Ok(Self::new(Feed::new(bucket, keys), package, following, clock))
    }

    /// Keeps copies of the code that is fetched below the temporary folder `temporary`, where the next process finds
    /// them.
    #[must_use]
    pub fn with_copies_below(mut self, temporary: &Path) -> Self {
        self.feed.keep_copies(Copies::below(temporary));
        self
    }
}

/// Reads the certificates that the package names.
fn ca_bundle(releases: &Releases, package: &Package) -> Result<Option<CaBundle>, OpenError> {
    let Some(file) = releases.ca_bundle_file() else { return Ok(None) };
    match package.directory.read(&file) {
        Ok(pem) => Ok(Some(CaBundle::read(&pem)?)),
        Err(reason) => Err(OpenError::File { file, reason }),
    }
}

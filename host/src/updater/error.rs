//! Names the reasons why a release is not adopted, for the operator.

use crate::artifact::FetchError;
use crate::catalog::CatalogError;
use crate::credentials::KeyringError;
use crate::protocol::PolicyError;
use crate::release::{CeilingError, ReleaseError};
use crate::s3::S3Error;
use crate::sandbox::engine::EngineMismatch;

/// A release that is not adopted. The texts are for the log; clients see none of them.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// The bucket does not hand out the index.
    #[error(transparent)]
    Bucket(#[from] S3Error),
    /// The index is not one that may be adopted.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// An index with a serial that is served names another release.
    #[error(
        "two releases have the serial {serial}: the bucket was changed by hand, or two people publish without seeing \
         each other's releases; publish again"
    )]
    TwoReleases {
        /// The serial.
        serial: u64,
    },
    /// There is no code for this host.
    #[error(
        "release {serial} has no code for this version of toolcell on this processor: run `toolcell publish` with \
         `--for` and the `bootstrap` of this function"
    )]
    NoEngine {
        /// Its serial.
        serial: u64,
    },
    /// The catalog does not arrive as the index names it.
    #[error("the catalog cannot be fetched: {0}")]
    Fetch(#[from] FetchError),
    /// The catalog was compiled for another host than the index says.
    #[error("the catalog does not fit this host: {0}")]
    Engine(#[from] EngineMismatch),
    /// The catalog cannot be read.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The catalog asks for more than the package allows.
    #[error(transparent)]
    Ceiling(#[from] CeilingError),
    /// A plugin asks its user, and there are no keys for states.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// A plugin of the package is missing.
    #[error(
        "the release lacks the plugin `{plugin}` of the package: publish with `--package` and the package's bundle, or \
         take it out of the package"
    )]
    Lacks {
        /// The plugin.
        plugin: String,
    },
    /// A plugin of the package is another one in the release.
    #[error(
        "the release has another component for the plugin `{plugin}` than the package: publish with `--package` and the \
         package's bundle, or rename one of both"
    )]
    Clash {
        /// The plugin.
        plugin: String,
    },
    /// The package cannot be opened once more.
    #[error("the bundle of the package cannot be opened: {0}")]
    Package(std::io::Error),
    /// The rules for the endpoint, which the package has, are malformed.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// It took too long.
    #[error("the bucket took too long")]
    Late,
}

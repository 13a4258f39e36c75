//! Names the reasons why a release is not adopted, for the operator.

use crate::artifact::FetchError;
use crate::catalog::CatalogError;
use crate::credentials::KeyringError;
use crate::protocol::PolicyError;
use crate::release::{CeilingError, ReleaseError};
use crate::s3::S3Error;
use crate::sandbox::engine::EngineMismatch;
use crate::state_store::TableError;
use crate::timestamp::Timestamp;

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
    /// A plugin keeps state, and there is no store.
    #[error(transparent)]
    State(#[from] TableError),
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

/// How long a refusal holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// For as long as the index is the same.
    OfIndex,
    /// The same, but not before this time: the clock may have been wrong.
    Since(Timestamp),
    /// For this attempt: the bucket, or this machine, may do better the next time.
    OfAttempt,
}

impl UpdateError {
    /// Tells how long the refusal holds. Everything that an index names by digest stays what it is; only whether the
    /// bucket hands it out may change.
    pub(super) fn refusal(&self) -> Refusal {
        match self {
            Self::Release(
                ReleaseError::Expired { expires, .. } | ReleaseError::ExpiredKey { expires, .. },
            ) => Refusal::Since(*expires),
            Self::Release(_)
            | Self::TwoReleases { .. }
            | Self::NoEngine { .. }
            | Self::Engine(_)
            | Self::Catalog(_)
            | Self::Ceiling(_)
            | Self::Keyring(_)
            | Self::State(_)
            | Self::Lacks { .. }
            | Self::Clash { .. }
            | Self::Policy(_) => Refusal::OfIndex,
            Self::Bucket(_) | Self::Fetch(_) | Self::Package(_) | Self::Late => Refusal::OfAttempt,
        }
    }
}

//! Reads how releases are followed: from the package, and from variables.

use std::time::Duration;

use crate::catalog::{ReleaseKey, Releases};
use crate::release::{NotReleaseKeys, TrustedKey, TrustedKeys};
use crate::variables::Variables;

/// The variable with public keys besides those of the package, with whitespace between them.
const KEYS_VARIABLE: &str = "TOOLCELL_RELEASE_KEYS";

/// The variable with a lowest serial that may be higher than the package's.
const LOWEST_SERIAL_VARIABLE: &str = "TOOLCELL_LOWEST_SERIAL";

/// How an updater follows releases.
#[derive(Clone, Debug)]
pub struct Following {
    /// The age at which the index is checked again.
    pub check: Duration,
    /// The time for which a release is served after it has expired.
    pub stale: Duration,
    /// The lowest serial that is ever served.
    pub lowest_serial: u64,
}

/// Settings that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FollowingError {
    /// The keys cannot be used.
    #[error(
        "releases cannot be verified: {0}. Name keys in [releases.keys] of toolcell.toml, or in {KEYS_VARIABLE}"
    )]
    Keys(#[from] NotReleaseKeys),
    /// The lowest serial is none.
    #[error("the environment variable {LOWEST_SERIAL_VARIABLE} is {found:?}, expected a whole number from 1")]
    LowestSerial {
        /// Its value.
        found: String,
    },
}

impl Following {
    /// Reads the settings of the package and the variables; of two lowest serials, the higher one counts.
    ///
    /// # Errors
    ///
    /// A variable is malformed.
    pub fn of(releases: &Releases, variables: &Variables) -> Result<Self, FollowingError> {
        let lowest = match variables.get(LOWEST_SERIAL_VARIABLE) {
            None => 1,
            Some(found) => match found.parse() {
                Ok(serial) if serial >= 1 => serial,
                _ => return Err(FollowingError::LowestSerial { found: found.chars().take(40).collect() }),
            },
        };
        Ok(Self {
            check: Duration::from_millis(releases.check_ms),
            stale: Duration::from_millis(releases.stale_ms),
            lowest_serial: releases.lowest_serial.max(lowest),
        })
    }
}

/// Returns the keys of the package together with those of the variable.
///
/// # Errors
///
/// There is none, one is malformed, or one is there twice.
pub(super) fn trusted_keys(
    releases: &Releases,
    variables: &Variables,
) -> Result<TrustedKeys, FollowingError> {
    let key = |(name, key): (&String, &ReleaseKey)| TrustedKey {
        name: name.clone(),
        key: key.public,
        expires: key.expires,
    };
    let own = releases.keys.iter().map(key);
    match variables.get(KEYS_VARIABLE) {
        None => Ok(TrustedKeys::new(own.collect())?),
        Some(texts) => Ok(TrustedKeys::parse(KEYS_VARIABLE, &texts)?.and(own)?),
    }
}

//! Holds how a function follows releases. Only the catalog in its package says so.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::grants::Directory;
use super::http_grant::HttpGrant;
use super::limits::Limits;
use crate::digest::Digest;
use crate::public_key::PublicKey;
use crate::timestamp::Timestamp;

/// How a function follows releases: `[releases]` of `toolcell.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Releases {
    /// The age, in milliseconds, at which the index is checked again.
    pub check_ms: u64,
    /// The time, in milliseconds, for which a release is served after it has expired.
    pub stale_ms: u64,
    /// The lowest serial that is ever served.
    pub lowest_serial: u64,
    /// The digest of a file of the bundle, with certificates (PEM) that the HTTPS client trusts as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_bundle: Option<Digest>,
    /// The keys whose holders may release, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: BTreeMap<String, ReleaseKey>,
    /// The most that plugins of a release may have.
    pub ceiling: Ceiling,
}

/// A key whose holder may release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseKey {
    /// The public part.
    pub public: PublicKey,
    /// The time from which its signatures count as none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
}

/// The most that plugins of a release may have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ceiling {
    /// The highest limits of a call.
    pub limits: Limits,
    /// The keys of `wasi:config/store` that a plugin may be given, whatever the values.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub config: BTreeSet<String>,
    /// The secrets of the package that a plugin may be given as values of any keys of `wasi:config/store`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub secrets: BTreeSet<String>,
    /// The environment variables that a plugin may be given, whatever the values.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub environment: BTreeSet<String>,
    /// The directories that a plugin may be given, under exactly these guest paths.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub directories: Vec<Directory>,
    /// Rules for requests to other hosts: each one of a release has to lie within one of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub http: Vec<HttpGrant>,
    /// The sources (`state-of`) whose state plugins may have.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub keyvalue: BTreeSet<String>,
}

impl Releases {
    /// The default age at which the index is checked again, in milliseconds: a plugin that is withdrawn runs for a
    /// minute more at most.
    pub const CHECK_MS: u64 = 60_000;
    /// The default time for which a release is served after it has expired, in milliseconds: seven days, so that a
    /// broken pipeline is no outage.
    pub const STALE_MS: u64 = 7 * 24 * 3_600_000;

    /// Returns the name of the file of the bundle with more certificates.
    pub fn ca_bundle_file(&self) -> Option<String> {
        self.ca_bundle.map(|digest| format!("{digest}.pem"))
    }
}

impl Default for Releases {
    fn default() -> Self {
        Self {
            check_ms: Self::CHECK_MS,
            stale_ms: Self::STALE_MS,
            lowest_serial: 1,
            ca_bundle: None,
            keys: BTreeMap::new(),
            ceiling: Ceiling::default(),
        }
    }
}

//! Holds what plugins can access.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::bucket_grant::BucketGrant;
use super::http_grant::HttpGrant;

/// Everything that a plugin can access; empty means nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grants {
    /// Environment variables, exactly these.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
    /// Keys of `wasi:config/store`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub config: BTreeMap<String, String>,
    /// More keys of `wasi:config/store`, whose values are secrets: the names of these.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, String>,
    /// Directories, each preopened under its guest path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub directories: Vec<Directory>,
    /// Rules for requests to other hosts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub http: Vec<HttpGrant>,
    /// Buckets of `wasi:keyvalue`, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keyvalue: BTreeMap<String, BucketGrant>,
    /// The source that the state belongs to: another plugin under the same name has another one. Set by `toolcell build`
    /// where there are buckets.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub state_of: String,
}

/// A directory that a plugin may read, or read and write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Directory {
    /// The path on the server; a relative one starts at the bundle's grant root (see `docs/configuration.md`).
    pub host: String,
    /// The path that the guest sees, for example `/data`.
    pub guest: String,
    /// True if the guest may write.
    #[serde(default)]
    pub write: bool,
}

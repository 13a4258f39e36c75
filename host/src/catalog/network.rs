//! Holds how the server reaches other hosts for its plugins. Only the catalog in its package says so.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// How the server reaches other hosts for its plugins: `[network]` of `toolcell.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// The name server; without one, those of the system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolver: Option<SocketAddr>,
    /// The digest of a file of the bundle, with certificates (PEM) that plugins' requests trust as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_bundle: Option<Digest>,
}

impl Network {
    /// Returns the name of the file of the bundle with more certificates.
    pub fn ca_bundle_file(&self) -> Option<String> {
        self.ca_bundle.map(|digest| format!("{digest}.pem"))
    }
}

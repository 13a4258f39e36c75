//! Fetches the keys of authorization servers for a bundle, so that a function's first request finds them there.

use std::sync::Arc;
use std::time::Duration;

use toolcell_host::catalog::{Issuer, KeySeed, KeySource};
use toolcell_host::clock::Clock;
use toolcell_host::credentials::oauth::{self, IssuerError};
use toolcell_host::net::{CaBundle, CaBundleError, NetworkSettings, Outbound};

use crate::config::{Config, NetworkConfig};
use crate::ui::problem::{Problem, Result};

/// The longest time for the metadata and the keys of one issuer.
const TIME: Duration = Duration::from_secs(20);

/// An issuer that was asked for its keys.
pub(super) struct Asked {
    /// Its name in `toolcell.toml`.
    pub(super) name: String,
    /// Its identifier.
    pub(super) issuer: String,
    /// The keys, or the reason why they cannot be read.
    pub(super) keys: std::result::Result<KeySeed, IssuerError>,
}

/// Asks every issuer that does not have its keys in a file. `loopback` are ports at which one may be on this machine.
///
/// # Errors
/// No issuer can be asked.
pub(super) fn ask(config: &Config, loopback: &[u16]) -> Result<Vec<Asked>> {
    let Some(settings) = &config.auth.oauth else { return Ok(Vec::new()) };
    let clock = Clock::system();
    let outbound = Arc::new(Outbound::new(network(config.network.as_ref(), loopback)?, clock.clone()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
        Problem::internal("toolcell", "cannot start a thread for requests").found(error.to_string())
    })?;
    let fetched =
        settings.issuers.iter().filter(|(_, issuer)| !matches!(issuer.keys, KeySource::Fixed { .. }));
    let ask = |(name, issuer): (&String, &Issuer)| Asked {
        name: name.clone(),
        issuer: issuer.issuer.to_string(),
        keys: runtime.block_on(oauth::seed(issuer, Arc::clone(&outbound), TIME, &clock)),
    };
    Ok(fetched.map(ask).collect())
}

/// Fetches the keys of every issuer that does not have them in a file, and writes them into the configuration.
///
/// # Errors
/// An issuer cannot be asked, or is not the one that the configuration names.
pub(super) fn fetch(config: &mut Config, loopback: &[u16]) -> Result<()> {
    for Asked { name, keys, .. } in ask(config, loopback)? {
        let keys = keys.map_err(|error| {
            let place = config.origin.place(&format!("auth.oauth.issuers.{name}.issuer"));
            Problem::refused(place, "has keys that cannot be fetched")
                .found(error.to_string())
                .expected("metadata and keys of this authorization server, over TLS at a public address")
                .next(
                    "correct `issuer`, or build with --offline: then the first request of each environment fetches the keys",
                )
        })?;
        let issuer = config.auth.oauth.as_mut().and_then(|settings| settings.issuers.get_mut(&name));
        match issuer.map(|issuer| &mut issuer.keys) {
            Some(KeySource::Discovered { seed } | KeySource::Url { seed, .. }) => *seed = Some(keys),
            Some(KeySource::Fixed { .. }) | None => {}
        }
    }
    Ok(())
}

fn network(config: Option<&NetworkConfig>, loopback: &[u16]) -> Result<NetworkSettings> {
    let pem = config.and_then(|network| network.ca_bundle.as_ref());
    let ca_bundle = pem.map(|pem| CaBundle::read(pem)).transpose().map_err(|error: CaBundleError| {
        Problem::refused("[network] ca-bundle", "cannot be used")
            .found(error.to_string())
            .expected("a PEM file with one or more certificates")
            .next("name the file with the certificates of your authority")
    })?;
    let resolver = config.and_then(|network| network.settings.resolver);
    Ok(NetworkSettings { resolver, ca_bundle, loopback_ports: loopback.to_vec() })
}

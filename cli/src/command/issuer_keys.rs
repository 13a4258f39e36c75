//! Fetches the keys of authorization servers for a bundle, so that a function's first request finds them there.

use std::sync::Arc;
use std::time::Duration;

use toolcell_host::catalog::KeySource;
use toolcell_host::clock::Clock;
use toolcell_host::credentials::oauth;
use toolcell_host::net::{CaBundle, CaBundleError, NetworkSettings, Outbound};

use crate::config::{Config, NetworkConfig};
use crate::ui::problem::{Problem, Result};

/// The longest time for the metadata and the keys of one issuer.
const TIME: Duration = Duration::from_secs(20);

/// Fetches the keys of every issuer that does not have them in a file, and writes them into the configuration.
/// `loopback` are ports at which an issuer may be on this machine.
///
/// # Errors
/// An issuer cannot be asked, or is not the one that the configuration names.
pub(super) fn fetch(config: &mut Config, loopback: &[u16]) -> Result<()> {
    let Some(settings) = &mut config.auth.oauth else { return Ok(()) };
    let clock = Clock::system();
    let outbound = Arc::new(Outbound::new(network(config.network.as_ref(), loopback)?, clock.clone()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
        Problem::internal("toolcell", "cannot start a thread for requests").found(error.to_string())
    })?;
    for (name, issuer) in &mut settings.issuers {
        if matches!(issuer.keys, KeySource::Fixed { .. }) {
            continue;
        }
        let place = config.origin.place(&format!("auth.oauth.issuers.{name}.issuer"));
        let fetched = runtime.block_on(oauth::seed(issuer, Arc::clone(&outbound), TIME, &clock));
        let fetched = fetched.map_err(|error| {
            Problem::refused(place, "has keys that cannot be fetched")
                .found(error.to_string())
                .expected("metadata and keys of this authorization server, over TLS at a public address")
                .next(
                    "correct `issuer`, or build with --offline: then the first request of each environment fetches the keys",
                )
        })?;
        match &mut issuer.keys {
            KeySource::Discovered { seed } | KeySource::Url { seed, .. } => *seed = Some(fetched),
            KeySource::Fixed { .. } => {}
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

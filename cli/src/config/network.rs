//! `[network]` of `toolcell.toml`: how the server reaches other hosts for its plugins.

use std::net::SocketAddr;
use std::path::Path;

use toolcell_host::catalog::Network;
use toolcell_host::digest::Digest;

use super::releases::read_ca_bundle;
use crate::document::Table;
use crate::ui::problem::Result;

/// `[network]`, read.
#[derive(Clone, Debug)]
pub struct NetworkConfig {
    /// The settings, as the catalog holds them.
    pub settings: Network,
    /// The contents of the file that `ca-bundle` names.
    pub ca_bundle: Option<Vec<u8>>,
}

/// Reads `[network]`.
pub(super) fn read(table: &Table<'_>, base: &Path) -> Result<NetworkConfig> {
    let ca_bundle = read_ca_bundle(table, base)?;
    let settings =
        Network { resolver: read_resolver(table)?, ca_bundle: ca_bundle.as_deref().map(Digest::of) };
    Ok(NetworkConfig { settings, ca_bundle })
}

fn read_resolver(table: &Table<'_>) -> Result<Option<SocketAddr>> {
    let Some(text) = table.text("resolver")? else { return Ok(None) };
    match text.parse::<SocketAddr>() {
        Ok(resolver) if resolver.port() > 0 => Ok(Some(resolver)),
        _ => Err(table
            .wrong("resolver", "is not the address of a name server")
            .found(format!("{text:?}"))
            .expected("an address and a port, like \"10.0.0.2:53\" or \"[fd00::2]:53\"")
            .next(
                "write the port of the name server, usually 53, or remove `resolver` for those of the system",
            )),
    }
}

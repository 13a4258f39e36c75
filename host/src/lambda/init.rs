//! Starts the function: before the first invocation, it reads the catalog and nothing else.
//!
//! No engine, no machine code, no thread, no random number: the first call makes what it needs, and a
//! snapshot of the process freezes nothing that must differ between its copies.

use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use super::environment::{Environment, Metrics};
use crate::call::{BundleSource, CodeSource, Runner};
use crate::catalog::{CatalogError, Index, Trust};
use crate::credentials::{CredentialError, CredentialStore, Keyring, KeyringError};
use crate::metrics;
use crate::protocol::{Exposure, PolicyError};
use crate::sandbox::Sandbox;
use crate::sandbox::engine::{self, EngineMismatch};
use crate::service::Service;
use crate::variables::Variables;

/// Names the reason why nothing can be served, for the function's log.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// There is no such directory.
    #[error(
        "cannot open the bundle {}: {reason}. Deploy it beside `bootstrap`, or name it with TOOLCELL_BUNDLE",
        path.display()
    )]
    Bundle {
        /// The directory.
        path: PathBuf,
        /// The system's error.
        reason: std::io::Error,
    },
    /// The catalog in it cannot be used.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// It was built for another machine or version.
    #[error("the bundle does not fit this function: {0}")]
    Engine(#[from] EngineMismatch),
    /// The credentials of callers cannot be read.
    #[error(transparent)]
    Credentials(#[from] CredentialError),
    /// A plugin needs keys, or those that there are cannot be used.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// A rule of the endpoint is malformed.
    #[error("{0}. Run `toolcell build` again")]
    Policy(#[from] PolicyError),
}

/// Makes the service for the bundle that the environment names.
pub(super) fn service(environment: &Environment) -> Result<Service, InitError> {
    let path = environment.bundle.clone();
    let bundle = Dir::open_ambient_dir(&path, ambient_authority())
        .map_err(|reason| InitError::Bundle { path: path.clone(), reason })?;
    let index = Index::open(&bundle, Trust::Package)?;
    let root = index.root();
    engine::check(&root.engine)?;
    let variables = Variables::of_process();
    let credentials = CredentialStore::open(&root.auth, environment.anonymous, &variables)?;
    let keyring = Keyring::open(&variables)?;
    keyring.check(root.asks.as_deref())?;
    if environment.metrics == Metrics::On {
        metrics::start(environment.function.clone());
    }
    let grant_root = path.parent().unwrap_or(Path::new(".")).to_owned();
    let code = CodeSource::Directory { directory: bundle, trust: Trust::Package };
    let source = BundleSource { code, path: Some(path), grant_root };
    let runner = Runner::new(index, source).with_sandbox(Sandbox::for_calls(environment.concurrency));
    Ok(Service::new(runner, Exposure::Public, credentials)?.with_keyring(keyring))
}

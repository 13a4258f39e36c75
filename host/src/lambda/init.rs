//! Starts the function: before the first invocation, it reads the catalog, and the index of the releases if it follows
//! some.
//!
//! No engine, no machine code, no thread, no random number: the first call makes what it needs, and a
//! snapshot of the process freezes nothing that must differ between its copies.

use std::path::Path;
use std::sync::Arc;

use super::environment::{Environment, Initialization, Metrics};
use crate::aws::Ambient;
use crate::clock::Clock;
use crate::credentials::{Keyring, KeyringError};
use crate::metrics;
use crate::protocol::{Exposure, PolicyError};
use crate::state_store::{DynamoDb, StateStore, TableError};
use crate::updater::{OpenError, Package, PackageError, Reach, Served, Updater};
use crate::variables::Variables;

/// The folder that Lambda leaves to the next process of an environment.
const TEMPORARY: &str = "/tmp";

/// Names the reason why nothing can be served, for the function's log.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// The bundle in the package cannot be used.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// A plugin needs keys, or those that there are cannot be used.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// A plugin keeps state, and the table cannot be used.
    #[error(transparent)]
    State(#[from] TableError),
    /// Releases cannot be followed.
    #[error(transparent)]
    Releases(#[from] OpenError),
    /// A rule of the endpoint is malformed.
    #[error("{0}. Run `toolcell build` again")]
    Policy(#[from] PolicyError),
}

/// Makes what is served: the bundle that the environment names, or the releases at its place in S3, of which the index
/// is fetched.
pub(super) async fn served(environment: &Environment) -> Result<Served, InitError> {
    let variables = Variables::of_process();
    let reach = Reach {
        exposure: Exposure::Public,
        anonymous: environment.anonymous,
        concurrency: Some(environment.concurrency),
    };
    let keyring = Keyring::open(&variables)?;
    let package = Package::open(environment.bundle.clone(), reach, keyring, &variables)?;
    let credentials = Arc::new(Ambient::new(variables.clone()));
    let table = DynamoDb::open(package.state_table(), credentials, &variables, Clock::system())?;
    let package = package.with_state_store(table.map(|table| Arc::new(table) as Arc<dyn StateStore>));
    if environment.metrics == Metrics::On {
        metrics::start(environment.function.clone());
    }
    let Some(location) = environment.releases.clone() else {
        package.check_keys()?;
        package.check_state()?;
        return Ok(Served::Bundle(Arc::new(package.into_service()?)));
    };
    let credentials = Arc::new(Ambient::new(variables.clone()));
    let updater = Updater::open(location, package, credentials, &variables, Clock::system())?;
    let updater = updater.with_copies_below(Path::new(TEMPORARY));
    // A snapshot keeps no connection, and an index in it may be old by then.
    if environment.initialization != Initialization::SnapStart {
        updater.start().await;
    }
    Ok(Served::Releases(Arc::new(updater)))
}

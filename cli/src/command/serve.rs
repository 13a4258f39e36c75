//! `toolcell serve`: serves a configuration, a bundle or the releases of a bucket on a local port.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use toolcell_host::aws::AwsAccess;
use toolcell_host::call::Runner;
use toolcell_host::clock::Clock;
use toolcell_host::credentials::Keyring;
use toolcell_host::s3::NotALocation;
use toolcell_host::state_store::{Memory, StateStore};
use toolcell_host::updater::{OpenError, Package, PackageError, Served, Updater};
use toolcell_host::variables::Variables;

use super::secrets::LocalSecrets;
use crate::aws::CommandCredentials;
use crate::bundle::load_errors;
use crate::bundle::open::{self, Source};
use crate::server::{self, Endpoint, announce, edge};
use crate::state;
use crate::ui::exit::Exit;
use crate::ui::problem::{Problem, Result};
use crate::ui::progress::Progress;
use crate::ui::terminal::Terminal;

/// Serves `source` at `endpoint` until the process is asked to stop; plugins may reach the `loopback` ports.
///
/// # Errors
/// The configuration, a plugin or the endpoint is refused.
pub(crate) fn run(
    source: &Source,
    endpoint: Endpoint,
    loopback: &[u16],
    progress: &dyn Progress,
    terminal: &Terminal,
) -> Result<Exit> {
    let secrets = LocalSecrets::of(source)?;
    let runner = secrets.given_to(open::runner(source, progress)?).with_loopback(loopback);
    let runner = keep_state(runner, &source.base()?)?; // before anything is loaded
    load_errors::refuse(&runner, source)?;
    let runtime = server::runtime()?;
    refuse_missing(runtime.block_on(secrets.missing(&runner)), source)?;
    let keyring = Arc::new(runtime.block_on(server::keyring())?);
    let service = runtime.block_on(server::service(runner, endpoint, keyring))?;
    let address = endpoint.address();
    let listener = runtime.block_on(edge::bind(address)).map_err(|error| server::busy(address, &error))?;
    announce::start(&listener, &service, terminal);
    terminal.note("stop with Ctrl-C");
    Ok(server::until_stopped(runtime, listener, Arc::new(service), terminal))
}

/// Refuses a configuration whose secrets cannot be read: whoever wrote it is at hand. A bundle is served all the same,
/// as its secrets may come later.
fn refuse_missing(missing: BTreeMap<String, Problem>, source: &Source) -> Result<()> {
    for (plugin, problem) in missing {
        if matches!(source, Source::Config(_)) {
            return Err(problem);
        }
        let (secret, reason) = (problem.at, problem.found);
        tracing::warn!(plugin, secret, reason, "the tools of this plugin cannot be called");
    }
    Ok(())
}

/// Gives a runner the state of the project at `base`, if a plugin keeps any. What is only counted for a minute or an hour
/// is kept in memory.
fn keep_state(runner: Runner, base: &Path) -> Result<Runner> {
    let root = runner.index().root();
    if root.keeps_state.is_none() {
        let counts = root.counts.is_some() || root.asks.is_some();
        let store = counts.then(|| Arc::new(Memory::new(Clock::system())) as Arc<dyn StateStore>);
        return Ok(runner.with_state_store(store));
    }
    let store = state::local(base)?;
    store.open()?;
    Ok(runner.with_state_store(Some(store.shared())))
}

/// Follows the releases at `place` and serves them at `endpoint`, as a function with the bundle `package` does.
///
/// # Errors
/// The place, the package or the endpoint is refused. A bucket without a release is accepted, because it may have one
/// later.
pub(crate) fn follow(
    place: &str,
    package: &Path,
    endpoint: Endpoint,
    loopback: &[u16],
    terminal: &Terminal,
) -> Result<Exit> {
    let runtime = server::runtime()?;
    let keyring = runtime.block_on(server::keyring())?;
    let updater = Arc::new(updater(place, (package, loopback), endpoint, keyring)?);
    let address = endpoint.address();
    let listener = runtime.block_on(edge::bind(address)).map_err(|error| server::busy(address, &error))?;
    match runtime.block_on(updater.current(None)) {
        Ok(service) => announce::start(&listener, &service, terminal),
        Err(_) => terminal.note(format!("{place} has no release to serve yet; the log says why")),
    }
    terminal.note("stop with Ctrl-C");
    Ok(server::until_stopped(runtime, listener, Served::Releases(updater), terminal))
}

/// Makes what follows the releases at `place`.
fn updater(
    place: &str,
    (package, loopback): (&Path, &[u16]),
    endpoint: Endpoint,
    keyring: Keyring,
) -> Result<Updater> {
    let location = place.parse().map_err(|error: NotALocation| {
        Problem::refused(format!("--bundle {place}"), "is not a place in S3")
            .found(error.to_string())
            .expected("s3://BUCKET or s3://BUCKET/PREFIX")
            .next("name the place that `toolcell publish --to` names")
    })?;
    let shown = format!("--package {}", package.display());
    let variables = Variables::of_process();
    let package = Package::open(package.to_owned(), endpoint.reach(), keyring, &variables);
    let package = package.map_err(|error: PackageError| {
        Problem::refused(shown.clone(), "cannot be used")
            .found(error.to_string())
            .expected("a bundle that `toolcell build` wrote for this machine")
            .next("run `toolcell build` with a toolcell.toml that has [releases], and name its bundle with --package")
    })?;
    let credentials = Arc::new(CommandCredentials::new(&variables));
    let access = AwsAccess::new(Arc::clone(&credentials) as _, variables.clone());
    let package = package.with_loopback(loopback).with_aws(access);
    endpoint.refuse_open(package.auth())?;
    let state = state::local(package.grant_root())?;
    let package = package.with_state_store(Some(state.shared()));
    Updater::open(location, package, credentials, &variables, Clock::system()).map_err(|error: OpenError| {
        Problem::refused(shown, "does not say how to follow releases")
            .found(error.to_string())
            .expected("keys in [releases.keys], and AWS_REGION in the environment")
            .next("add what is missing, run `toolcell build` again, and serve again")
    })
}

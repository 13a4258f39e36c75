//! `toolcell serve`: serves a configuration, a bundle or the releases of a bucket, on a local port or to the client that
//! has started the command.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use toolcell_host::aws::AwsAccess;
use toolcell_host::call::Runner;
use toolcell_host::catalog::{Auth, Limits};
use toolcell_host::clock::Clock;
use toolcell_host::credentials::Keyring;
use toolcell_host::s3::NotALocation;
use toolcell_host::state_store::{Memory, StateStore};
use toolcell_host::updater::{OpenError, Package, PackageError, Served, Updater};
use toolcell_host::variables::Variables;

use super::secrets::LocalSecrets;
use crate::aws::CommandCredentials;
use crate::bundle::open::{self, OpenBundle, Source};
use crate::bundle::{InUse, load_errors};
use crate::server::stdio::{self, Client, Token};
use crate::server::{self, Endpoint, announce, edge};
use crate::state;
use crate::ui::exit::Exit;
use crate::ui::problem::{Problem, Result};
use crate::ui::progress::Progress;
use crate::ui::terminal::Terminal;

/// The way in which clients reach the server.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Door {
    /// Over HTTP.
    Address(Endpoint),
    /// Over the pipes of the client that has started the command.
    Pipes,
}

impl Door {
    fn endpoint(self) -> Endpoint {
        match self {
            Self::Address(endpoint) => endpoint,
            Self::Pipes => Endpoint::pipes(),
        }
    }

    /// Returns the token of the client of pipes; over HTTP, each request brings its own.
    fn token(self, auth: &Auth) -> Result<Token> {
        match self {
            Self::Address(_) => Ok(Token::NONE),
            Self::Pipes => Token::of(auth, &Variables::of_process()),
        }
    }
}

/// Serves `source` at `door` until the process is asked to stop; plugins may reach the `loopback` ports.
///
/// # Errors
/// The configuration, a plugin or the endpoint is refused.
pub(crate) fn run(
    source: &Source,
    door: Door,
    loopback: &[u16],
    progress: &dyn Progress,
    terminal: &Terminal,
) -> Result<Exit> {
    let secrets = LocalSecrets::of(source)?;
    let OpenBundle { runner, in_use: _in_use } = open::open(source, progress)?;
    let runner = secrets.given_to(runner).with_loopback(loopback);
    let runner = keep_state(runner, &source.base()?)?; // before anything is loaded
    load_errors::refuse(&runner, source)?;
    let runtime = server::runtime()?;
    refuse_missing(runtime.block_on(secrets.missing(&runner)), source)?;
    let keyring = Arc::new(runtime.block_on(server::keyring())?);
    let service = Arc::new(runtime.block_on(server::service(runner, door.endpoint(), keyring))?);
    let Door::Address(endpoint) = door else {
        let root = service.index().root();
        let client = Client::new(Arc::clone(&service), door.token(&root.auth)?, root.http.max_body_bytes);
        runtime.block_on(client.check())?;
        announce::start_on_pipes(&service, terminal);
        return Ok(stdio::until_closed(runtime, client, terminal));
    };
    let address = endpoint.address();
    let listener = runtime.block_on(edge::bind(address)).map_err(|error| server::busy(address, &error))?;
    announce::start(&listener, &service, terminal);
    terminal.note("stop with Ctrl-C");
    Ok(server::until_stopped(runtime, listener, service, terminal))
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

/// Follows the releases at `place` and serves them at `door`, as a function with the bundle `package` does.
///
/// # Errors
/// The place, the package or the endpoint is refused. A bucket without a release is accepted, because it may have one
/// later.
pub(crate) fn follow(
    place: &str,
    package: &Path,
    door: Door,
    loopback: &[u16],
    terminal: &Terminal,
) -> Result<Exit> {
    let _in_use = InUse::of(package);
    let runtime = server::runtime()?;
    let keyring = runtime.block_on(server::keyring())?;
    let (updater, token) = updater(place, (package, loopback), door, keyring)?;
    let updater = Arc::new(updater);
    let served = Served::Releases(Arc::clone(&updater));
    let none = |_| terminal.note(format!("{place} has no release to serve yet; the log says why"));
    let Door::Address(endpoint) = door else {
        // The service of each release has its own limit, which is at most this one.
        let client = Client::new(served, token, Limits::MAXIMUM.input_bytes);
        runtime.block_on(client.check())?;
        let current = runtime.block_on(updater.current(None));
        current.map_or_else(none, |service| announce::start_on_pipes(&service, terminal));
        return Ok(stdio::until_closed(runtime, client, terminal));
    };
    let address = endpoint.address();
    let listener = runtime.block_on(edge::bind(address)).map_err(|error| server::busy(address, &error))?;
    let current = runtime.block_on(updater.current(None));
    current.map_or_else(none, |service| announce::start(&listener, &service, terminal));
    terminal.note("stop with Ctrl-C");
    Ok(server::until_stopped(runtime, listener, served, terminal))
}

/// Makes what follows the releases at `place`, and the token of a client of pipes.
fn updater(
    place: &str,
    (package, loopback): (&Path, &[u16]),
    door: Door,
    keyring: Keyring,
) -> Result<(Updater, Token)> {
    let location = place.parse().map_err(|error: NotALocation| {
        Problem::refused(format!("--bundle {place}"), "is not a place in S3")
            .found(error.to_string())
            .expected("s3://BUCKET or s3://BUCKET/PREFIX")
            .next("name the place that `toolcell publish --to` names")
    })?;
    let shown = format!("--package {}", package.display());
    let variables = Variables::of_process();
    let package = Package::open(package.to_owned(), door.endpoint().reach(), keyring, &variables);
    let package = package.map_err(|error: PackageError| {
        Problem::refused(shown.clone(), "cannot be used")
            .found(error.to_string())
            .expected("a bundle that `toolcell build` wrote for this machine")
            .next("run `toolcell build` with a toolcell.toml that has [releases], and name its bundle with --package")
    })?;
    let credentials = Arc::new(CommandCredentials::new(&variables));
    let access = AwsAccess::new(Arc::clone(&credentials) as _, variables.clone());
    let package = package.with_loopback(loopback).with_aws(access);
    door.endpoint().refuse_open(package.auth())?;
    let token = door.token(package.auth())?;
    let state = state::local(package.grant_root())?;
    let package = package.with_state_store(Some(state.shared()));
    let updater = Updater::open(location, package, credentials, &variables, Clock::system());
    let updater = updater.map_err(|error: OpenError| {
        Problem::refused(shown, "does not say how to follow releases")
            .found(error.to_string())
            .expected("keys in [releases.keys], and AWS_REGION in the environment")
            .next("add what is missing, run `toolcell build` again, and serve again")
    })?;
    Ok((updater, token))
}

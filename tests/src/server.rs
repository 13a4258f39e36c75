//! Runs the real server: behind the local edge in this process, or as `bootstrap` in the Lambda emulator.

use std::collections::BTreeMap;
use std::env;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::oneshot;
use toolcell_cli::server::edge::{self, Shutdown};
use toolcell_host::auth::Anonymous;
use toolcell_host::call::Runner;
use toolcell_host::clock::Clock;
use toolcell_host::credentials::{CredentialStore, Keyring};
use toolcell_host::protocol::Exposure;
use toolcell_host::secrets::Secrets;
use toolcell_host::service::Service;
use toolcell_host::state_token::StateKeys;
use toolcell_host::variables::Variables;
use toolcell_lambda_emulator::{Freeze, Function, Lambda, Line};

use crate::bundle::{Bundle, read_catalog};
use crate::client::{Client, Revision};
use crate::fixture;

/// The secret with which every server seals states.
pub const STATE_KEY: &str = "a-key-of-the-tests-that-is-no-secret";

/// A timeout that is longer than any story lets a call run.
const LAMBDA_TIMEOUT: Duration = Duration::from_secs(900);

/// The longest time for the start of a function, on a machine that is busy otherwise.
const INIT_LIMIT: Duration = Duration::from_secs(60);

/// The longest wait for a line of a function's log.
const LOG_PATIENCE: Duration = Duration::from_secs(60);

/// The edge that the stories run against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// `toolcell serve`, in this process.
    Serve,
    /// `bootstrap`, in the Lambda emulator.
    Lambda,
}

/// A running server; dropping it stops it without waiting.
#[derive(Debug)]
pub struct Server {
    running: Running,
    _bundle: Option<Bundle>,
}

#[derive(Debug)]
enum Running {
    Local { address: SocketAddr, stop: oneshot::Sender<()>, thread: JoinHandle<Shutdown> },
    Lambda(Lambda),
}

impl Edge {
    /// Reads `TOOLCELL_EDGE`: `serve`, which is the default, or `lambda`.
    ///
    /// # Panics
    /// Panics on any other value.
    pub fn chosen() -> Self {
        match env::var("TOOLCELL_EDGE").as_deref() {
            Err(_) | Ok("serve") => Self::Serve,
            Ok("lambda") => Self::Lambda,
            Ok(other) => panic!("TOOLCELL_EDGE is {other:?}, expected serve or lambda"),
        }
    }
}

impl Server {
    /// Builds a configuration and serves it at the chosen edge.
    ///
    /// # Panics
    /// Panics if the configuration is refused, or one of its plugins cannot be loaded.
    pub fn start(config: &str) -> Self {
        match Edge::chosen() {
            Edge::Serve => Self::start_locally(config),
            Edge::Lambda => Self::start_on_lambda(config),
        }
    }

    /// Builds a configuration and serves it in this process.
    ///
    /// # Panics
    /// Panics as [`Server::start`] does.
    pub fn start_locally(config: &str) -> Self {
        let bundle = Bundle::build(config);
        let runner = bundle.open().unwrap_or_else(|problem| panic!("{problem}"));
        let refused: Vec<_> = runner
            .load_all()
            .into_iter()
            .map(|(tool, why)| format!("{}: {why}", tool.entry().name))
            .collect();
        assert!(refused.is_empty(), "{refused:?}");
        Self { _bundle: Some(bundle), ..Self::local(runner) }
    }

    /// Builds a configuration and serves it in this process, with plugins that may reach these ports of this machine.
    ///
    /// # Panics
    /// Panics as [`Server::start`] does.
    pub fn start_with_loopback(config: &str, ports: &[u16]) -> Self {
        let bundle = Bundle::build(config);
        let runner = bundle.open().unwrap_or_else(|problem| panic!("{problem}")).with_loopback(ports);
        Self { _bundle: Some(bundle), ..Self::local(runner) }
    }

    /// Builds a configuration and deploys it to the Lambda emulator.
    ///
    /// # Panics
    /// Panics as [`Server::start`] does.
    pub fn start_on_lambda(config: &str) -> Self {
        let bundle = Bundle::build(config);
        let lambda = deployed(&bundle).start().expect("the function can be deployed");
        Self { running: Running::Lambda(lambda), _bundle: Some(bundle) }
    }

    /// Serves a bundle, good or bad, at the chosen edge.
    ///
    /// # Panics
    /// Panics if the bundle cannot be opened.
    pub fn of(bundle: &Bundle) -> Self {
        match Edge::chosen() {
            Edge::Serve => Self::local(bundle.open().unwrap_or_else(|problem| panic!("{problem}"))),
            Edge::Lambda => {
                let lambda = deployed(bundle).start().expect("the function can be deployed");
                Self { running: Running::Lambda(lambda), _bundle: None }
            }
        }
    }

    /// Serves what a runner has, in this process.
    pub fn serving(runner: Runner) -> Self {
        Self::local(runner)
    }

    /// Serves what a runner has, in this process, with these secrets.
    pub fn with_secrets(runner: Runner, secrets: Secrets) -> Self {
        Self::with_credentials(runner.with_secrets(Arc::new(secrets)))
    }

    fn local(runner: Runner) -> Self {
        let sources = &runner.index().root().secrets;
        let secrets = Secrets::new(sources, BTreeMap::new(), &Variables::of_process(), Clock::system());
        Self::with_secrets(runner, secrets)
    }

    fn with_credentials(runner: Runner) -> Self {
        let credentials =
            CredentialStore::open(&runner.index().root().auth, Anonymous::Allowed, &Variables::of_process());
        let credentials = credentials.expect("principals that can be read");
        let service =
            Service::new(runner, Exposure::Loopback, credentials).expect("a policy of the builder's making");
        let keyring = Keyring::from(StateKeys::new([STATE_KEY]).expect("a key to seal states with"));
        let service = service.with_keyring(keyring);
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = mpsc::channel();
        let thread = thread::spawn(move || run(Arc::new(service), &tell, stopped));
        let address = told.recv().expect("a loopback port");
        Self { running: Running::Local { address, stop, thread }, _bundle: None }
    }

    /// Returns the address on which it listens.
    pub fn address(&self) -> SocketAddr {
        match &self.running {
            Running::Local { address, .. } => *address,
            Running::Lambda(lambda) => lambda.address(),
        }
    }

    /// Makes a client that speaks `revision`.
    pub fn client(&self, revision: Revision) -> Client {
        Client::new(self.address(), revision)
    }

    /// Returns the deployed function.
    ///
    /// # Panics
    /// Panics if the server is local.
    pub fn lambda(&self) -> &Lambda {
        match &self.running {
            Running::Lambda(lambda) => lambda,
            Running::Local { .. } => panic!("the server is not deployed"),
        }
    }

    /// Stops a local server and waits for its end.
    ///
    /// # Panics
    /// Panics if the server panicked.
    pub fn stop(self) -> Shutdown {
        self.begin_stop().join().expect("the server does not panic")
    }

    /// Asks a local server to stop, and returns the thread to wait for.
    ///
    /// # Panics
    /// Panics if the server is not local.
    pub fn begin_stop(self) -> JoinHandle<Shutdown> {
        let Running::Local { stop, thread, .. } = self.running else { panic!("the server is deployed") };
        // If the server has already ended, joining its thread tells so.
        let _ = stop.send(());
        thread
    }
}

/// Describes a function whose package holds this bundle and the directories that it grants; anonymous callers may call.
///
/// # Panics
/// Panics if the bundle's catalog cannot be read.
pub fn deployed(bundle: &Bundle) -> Function {
    let function = deployed_as(fixture::bootstrap(), &bundle.path());
    granted(&bundle.path()).into_iter().fold(function, |function, directory| match directory.is_absolute() {
        true => function.share(directory),
        false => {
            let path = bundle.path().with_file_name(&directory);
            function.file(&directory.display().to_string(), path)
        }
    })
}

/// Describes a function of another `bootstrap`, with a bundle that grants no directories; anonymous callers may call.
pub fn deployed_as(bootstrap: &Path, bundle: &Path) -> Function {
    Function::new(bootstrap)
        .file("bundle", bundle)
        .env("TOOLCELL_ALLOW_ANONYMOUS", "true")
        .env("TOOLCELL_STATE_KEYS", STATE_KEY)
        .freeze(Freeze::WhenIdle)
        .timeout(LAMBDA_TIMEOUT)
        .init_limit(INIT_LIMIT)
}

/// Waits for a line of a function's log: it may come after the response.
///
/// # Panics
/// Panics if no such line comes.
pub fn logged(lambda: &Lambda, wanted: impl Fn(&str) -> bool) -> Line {
    let line = lambda.logs().wait(LOG_PATIENCE, |line| wanted(&line.text));
    line.unwrap_or_else(|| panic!("no such line: {:#?}", lambda.logs().lines()))
}

/// Returns the directories that a bundle grants; one that a test has damaged grants none.
fn granted(bundle: &Path) -> Vec<PathBuf> {
    let plugins = read_catalog(bundle).map_or_else(|_| Vec::new(), |catalog| catalog.plugins).into_iter();
    plugins.flat_map(|plugin| plugin.grants.directories).map(|directory| directory.host.into()).collect()
}

fn run(service: Arc<Service>, tell: &mpsc::Sender<SocketAddr>, stopped: oneshot::Receiver<()>) -> Shutdown {
    let runtime = edge::runtime().expect("threads for the server");
    let ended = runtime.block_on(async {
        let listener = edge::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a free port");
        tell.send(listener.local_addr().expect("a bound address")).expect("the test waits for it");
        let stop = async {
            // A test that ends without stopping its server drops the sender, which stops it.
            let _ = stopped.await;
        };
        edge::run(listener, service, stop).await
    });
    runtime.shutdown_background();
    ended
}

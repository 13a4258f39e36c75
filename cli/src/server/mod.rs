//! The local server that `serve`, `dev` and the tests share: the same service that runs on Lambda, on a local port.
//!
//! [`edge`] answers connections, [`stdio`] a client that has started the command, [`announce`] says where to connect.

pub(crate) mod announce;
pub mod edge;
#[cfg(test)]
mod gate;
pub mod stdio;

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use toolcell_host::auth::Anonymous;
use toolcell_host::call::Runner;
use toolcell_host::catalog::{Auth, OAuth};
use toolcell_host::credentials::{CredentialError, CredentialStore, Keyring, KeyringError};
use toolcell_host::protocol::{Exposure, PolicyError};
use toolcell_host::service::{ServerAddress, Service};
use toolcell_host::updater::Reach;
use toolcell_host::variables::Variables;

use crate::ui::exit::Exit;
use crate::ui::problem::{Problem, Result};
use crate::ui::terminal::Terminal;

/// The threads that answer.
pub(crate) fn runtime() -> Result<Runtime> {
    edge::runtime().map_err(|error| {
        Problem::internal("toolcell", "cannot start the server threads").found(error.to_string())
    })
}

/// The address of a server, and whether it admits callers without a token there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Endpoint {
    address: SocketAddr,
    kind: EndpointKind,
    anonymous: Anonymous,
}

/// Tells whether clients reach a server at an address, or have started it and have its pipes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EndpointKind {
    Address,
    Pipes,
}

impl Endpoint {
    /// Makes an endpoint: on loopback, callers need no token; elsewhere only if `anonymous` allows it.
    pub(crate) fn new(address: SocketAddr, anonymous: Anonymous) -> Self {
        let anonymous = if address.ip().is_loopback() { Anonymous::Allowed } else { anonymous };
        Self { address, kind: EndpointKind::Address, anonymous }
    }

    /// Makes the endpoint of the client that starts the command itself: as on loopback, but at no address.
    pub(crate) fn pipes() -> Self {
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        Self { address, kind: EndpointKind::Pipes, anonymous: Anonymous::Allowed }
    }

    /// Returns the address.
    pub(crate) fn address(self) -> SocketAddr {
        self.address
    }

    /// Returns where a server of releases can be reached from, and by whom.
    pub(crate) fn reach(self) -> Reach {
        Reach { exposure: self.exposure(), anonymous: self.anonymous, concurrency: None }
    }

    fn exposure(self) -> Exposure {
        if self.address.ip().is_loopback() { Exposure::Loopback } else { Exposure::Public }
    }

    /// Refuses a server that would be open to the network without anybody having said so.
    ///
    /// AWS verifies the callers of `[auth.iam]` on Lambda alone: here they are anonymous.
    pub(crate) fn refuse_open(self, auth: &Auth) -> Result<()> {
        self.refuse_unknown_address(auth)?;
        if self.anonymous == Anonymous::Allowed || auth.bearer.is_some() || auth.oauth.is_some() {
            return Ok(());
        }
        Err(Problem::refused(
            format!("--listen {}", self.address),
            "would let everyone on the network call the tools",
        )
        .found("an address that is not loopback, and neither [auth.bearer] nor [auth.oauth]")
        .expected("an address that only this machine reaches, or callers with tokens")
        .next(format!(
            "choose one:\n--listen 127.0.0.1:{} accepts callers of this machine only\n\
             [auth.bearer] in toolcell.toml admits callers with a token (`toolcell token NAME` prints the lines)\n\
             --anonymous admits everyone who reaches the address",
            self.address.port()
        )))
    }

    /// Refuses a server that cannot tell whether an access token is for it: clients call it by another name than the
    /// address that it listens at.
    fn refuse_unknown_address(self, auth: &Auth) -> Result<()> {
        let needs_own_url = auth.oauth.as_ref().is_some_and(OAuth::needs_own_url);
        let place = match self.kind {
            EndpointKind::Address if ServerAddress::Listening(self.address).url().is_some() => return Ok(()),
            EndpointKind::Address => format!("--listen {}", self.address),
            EndpointKind::Pipes => "--stdio, which has no address".to_owned(),
        };
        if !needs_own_url {
            return Ok(());
        }
        Err(Problem::refused("[auth.oauth]", "does not say for which server access tokens have to be")
            .found(format!("no `audience`, no `client-ids`, no `public-url`, and {place}"))
            .expected("the address by which clients call the server, or the audience of its tokens")
            .next(
                "add public-url = \"https://mcp.example.com\" to [auth.oauth], or `audience` to the issuer",
            ))
    }
}

/// The service of a runner at an endpoint, for the callers that its catalog admits.
///
/// # Errors
/// Fails if the catalog grants no one access, or everyone on the network, or contains an invalid origin or host.
pub(crate) async fn service(runner: Runner, endpoint: Endpoint, keyring: Arc<Keyring>) -> Result<Service> {
    let auth = &runner.index().root().auth;
    endpoint.refuse_open(auth)?;
    let credentials = credentials(auth, endpoint.anonymous).await?;
    let service =
        Service::new(runner, endpoint.exposure(), credentials).map_err(|error| bad_policy(&error))?;
    Ok(service.with_keyring(keyring))
}

fn bad_policy(error: &PolicyError) -> Problem {
    let problem = Problem::refused("[http]", "is refused").found(error.to_string());
    match error {
        // AWS verifies the callers of `[auth.iam]` on Lambda alone.
        PolicyError::OpenOrigin(_) => problem
            .expected("origins such as https://app.example.com, [auth.bearer] or [auth.oauth]: `toolcell serve` cannot verify callers of [auth.iam]")
            .next("serve a toolcell.toml that lists the origins, or run `toolcell token NAME` and add the printed lines"),
        PolicyError::Origin(_) | PolicyError::Host(_) => problem
            .expected("origins such as https://app.example.com, hosts such as mcp.example.com")
            .next("correct the line in toolcell.toml"),
    }
}

/// Opens the credential store and reads every place now, while the person who starts the server is there.
async fn credentials(auth: &Auth, anonymous: Anonymous) -> Result<CredentialStore> {
    let refuse = |error: CredentialError| {
        let next = match &error {
            CredentialError::NoVariable { name } => format!(
                "set {name} to the JSON that `toolcell token NAME` prints, or take `environment` out of [auth.bearer]"
            ),
            CredentialError::Document { .. } => {
                "correct the JSON; `toolcell token NAME` prints an example".to_owned()
            }
            CredentialError::Secret { .. } => {
                "on this machine, serve a toolcell.toml without `secret`: the extension that fetches secrets runs only in \
                 Lambda"
                    .to_owned()
            }
            CredentialError::Bearer(_) | CredentialError::Iam(_) | CredentialError::Issuer(_) => {
                "correct [auth], and build the bundle again".to_owned()
            }
        };
        Problem::refused("[auth]", "cannot be used to admit callers")
            .found(error.to_string())
            .expected("principals that the server can read when it starts")
            .next(next)
    };
    let credentials = CredentialStore::open(auth, anonymous, &Variables::of_process()).map_err(refuse)?;
    credentials.access(None).await.map_err(refuse)?;
    Ok(credentials)
}

/// The keys that the environment names, or one of this process alone; checked now, as the credentials are.
pub(crate) async fn keyring() -> Result<Keyring> {
    let refuse = |error: KeyringError| {
        let next = match &error {
            KeyringError::Secret(_) => format!(
                "take {} out of the environment: secrets are fetched in Lambda, \
                 by the AWS Parameters and Secrets Lambda Extension",
                Keyring::SECRET_VARIABLE
            ),
            _ => format!(
                "set {} to what `openssl rand -hex 32` prints, or to nothing for a key of this process alone",
                Keyring::KEYS_VARIABLE
            ),
        };
        Problem::refused(Keyring::KEYS_VARIABLE, "contains no valid key for request state")
            .found(error.to_string())
            .expected("random texts of at least 32 characters, separated by spaces")
            .next(next)
    };
    let keyring = Keyring::local(&Variables::of_process()).map_err(refuse)?;
    keyring.keys(None).await.map_err(refuse)?;
    Ok(keyring)
}

/// Serves until the process is asked to stop. The threads of `runtime` may still run what was cut off, and end with
/// the process: waiting for them could take for ever.
pub(crate) fn until_stopped(
    runtime: Runtime,
    listener: TcpListener,
    current: impl Into<edge::Current>,
    terminal: &Terminal,
) -> Exit {
    let shutdown = runtime.block_on(edge::run(listener, current, stopped()));
    runtime.shutdown_background();
    match shutdown {
        edge::Shutdown::Drained => terminal.note("stopped; every call was answered"),
        edge::Shutdown::CutOff => terminal.note("stopped; some calls were still running and were cut off"),
    }
    Exit::Done
}

/// Resolves when the process is asked to stop (SIGINT, SIGTERM).
pub(crate) async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

pub(crate) fn busy(address: SocketAddr, error: &std::io::Error) -> Problem {
    Problem::refused(format!("--listen {address}"), "cannot be used for listening")
        .found(error.to_string())
        .expected("a free port of an address that this machine has")
        .next("choose an address of this machine and a free port, for example --listen 127.0.0.1:8081")
}

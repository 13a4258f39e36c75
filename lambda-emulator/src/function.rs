//! Describes a function as it would be deployed: package, configuration, URL.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::front_end::FrontEnd;
use crate::identity::Identity;
use crate::lambda::Lambda;
use crate::limit;
use crate::log::{Line, Sink};

/// The times at which an environment stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freeze {
    /// From the request for the next invocation until there is one, as on AWS.
    WhenIdle,
    /// Never, which AWS does not promise.
    Never,
}

/// The way in which the Function URL passes a response on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvokeMode {
    /// `RESPONSE_STREAM`: each piece as it comes.
    ResponseStream,
    /// `BUFFERED`: the whole response once it is complete.
    Buffered,
}

/// The encoding of request bodies in the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bodies {
    /// Text as text, anything else in base64.
    ByType,
    /// Every body in base64, which a function must understand as well.
    Base64,
}

/// The part of the machine that a process sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// The package read-only at `/var/task` and a private `/tmp`, in a mount namespace. Needs root; without it the log
    /// says that the function is not isolated.
    Private,
    /// The package in a temporary directory, and the machine's own `/tmp`.
    Shared,
}

/// A reason for which a function was not started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A file of the package cannot be read.
    #[error("{} is not in the package: {source}", path.display())]
    Package {
        /// The file or directory.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A setting is outside of what Lambda takes.
    #[error("{setting} is {found}; Lambda takes {expected}")]
    Setting {
        /// Its name.
        setting: &'static str,
        /// Its value.
        found: String,
        /// The values that Lambda takes.
        expected: &'static str,
    },
    /// The emulator cannot listen on the address.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The cause.
        source: io::Error,
    },
    /// The operating system starts no threads.
    #[error("cannot start threads: {0}")]
    Threads(io::Error),
}

/// A function that can be started.
pub struct Function {
    setup: Setup,
    sink: Option<Sink>,
}

/// The configuration of a function.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) executable: PathBuf,
    pub(crate) files: Vec<(String, PathBuf)>,
    pub(crate) layer: Option<PathBuf>,
    pub(crate) shared: Vec<PathBuf>,
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) name: String,
    pub(crate) region: String,
    pub(crate) memory_mb: u32,
    pub(crate) timeout: Duration,
    pub(crate) init_limit: Duration,
    pub(crate) reserved: usize,
    pub(crate) per_environment: Option<usize>,
    pub(crate) snap_start: bool,
    pub(crate) freeze: Freeze,
    pub(crate) isolation: Isolation,
    pub(crate) front_end: FrontEnd,
    pub(crate) mode: InvokeMode,
    pub(crate) bodies: Bodies,
    pub(crate) identity: Option<Identity>,
    pub(crate) payload_bytes: usize,
    pub(crate) stream_bytes: usize,
    pub(crate) throttled: bool,
    pub(crate) listen: SocketAddr,
}

impl Setup {
    /// Returns how many invocations one environment takes at once.
    pub(crate) fn capacity(&self) -> usize {
        self.per_environment.unwrap_or(1)
    }

    /// Reports whether idle environments are frozen; managed instances never are.
    pub(crate) fn freezes(&self) -> bool {
        self.freeze == Freeze::WhenIdle && self.per_environment.is_none()
    }
}

/// The most environments when no concurrency is reserved: enough for a test, few enough for one machine.
const RESERVED: usize = 16;

impl Function {
    /// Describes a function whose package holds `executable` as `bootstrap`.
    pub fn new(executable: impl Into<PathBuf>) -> Self {
        let setup = Setup {
            executable: executable.into(),
            files: Vec::new(),
            layer: None,
            shared: Vec::new(),
            variables: BTreeMap::new(),
            name: "toolcell".to_owned(),
            region: "eu-central-1".to_owned(),
            memory_mb: *limit::MEMORY_MB.start(),
            timeout: limit::TIMEOUT,
            init_limit: limit::INIT,
            reserved: RESERVED,
            per_environment: None,
            snap_start: false,
            freeze: Freeze::WhenIdle,
            isolation: Isolation::Private,
            front_end: FrontEnd::FunctionUrl,
            mode: InvokeMode::ResponseStream,
            bodies: Bodies::ByType,
            identity: None,
            payload_bytes: limit::PAYLOAD_BYTES,
            stream_bytes: limit::STREAM_BYTES,
            throttled: false,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        };
        Self { setup, sink: None }
    }

    /// Puts a file or a directory into the package, next to `bootstrap`.
    #[must_use]
    pub fn file(mut self, name: &str, path: impl Into<PathBuf>) -> Self {
        self.setup.files.push((name.to_owned(), path.into()));
        self
    }

    /// Adds a layer: shows the directory read-only at `/opt`.
    #[must_use]
    pub fn layer(mut self, directory: impl Into<PathBuf>) -> Self {
        self.setup.layer = Some(directory.into());
        self
    }

    /// Shows the function a directory of this machine under the same path, writable, as a mounted file system would be.
    /// Only directories below `/tmp` and `/var` need this: the function has its own.
    #[must_use]
    pub fn share(mut self, directory: impl Into<PathBuf>) -> Self {
        self.setup.shared.push(directory.into());
        self
    }

    /// Sets an environment variable of the configuration.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.setup.variables.insert(name.to_owned(), value.into());
        self
    }

    /// Sets the function's name.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.setup.name);
        self
    }

    /// Sets the memory, in MB, that the function is told it has. The emulator does not enforce it.
    #[must_use]
    pub fn memory_mb(mut self, memory_mb: u32) -> Self {
        self.setup.memory_mb = memory_mb;
        self
    }

    /// Sets the timeout. AWS takes whole seconds; tests may set less.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.setup.timeout = timeout;
        self
    }

    /// Sets the limit of the init phase, for tests that cannot wait for 10 seconds.
    #[must_use]
    pub fn init_limit(mut self, limit: Duration) -> Self {
        self.setup.init_limit = limit;
        self
    }

    /// Reserves concurrency: the function runs at most this many invocations at once.
    #[must_use]
    pub fn concurrency(mut self, reserved: usize) -> Self {
        self.setup.reserved = reserved;
        self
    }

    /// Runs the function on managed instances: each environment is told that it takes `each` invocations at once.
    #[must_use]
    pub fn managed(mut self, each: usize) -> Self {
        self.setup.per_environment = Some(each);
        self
    }

    /// Turns SnapStart on.
    #[must_use]
    pub fn snap_start(mut self) -> Self {
        self.setup.snap_start = true;
        self
    }

    /// Sets when environments stand still.
    #[must_use]
    pub fn freeze(mut self, freeze: Freeze) -> Self {
        self.setup.freeze = freeze;
        self
    }

    /// Sets what the process sees of the machine.
    #[must_use]
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.setup.isolation = isolation;
        self
    }

    /// Sets what stands in front of the function.
    #[must_use]
    pub fn front_end(mut self, front_end: FrontEnd) -> Self {
        self.setup.front_end = front_end;
        self
    }

    /// Sets how the front end passes responses on. An HTTP API and a load balancer always buffer.
    #[must_use]
    pub fn invoke_mode(mut self, mode: InvokeMode) -> Self {
        self.setup.mode = mode;
        self
    }

    /// Sets how the event encodes bodies.
    #[must_use]
    pub fn bodies(mut self, bodies: Bodies) -> Self {
        self.setup.bodies = bodies;
        self
    }

    /// Sets the URL's `AuthType` to `AWS_IAM` and the caller that signs each request; `None` is `AuthType: NONE`.
    #[must_use]
    pub fn iam(mut self, identity: Option<Identity>) -> Self {
        self.setup.identity = identity;
        self
    }

    /// Sets the limit of requests and of buffered responses, in bytes.
    #[must_use]
    pub fn payload_bytes(mut self, bytes: usize) -> Self {
        self.setup.payload_bytes = bytes;
        self
    }

    /// Sets the limit of streamed responses, in bytes.
    #[must_use]
    pub fn stream_bytes(mut self, bytes: usize) -> Self {
        self.setup.stream_bytes = bytes;
        self
    }

    /// Passes a stream's bytes on no faster than AWS does.
    #[must_use]
    pub fn throttled(mut self) -> Self {
        self.setup.throttled = true;
        self
    }

    /// Sets the address on which the URL listens; by default a free port of the loopback interface.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.setup.listen = address;
        self
    }

    /// Passes each line of the log to `sink` instead of keeping it.
    #[must_use]
    pub fn on_line(mut self, sink: impl Fn(&Line) + Send + Sync + 'static) -> Self {
        self.sink = Some(Box::new(sink));
        self
    }

    /// Starts the function. No process runs before the first request.
    ///
    /// # Errors
    /// Fails if the package is incomplete, Lambda does not take a setting, or the address is in use.
    pub fn start(self) -> Result<Lambda, StartError> {
        self.setup.check()?;
        Lambda::start(self.setup, self.sink)
    }
}

impl std::fmt::Debug for Function {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.setup.fmt(out)
    }
}

impl Setup {
    fn check(&self) -> Result<(), StartError> {
        let named = self.files.iter().map(|(_, path)| path);
        for path in named.chain([&self.executable]).chain(&self.layer).chain(&self.shared) {
            readable(path)?;
        }
        let refused =
            |setting, found: String, expected| Err(StartError::Setting { setting, found, expected });
        if !limit::MEMORY_MB.contains(&self.memory_mb) {
            return refused("memory", format!("{} MB", self.memory_mb), "128 to 10240 MB");
        }
        if self.timeout.is_zero() || self.timeout > limit::TIMEOUT_MAX {
            return refused("timeout", format!("{} s", self.timeout.as_secs_f64()), "1 to 900 s");
        }
        if self.reserved == 0 || self.per_environment == Some(0) {
            return refused("concurrency", "0".to_owned(), "at least 1");
        }
        Ok(())
    }
}

fn readable(path: &Path) -> Result<(), StartError> {
    let opened = std::fs::File::open(path).map(drop);
    opened.map_err(|source| StartError::Package { path: path.to_owned(), source })
}

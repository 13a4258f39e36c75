//! Runs one call: finds its function, has the sandbox run it, and reports how it went.
//!
//! [`Runner`] lives as long as the process. What the first call of a plugin needs (its machine code, its
//! linked interfaces) is made by that call and kept; listing tools makes none of it.

mod code_source;
mod first;
mod report;
mod secrets;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;

use crate::artifact::CodeError;
use crate::catalog::{CatalogError, FunctionRef, Index, Limits, Returns};
use crate::codec::guest::{self, Budgets};
use crate::codec::{AnswerForm, PlanError};
use crate::lazy_table::LazyTable;
use crate::net::Outbound;
use crate::rounds::{CallState, Replay, Responses, Rounds};
use crate::sandbox::tape::Tape;
use crate::sandbox::{
    Allocation, CallInfo, CallSetup, GrantRoots, Interrupt, LinkedFunction, Listener, LoadError,
    LoadedPlugin, Network, NetworkError, Sandbox,
};
use crate::secrets::{SecretValue, Secrets};
use crate::state_store::StateStore;

use first::{FirstCall, FirstCalls};

pub use code_source::CodeSource;
pub use report::{Failure, Phases, Report, Start};

/// The place of a bundle's code, and of what its grants name.
#[derive(Debug)]
pub struct BundleSource {
    /// The machine code.
    pub code: CodeSource,
    /// The path of the bundle, which no plugin may be granted.
    pub path: Option<PathBuf>,
    /// The directory from which relative paths of grants start.
    pub grant_root: PathBuf,
}

/// One call of a function, its arguments still JSON.
#[derive(Debug)]
pub struct Call {
    /// The function.
    pub function: FunctionRef,
    /// JSON text of the arguments, an object.
    pub arguments: Bytes,
    /// The receiver of events before the call ends.
    pub listener: Option<Listener>,
    /// The id that the platform gave the request, for the log; without one the runner makes its own.
    pub request: Option<String>,
    /// The latest end of the call, if it comes before the tool's own deadline.
    pub not_after: Option<Instant>,
    /// The facts that the guest may learn about the call.
    pub info: Arc<CallInfo>,
    /// The state of earlier rounds, and the client's answers.
    pub resumed: Option<(CallState, Responses)>,
    /// Randomness and time in place of the system's.
    pub replay: Option<Replay>,
}

impl Call {
    /// Makes a call without listener and without a user to ask.
    pub fn new(function: FunctionRef, arguments: Bytes) -> Self {
        Self {
            function,
            arguments,
            listener: None,
            request: None,
            not_after: None,
            info: Arc::default(),
            resumed: None,
            replay: None,
        }
    }
}

/// Names the reason why a function cannot be called at all: the bundle does not fit this host. For the log.
#[derive(Debug, thiserror::Error)]
pub enum Unavailable {
    /// The plugin's code, imports or grants.
    #[error(transparent)]
    Plugin(#[from] LoadError),
    /// The plugin's code, which several calls waited for.
    #[error("{0}; the next call tries again")]
    Fetch(Arc<CodeError>),
    /// The plugin's code, for which the call has no time.
    #[error(
        "the code of plugin `{plugin}` did not arrive before the end of the invocation; the next call tries again"
    )]
    Late {
        /// The plugin.
        plugin: String,
    },
    /// The function's part of the catalog.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The function's plan.
    #[error("the plan of `{tool}` is refused: {source}; run `toolcell build` again")]
    Plan {
        /// The tool, or what else the function is to clients.
        tool: String,
        /// The error.
        source: PlanError,
    },
}

/// Runs calls; made once per process.
pub struct Runner {
    index: Index,
    bundle: BundleSource,
    sandbox: Sandbox,
    state_store: Option<Arc<dyn StateStore>>,
    plugins: LazyTable<LoadedPlugin>,
    functions: LazyTable<Prepared>, // in the order of `Index::functions`
    first: FirstCalls,
    requests: Requests,
}

/// What the calls of one function share.
struct Prepared {
    linked: LinkedFunction,
    plan: Arc<guest::Plan>,
}

/// A plugin with one of its functions, ready to be called.
enum Loaded<'r> {
    /// They stay.
    Kept(&'r LoadedPlugin, &'r Prepared),
    /// They go when there is a pool.
    First(Arc<FirstCall>),
}

impl std::fmt::Debug for Runner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner").field("bundle", &self.bundle).finish_non_exhaustive()
    }
}

impl Runner {
    /// The threads that a runtime needs so that calls share the processors and connections never wait for a call.
    pub const THREADS: usize = Sandbox::THREADS;

    /// Makes a runner for a catalog; loads no code yet.
    pub fn new(index: Index, bundle: BundleSource) -> Self {
        let plugins = LazyTable::new(index.plugin_count());
        let functions = LazyTable::new(index.function_count());
        let sandbox = Sandbox::new().with_network(Arc::new(network(&index, &bundle)));
        let (first, requests) = (FirstCalls::default(), Requests::default());
        let state_store = None;
        Self { index, bundle, sandbox, state_store, plugins, functions, first, requests }
    }

    /// Replaces the sandbox, for another number of calls side by side.
    #[must_use]
    pub fn with_sandbox(self, sandbox: Sandbox) -> Self {
        let sandbox = sandbox.with_network(self.sandbox.network()).with_secrets(self.sandbox.secrets());
        let sandbox = sandbox.with_aws(self.sandbox.aws());
        Self { sandbox, ..self }
    }

    /// Lets plugins reach other hosts in another way than the catalog says.
    #[must_use]
    pub fn with_network(self, network: Arc<Network>) -> Self {
        Self { sandbox: self.sandbox.with_network(network), ..self }
    }

    /// Lets plugins reach these ports of this machine as well. For developers alone.
    #[must_use]
    pub fn with_loopback(self, ports: &[u16]) -> Self {
        if ports.is_empty() {
            return self;
        }
        let network = network(&self.index, &self.bundle).with_loopback(ports.to_vec());
        self.with_network(Arc::new(network))
    }

    /// Plays a golden case: its exchanges take the place of the network. What has to be recorded may also be sent to these
    /// ports of this machine.
    #[must_use]
    pub fn with_tape(self, tape: Arc<Tape>, ports: &[u16]) -> Self {
        let network = network(&self.index, &self.bundle).with_loopback(ports.to_vec()).with_tape(tape);
        self.with_network(Arc::new(network))
    }

    /// Returns what sends requests to other hosts; reads the certificates of the package at the first time.
    ///
    /// # Errors
    ///
    /// The certificates cannot be read.
    pub fn outbound(&self) -> Result<Arc<Outbound>, NetworkError> {
        self.sandbox.network().outbound()
    }

    /// Returns the secrets of the package.
    pub fn secrets(&self) -> Arc<Secrets> {
        self.sandbox.secrets()
    }

    /// Keeps the state of plugins in `store`; without one, no bucket can be used.
    #[must_use]
    pub fn with_state_store(self, store: Option<Arc<dyn StateStore>>) -> Self {
        Self { state_store: store, ..self }
    }

    /// Returns what keeps state, if anything does.
    pub fn state_store(&self) -> Option<&Arc<dyn StateStore>> {
        self.state_store.as_ref()
    }

    /// Returns the index of the catalog.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// Loads every plugin and every plan now instead of at its first call.
    ///
    /// Returns the functions that cannot be called, each with the reason; the others can.
    pub fn load_all(&self) -> Vec<(FunctionRef, Unavailable)> {
        // A function of which the catalog cannot be read has no name to tell: its call tells the log.
        let functions = self.index.functions().filter_map(Result::ok);
        functions.filter_map(|function| Some((function.clone(), self.prepare(&function).err()?))).collect()
    }

    /// Runs a call to its end. Dropping the future ends the guest.
    pub async fn run(&self, mut call: Call) -> Report {
        let start = Instant::now();
        let (made, started) = self.requests.next();
        let request = call.request.take().unwrap_or(made);
        let fetched = self.fetch(&call.function, call.not_after).await;
        let granted = self.granted_secrets(&call.function, call.not_after).await;
        let fetch = start.elapsed();
        let verify = *fetched.as_ref().unwrap_or(&Duration::ZERO);
        let prepared = fetched.and_then(|_| match self.prepare_first(&call.function)? {
            Some(first) => Ok(Loaded::First(first)),
            None => self.prepare(&call.function),
        });
        let load = start.elapsed() - fetch;
        let tool = call.function.entry().name;
        let mut report = match (prepared, granted) {
            (Err(unavailable), _) => {
                tracing::error!(tool, request, error = %unavailable, "the tool is unavailable");
                Report::failed(Failure::Unavailable)
            }
            (_, Err(error)) => {
                let plugin = call.function.plugin().name.as_str();
                tracing::error!(tool, plugin, request, %error, "a secret of the plugin cannot be read");
                Report::failed(Failure::Secret)
            }
            (Ok(loaded), Ok(secrets)) => run(&loaded, &request, call, secrets).await,
        };
        report.request = request;
        report.start = started;
        (report.phases.fetch, report.phases.verify, report.phases.load) = (fetch, verify, load);
        report
    }

    /// Waits until the code of a function's plugin is on this machine; returns how much of the time its verification took.
    async fn fetch(
        &self,
        function: &FunctionRef,
        not_after: Option<Instant>,
    ) -> Result<Duration, Unavailable> {
        let place = function.entry().plugin;
        if self.plugins.get(place).is_some() {
            return Ok(Duration::ZERO);
        }
        self.bundle.code.fetch(place, function.plugin(), not_after).await
    }

    /// Keeps copies of the code that was fetched, for the next process. Call it when an answer is on its way.
    pub async fn keep_copies(&self) {
        self.bundle.code.keep_copies().await;
    }

    /// Makes what the calls of a function share, or finds it.
    fn prepare(&self, function: &FunctionRef) -> Result<Loaded<'_>, Unavailable> {
        let load = || self.load(function, Allocation::Pooled);
        let plugin = self.plugins.get_or_try_init(function.entry().plugin, load)?;
        let prepare = || Prepared::new(plugin, function);
        let prepared = self.functions.get_or_try_init(self.index.position(function), prepare)?;
        Ok(Loaded::Kept(plugin, prepared))
    }

    /// Loads the plugin of a function.
    fn load(&self, function: &FunctionRef, allocation: Allocation) -> Result<LoadedPlugin, LoadError> {
        let plugin = function.plugin();
        let roots = GrantRoots { grants: &self.bundle.grant_root, bundle: self.bundle.path.as_deref() };
        let code = self.bundle.code.open(function.entry().plugin, plugin)?;
        let loaded = self.sandbox.load(&code, plugin, function.stacks(), roots, allocation)?;
        Ok(loaded.with_state_store(self.state_store.clone()))
    }
}

/// Describes how a bundle's plugins reach other hosts, as its catalog says.
fn network(index: &Index, bundle: &BundleSource) -> Network {
    Network::new(index.root().network.as_ref(), bundle.path.as_deref().unwrap_or(Path::new("")))
}

impl Prepared {
    /// Finds a function in its plugin, and lays out its plan.
    fn new(plugin: &LoadedPlugin, function: &FunctionRef) -> Result<Self, Unavailable> {
        let entry = function.entry();
        let refuse = |source| Unavailable::Plan { tool: entry.name.to_owned(), source };
        let plan = guest::Plan::new(entry.signature.check().map_err(refuse)?);
        Ok(Self { linked: plugin.link(entry)?, plan: Arc::new(plan) })
    }
}

impl Loaded<'_> {
    fn parts(&self) -> (&LoadedPlugin, &Prepared) {
        match self {
            Self::Kept(plugin, prepared) => (plugin, prepared),
            Self::First(first) => (&first.plugin, &first.prepared),
        }
    }
}

/// Tells how a function's result is sent.
fn answer_form(function: &FunctionRef) -> AnswerForm {
    match function {
        FunctionRef::Tool(tool) if matches!(tool.returns, Returns::Value) => AnswerForm::Value,
        _ => AnswerForm::Content,
    }
}

async fn run(
    loaded: &Loaded<'_>,
    request: &str,
    call: Call,
    secrets: BTreeMap<String, SecretValue>,
) -> Report {
    let (plugin, prepared) = loaded.parts();
    let Call { function, arguments, listener, not_after, info, resumed, replay, .. } = call;
    let Some(rounds) = start_round(resumed, replay) else { return Report::failed(Failure::Unavailable) };
    let entry = function.entry();
    let Limits { input_bytes, output_bytes, .. } = *entry.limits;
    let budgets = Budgets { input_bytes, output_bytes, answer: answer_form(&function) };
    let setup = CallSetup { function: entry, request, not_after, listener, info, secrets, rounds };
    let plan = Arc::clone(&prepared.plan);
    let result = plugin
        .call(&prepared.linked, setup, move |store, function| {
            Box::pin(async move {
                guest::call(store, function, &plan, arguments, budgets).await.map_err(|error| match error {
                    guest::CallError::Guest(error) => Interrupt::Guest(error),
                    refused => Interrupt::Caller(refused),
                })
            })
        })
        .await;
    Report::new(result)
}

/// Starts this round; returns `None` where the system has no randomness for a first one.
fn start_round(resumed: Option<(CallState, Responses)>, replay: Option<Replay>) -> Option<Rounds> {
    let now_ms = replay.map_or_else(now_ms, |replay| replay.now_ms);
    if let Some((state, responses)) = resumed {
        return Some(Rounds::resumed(state, responses, now_ms));
    }
    if let Some(replay) = replay {
        return Some(Rounds::replayed(replay));
    }
    let mut seed = [0; 32];
    if let Err(error) = getrandom::fill(&mut seed) {
        tracing::error!(%error, "the system has no randomness");
        return None;
    }
    Some(Rounds::new(seed, now_ms))
}

/// The time, in milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
}

/// Ids that the server gives its requests, for the log alone: the time in microseconds and a count.
///
/// Made from the moment of each request, so that a snapshot of the process freezes none of them.
#[derive(Default)]
struct Requests {
    count: AtomicU64,
}

impl Requests {
    fn next(&self) -> (String, Start) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let start = if count == 0 { Start::Cold } else { Start::Warm };
        (format!("{:x}-{count:x}", now.as_micros()), start)
    }
}

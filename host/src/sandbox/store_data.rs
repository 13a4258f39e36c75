//! Holds the data of one call's store, created for the call and dropped with it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use wasmtime::component::ResourceTable;
use wasmtime_wasi::filesystem::WasiFilesystemCtx;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::attribution::Attribution;
use super::call_info::CallInfo;
use super::denial::Denials;
use super::event::EventSink;
use super::grant::Granted;
use super::guest_log::GuestLog;
use super::keyvalue::Keyvalue;
use super::limiter::Limiter;
use super::outbound::{EndGuard, HttpAccess, HttpSender, HttpUsage};
use super::replay::{self, Clock};
use crate::catalog::Limits;
use crate::rounds::Rounds;
use crate::secrets::SecretValue;
use crate::state_store::StateStore;

/// The size of all headers of one request or response, in bytes of the host's memory.
const HEADER_BYTES: usize = 32 << 10;

/// The most entries that the host keeps for one handle of the guest: a pollable and what it waits for.
const ENTRIES_PER_HANDLE: usize = 2;

/// The data of one call's store.
pub struct StoreData {
    /// Dropped before everything that requests of the guest depend on.
    _end: Option<EndGuard>,
    wasi: WasiCtx,
    table: ResourceTable,
    http: WasiHttpCtx,
    sender: HttpSender,
    limiter: Limiter,
    events: EventSink,
    log: GuestLog,
    config: Arc<BTreeMap<String, String>>,
    secrets: BTreeMap<String, SecretValue>,
    /// The state of the call; `None` for a plugin without buckets.
    keyvalue: Option<Box<Keyvalue>>,
    denials: Denials,
    attribution: Arc<Attribution>,
    info: Arc<CallInfo>,
    rounds: Rounds,
    clock: Clock,
    deadline: Instant,
    output_bytes: usize,
}

/// The parts of a store's data that differ from call to call.
pub(super) struct StoreInit {
    /// The names for the log.
    pub(super) attribution: Attribution,
    /// The facts that the guest may ask for.
    pub(super) info: Arc<CallInfo>,
    /// The secrets that the guest may read, by key.
    pub(super) secrets: BTreeMap<String, SecretValue>,
    /// The answers and memos of earlier rounds.
    pub(super) rounds: Rounds,
    /// True if the call may run again, after its questions or as a golden case, and must then see the same.
    pub(super) repeats: bool,
    /// The end of its time.
    pub(super) deadline: Instant,
    /// The sink of its events.
    pub(super) events: EventSink,
    /// True if the call may end in a question: what it writes has to wait.
    pub(super) asks: bool,
    /// The state of plugins, where the server keeps any.
    pub(super) state_store: Option<Arc<dyn StateStore>>,
}

impl StoreData {
    /// Creates the data of a call with these grants and limits.
    pub(super) fn new(
        init: StoreInit,
        granted: &Granted,
        http_access: Option<&Arc<HttpAccess>>,
        limits: &Limits,
    ) -> Self {
        let StoreInit { attribution, info, secrets, rounds, repeats, deadline, events, asks, state_store } =
            init;
        let attribution = Arc::new(attribution);
        let log = GuestLog::new(Arc::clone(&attribution), limits.log_bytes);
        let denials = Denials::new(Arc::clone(&attribution));
        let keyvalue = granted.buckets().map(|buckets| {
            Box::new(Keyvalue::new(Arc::clone(buckets), state_store, asks, Arc::clone(&attribution)))
        });
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits.handles.saturating_mul(ENTRIES_PER_HANDLE));
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(HEADER_BYTES);
        let key = (asks && http_access.is_some()).then(|| rounds.state().idempotency_key());
        let (sender, end) = HttpSender::new(http_access, denials.clone(), deadline, key.as_deref());
        let clock = Clock::new(rounds.state().started_ms());
        let repeated = repeats.then(|| (clock.clone(), rounds.state().seed()));
        Self {
            _end: end,
            wasi: wasi(granted, &log, repeated),
            table,
            http,
            sender,
            limiter: Limiter::new(limits),
            events,
            log,
            config: Arc::clone(granted.config()),
            secrets,
            keyvalue,
            denials,
            attribution,
            info,
            rounds,
            clock,
            deadline,
            output_bytes: limits.output_bytes,
        }
    }

    pub(super) fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }

    pub(super) fn limiter(&mut self) -> &mut Limiter {
        &mut self.limiter
    }

    pub(super) fn events(&mut self) -> &mut EventSink {
        &mut self.events
    }

    pub(super) fn log(&self) -> &GuestLog {
        &self.log
    }

    pub(super) fn config(&self) -> &BTreeMap<String, String> {
        &self.config
    }

    /// Returns the secrets that the guest may read, by key.
    pub(super) fn secrets(&self) -> &BTreeMap<String, SecretValue> {
        &self.secrets
    }

    /// Returns the state of the call, to open a bucket.
    pub(super) fn keyvalue(&self) -> Option<&Keyvalue> {
        self.keyvalue.as_deref()
    }

    /// Returns the state of the call.
    pub(super) fn keyvalue_of_call(&mut self) -> Option<&mut Keyvalue> {
        self.keyvalue.as_deref_mut()
    }

    pub(super) fn denials(&self) -> &Denials {
        &self.denials
    }

    /// Returns what sends requests to other hosts.
    pub(super) fn sender(&self) -> &HttpSender {
        &self.sender
    }

    /// Reports what requests to other hosts have used.
    pub(super) fn http_usage(&self) -> Option<HttpUsage> {
        self.sender.usage()
    }

    pub(super) fn info(&self) -> &CallInfo {
        &self.info
    }

    pub(super) fn rounds(&mut self) -> &mut Rounds {
        &mut self.rounds
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Returns the most bytes that the call may answer with.
    pub(super) fn output_bytes(&self) -> usize {
        self.output_bytes
    }

    pub(super) fn request(&self) -> &str {
        &self.attribution.request
    }
}

/// Sets up everything that `wasi:*` shows to the guest; the rest is empty or closed.
fn wasi(granted: &Granted, log: &GuestLog, repeated: Option<(Clock, [u8; 32])>) -> WasiCtx {
    let mut builder = WasiCtxBuilder::new();
    builder
        .envs(granted.environment())
        .stdout(log.stdout())
        .stderr(log.stderr())
        .allow_tcp(false)
        .allow_udp(false)
        .allow_ip_name_lookup(false)
        .socket_addr_check(|_, _| Box::pin(async { false }))
        .allow_blocking_current_thread(false);
    if let Some((clock, seed)) = repeated {
        replay::repeat(&mut builder, clock, seed);
    }
    let mut wasi = builder.build();
    *wasi.filesystem() = WasiFilesystemCtx::clone(granted.filesystem());
    wasi
}

impl WasiView for StoreData {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for StoreData {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.sender, table: &mut self.table, ctx: &mut self.http }
    }
}

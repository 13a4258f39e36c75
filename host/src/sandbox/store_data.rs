//! What one call has: the data of its store, made for it and dropped with it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use wasmtime::component::ResourceTable;
use wasmtime_wasi::filesystem::WasiFilesystemCtx;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::attribution::Attribution;
use super::call_info::CallInfo;
use super::closed_http::ClosedHttp;
use super::denial::Denials;
use super::event::EventSink;
use super::grant::Granted;
use super::guest_log::GuestLog;
use super::limiter::Limiter;
use super::replay::{self, Clock};
use crate::catalog::Limits;
use crate::rounds::Rounds;

/// Size of all headers of one request or response, in bytes of the host's memory.
const HEADER_BYTES: usize = 32 << 10;

/// Entries that the host keeps for one handle of the guest, at most: a pollable and what it waits for.
const ENTRIES_PER_HANDLE: usize = 2;

/// The data of one call's store.
pub struct StoreData {
    wasi: WasiCtx,
    table: ResourceTable,
    http: WasiHttpCtx,
    sender: ClosedHttp,
    limiter: Limiter,
    events: EventSink,
    log: GuestLog,
    config: Arc<BTreeMap<String, String>>,
    denials: Denials,
    attribution: Arc<Attribution>,
    info: Arc<CallInfo>,
    rounds: Rounds,
    clock: Clock,
    deadline: Instant,
}

/// What a call has beyond its plugin's grants and limits.
pub(super) struct StoreInit {
    /// Whose it is, for the log.
    pub(super) attribution: Attribution,
    /// What the guest may know of it.
    pub(super) info: Arc<CallInfo>,
    /// What earlier rounds have left.
    pub(super) rounds: Rounds,
    /// Whether it may run again, after its questions or in another test, and must then see what it saw.
    pub(super) repeats: bool,
    /// When it ends.
    pub(super) deadline: Instant,
    /// Where its events go.
    pub(super) events: EventSink,
}

impl StoreData {
    /// Makes the data of a call that may reach what was granted, and use what `limits` say.
    pub(super) fn new(init: StoreInit, granted: &Granted, limits: &Limits) -> Self {
        let StoreInit { attribution, info, rounds, repeats, deadline, events } = init;
        let attribution = Arc::new(attribution);
        let log = GuestLog::new(Arc::clone(&attribution), limits.log_bytes);
        let denials = Denials::new(Arc::clone(&attribution));
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits.handles.saturating_mul(ENTRIES_PER_HANDLE));
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(HEADER_BYTES);
        let clock = Clock::new(rounds.state().started_ms());
        let repeated = repeats.then(|| (clock.clone(), rounds.state().seed()));
        Self {
            wasi: wasi(granted, &log, repeated),
            table,
            http,
            sender: ClosedHttp::new(denials.clone()),
            limiter: Limiter::new(limits),
            events,
            log,
            config: Arc::clone(granted.config()),
            denials,
            attribution,
            info,
            rounds,
            clock,
            deadline,
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

    pub(super) fn denials(&self) -> &Denials {
        &self.denials
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

    pub(super) fn request(&self) -> &str {
        &self.attribution.request
    }
}

/// Everything that `wasi:*` shows to the guest; what is not set here is empty or closed.
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

//! Runs one call: a store and an instance of its own, limits armed, everything dropped at the end.

use std::collections::BTreeMap;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::{Duration, Instant};

use wasmtime::component::Func;
use wasmtime::{Store, UpdateDeadline};

use super::attribution::Attribution;
use super::call_info::CallInfo;
use super::denial::Denial;
use super::engine::Turn;
use super::event::{EventSink, Listener, truncate};
use super::failure::{Cause, Crash, GuestFailure, cause};
use super::holder::Holder;
use super::outbound::HttpUsage;
use super::plugin::{LinkedFunction, LoadedPlugin};
use super::store_data::{StoreData, StoreInit};
use super::suspend::Suspend;
use crate::catalog::{FunctionEntry, Limits};
use crate::rounds::Rounds;
use crate::secrets::SecretValue;

/// The most bytes of an error's text in the log: a component may have megabytes of names for its backtrace.
const DETAIL_BYTES: usize = 2 << 10;

/// Describes a call, apart from its plugin.
pub struct CallSetup<'a> {
    /// The function, one of those that the plugin was loaded with.
    pub function: FunctionEntry<'a>,
    /// The server's id of the request, for the log.
    pub request: &'a str,
    /// The latest end, if it comes before the tool's own deadline.
    pub not_after: Option<Instant>,
    /// The receiver of progress and messages while the call runs.
    pub listener: Option<Listener>,
    /// The facts that the guest may ask for.
    pub info: Arc<CallInfo>,
    /// The secrets that the guest may read, by their keys of `wasi:config/store`.
    pub secrets: BTreeMap<String, SecretValue>,
    /// The answers and memos of earlier rounds.
    pub rounds: Rounds,
}

/// The end of a call.
#[derive(Debug)]
pub struct CallResult<R, E> {
    /// The value that it returned, or the reason why it returned none.
    pub result: Result<R, GuestFailure<E>>,
    /// The resources that it used.
    pub usage: Usage,
}

/// Counts the resources that a call used, for the log.
#[derive(Clone, Debug, Default)]
pub struct Usage {
    /// Time to create store and instance.
    pub instantiate: Duration,
    /// Time in the guest, and time to lower its arguments and lift its result.
    pub run: Duration,
    /// The most linear memory at any time, in bytes.
    pub peak_memory_bytes: usize,
    /// Notifications that were not sent, because they were too many or too fast for the client.
    pub dropped_events: usize,
    /// The first access that was denied, even if the guest coped with that.
    pub denied: Option<Denial>,
    /// Requests to other hosts, if there were any.
    pub http: Option<HttpUsage>,
}

/// Tells why the closure of [`LoadedPlugin::call`] stopped.
#[derive(Debug)]
pub enum Interrupt<E> {
    /// wasmtime ended the guest; [`LoadedPlugin::call`] finds the cause.
    Guest(wasmtime::Error),
    /// The closure itself refused.
    Caller(E),
}

/// The future that the closure of [`LoadedPlugin::call`] returns.
pub type Run<'s, R, E> = Pin<Box<dyn Future<Output = Result<R, Interrupt<E>>> + Send + 's>>;

impl LoadedPlugin {
    /// Runs one call of a function that this plugin has linked, in a fresh store and instance, both dropped before it
    /// returns.
    ///
    /// `run` lowers the arguments, calls the function and lifts its result. It runs once, within the
    /// deadline, and must use only the asynchronous API of wasmtime. Dropping the returned future at any
    /// moment ends the guest and frees everything that it had.
    pub async fn call<R, E>(
        &self,
        function: &LinkedFunction,
        setup: CallSetup<'_>,
        run: impl for<'s> FnOnce(&'s mut Store<StoreData>, Func) -> Run<'s, R, E> + Send,
    ) -> CallResult<R, E> {
        let start = Instant::now();
        let FunctionEntry { name, limits, .. } = setup.function;
        let budget = budget(limits, setup.not_after, start);
        let attribution = self.attribution(&setup);
        let mut usage = Usage::default();
        if budget.is_zero() {
            // Not even a tick: the platform is about to end the process.
            return CallResult { result: Err(GuestFailure::Deadline(budget)), usage };
        }
        let Ok(_running) = self.ticker.run() else {
            tracing::error!(tool = name, "no thread is left");
            return CallResult { result: Err(GuestFailure::Start), usage };
        };
        let holder = Holder::new(&self.plugin, setup.info.principal.as_deref());
        let Some(_slot) = within(start + budget, self.slots.acquire(&holder)).await else {
            let Attribution { plugin, tool, request } = &attribution;
            tracing::warn!(plugin, tool, request, "the call got no slot in time: other calls hold them");
            return CallResult { result: Err(GuestFailure::Deadline(budget)), usage };
        };
        let turn = self.turns.join(&holder);
        let init = StoreInit {
            attribution: attribution.clone(),
            info: setup.info,
            secrets: setup.secrets,
            repeats: self.asks || setup.rounds.is_replayed(),
            rounds: setup.rounds,
            deadline: start + budget,
            events: EventSink::new(setup.listener, limits.notifications),
            asks: self.asks,
            state_store: self.state_store.clone(),
        };
        let state = StoreData::new(init, &self.granted, self.http.as_ref(), limits);
        let store = Store::new(function.instance.engine(), state);
        let mut store = arm(store, limits, start + budget);

        let time = CallTime { start, deadline: start + budget, turn };
        let result = drive(&mut store, function, &time, &mut usage, run)
            .await
            .map_err(|end| end.explain(&attribution, store.data_mut(), budget));
        let result = match result {
            Ok(result) => commit(store.data_mut(), time.deadline, budget).await.map(|()| result),
            Err(failure) => Err(failure),
        };
        finish(store, &mut usage);
        CallResult { result, usage }
    }

    fn attribution(&self, setup: &CallSetup<'_>) -> Attribution {
        Attribution {
            plugin: self.plugin.to_string(),
            tool: setup.function.name.to_owned(),
            request: setup.request.to_owned(),
        }
    }
}

/// The time of a call: the clock's, and the processor's.
struct CallTime {
    start: Instant,
    deadline: Instant,
    turn: Turn,
}

impl CallTime {
    /// Awaits a future that computes, until the deadline; waiting for a turn counts.
    async fn limit<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        within(self.deadline, self.turn.run(future)).await
    }
}

/// Tells how a call ended without a result.
enum CallEnd<E> {
    Deadline,
    Start(wasmtime::Error),
    Run(Interrupt<E>),
}

/// Creates the instance and runs the call in it.
async fn drive<R, E>(
    store: &mut Store<StoreData>,
    function: &LinkedFunction,
    time: &CallTime,
    usage: &mut Usage,
    run: impl for<'s> FnOnce(&'s mut Store<StoreData>, Func) -> Run<'s, R, E> + Send,
) -> Result<R, CallEnd<E>> {
    // Pinned here: each function that takes a future by value holds it twice.
    let instance = time.limit(pin!(function.instance.instantiate_async(&mut *store))).await;
    usage.instantiate = time.start.elapsed();
    let instance = instance.ok_or(CallEnd::Deadline)?.map_err(CallEnd::Start)?;
    let function = instance
        .get_func(&mut *store, function.index)
        .ok_or_else(|| CallEnd::Start(wasmtime::format_err!("the export is not a function")))?;
    let result = time.limit(run(store, function)).await;
    usage.run = time.start.elapsed() - usage.instantiate;
    result.ok_or(CallEnd::Deadline)?.map_err(CallEnd::Run)
}

impl<E> CallEnd<E> {
    /// Finds the failure that the caller sees, and writes the details to the log.
    fn explain(self, attribution: &Attribution, state: &mut StoreData, budget: Duration) -> GuestFailure<E> {
        let (error, other) = match self {
            CallEnd::Deadline => return GuestFailure::Deadline(budget),
            CallEnd::Run(Interrupt::Caller(error)) => return GuestFailure::Caller(error),
            CallEnd::Start(error) => (error, GuestFailure::Start),
            CallEnd::Run(Interrupt::Guest(error)) => (error, GuestFailure::Trapped(Crash::Other)),
        };
        if let Some(suspend) = error.downcast_ref::<Suspend>() {
            if matches!(suspend, Suspend::Asks(_)) {
                state.sender().report_repetition();
            }
            return GuestFailure::Suspended(suspend.clone());
        }
        log(attribution, &error);
        failure(&error, state, budget).unwrap_or(other)
    }
}

/// Writes the state that a call which may ask has kept until it returned.
async fn commit<E>(
    state: &mut StoreData,
    deadline: Instant,
    budget: Duration,
) -> Result<(), GuestFailure<E>> {
    let Some(keyvalue) = state.keyvalue_of_call() else { return Ok(()) };
    let Some(committed) = within(deadline, Box::pin(keyvalue.commit())).await else {
        keyvalue.report_late();
        return Err(GuestFailure::Deadline(budget));
    };
    committed.map_err(GuestFailure::State)
}

/// Returns the time that the call has from its start.
fn budget(limits: &Limits, not_after: Option<Instant>, start: Instant) -> Duration {
    let own = Duration::from_millis(limits.deadline_ms);
    not_after.map_or(own, |end| own.min(end.saturating_duration_since(start)))
}

/// Sets every limit that wasmtime enforces.
fn arm(mut store: Store<StoreData>, limits: &Limits, deadline: Instant) -> Store<StoreData> {
    store.limiter(|state| state.limiter());
    store.set_hostcall_fuel(limits.hostcall_bytes);
    store.set_max_component_handles(limits.handles);
    store.set_epoch_deadline(1);
    // The clock decides, not the number of ticks: on a busy machine they come late.
    store.epoch_deadline_callback(move |_| {
        Ok(match Instant::now() < deadline {
            true => UpdateDeadline::Yield(1),
            false => UpdateDeadline::Interrupt,
        })
    });
    store
}

/// Awaits a future until the deadline: the epoch stops a guest that computes, this one that sleeps.
async fn within<T>(deadline: Instant, future: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout_at(deadline.into(), future).await.ok()
}

/// Finds why wasmtime ended the guest, from its error and from what the store has recorded.
fn failure<E>(error: &wasmtime::Error, state: &mut StoreData, budget: Duration) -> Option<GuestFailure<E>> {
    let cause = cause(error);
    match cause {
        Cause::Interrupted => return Some(GuestFailure::Deadline(budget)),
        Cause::Exceeded(limit) => return Some(GuestFailure::Exceeded(limit)),
        _ => {}
    }
    if let Some(limit) = state.limiter().refused() {
        return Some(GuestFailure::Exceeded(limit));
    }
    if let Some(denial) = state.denials().first() {
        return Some(GuestFailure::Denied(denial));
    }
    match cause {
        Cause::Exited(code) => Some(GuestFailure::Exited(code)),
        Cause::Crashed(crash) => Some(GuestFailure::Trapped(crash)),
        _ => None,
    }
}

/// Logs the error, escaped, because the guest chooses the names in its backtrace.
fn log(attribution: &Attribution, error: &wasmtime::Error) {
    let Attribution { plugin, tool, request } = attribution;
    let detail = truncate(format!("{error:#}"), DETAIL_BYTES);
    tracing::warn!(plugin, tool, request, ?detail, "the guest was ended");
}

fn finish(mut store: Store<StoreData>, usage: &mut Usage) {
    let state = store.data_mut();
    state.log().finish();
    usage.peak_memory_bytes = state.limiter().peak_memory_bytes();
    usage.dropped_events = state.events().dropped();
    usage.denied = state.denials().first();
    usage.http = state.http_usage();
}

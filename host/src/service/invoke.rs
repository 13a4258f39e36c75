//! Calls a plugin's function for a request; the function may speak before it ends, and may ask the user.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::mpsc::{self, Receiver};

use super::Service;
use super::answer::Answer;
use super::call_task::Running;
use super::catch_panic::{CatchPanic, Panicked};
use super::quiet::first_of;
use super::request::{Invocation, PluginRequest, RequestBinding};
use super::request_state::{Purpose, StateSealer};
use super::result::{self, Response, ResultKind, ResultWriter};
use super::stream::Notifier;
use super::test_hook::TestPanic;
use crate::call::{Call, Report, Runner, now_ms};
use crate::catalog::FunctionRef;
use crate::mcp::Level;
use crate::outcome::{self, CallOutcome, ClientOutcome, ErrorType, LogContext};
use crate::protocol::render::{Outcome, Renderer};
use crate::protocol::{Accept, Era, Fault, Head, Input, ParamsError, Rejection};
use crate::rounds::{CallState, Responses};
use crate::sandbox::{CallInfo, Event, Listener, Subscription};

/// Most events that wait for a slow client.
const EVENT_BUFFER: usize = 32;

/// The level of messages to a legacy client that has set none: over HTTP it sets one in another request, which a stateless
/// server forgets.
const LEGACY_LEVEL: Level = Level::Info;

/// A call on its way, with everything that its answer needs.
struct PendingCall {
    runner: Arc<Runner>,
    renderer: Arc<Renderer>,
    head: Head,
    function: FunctionRef,
    result: ResultKind,
    log_context: LogContext,
    sealer: Option<StateSealer>,
    test_panic: TestPanic,
}

impl Service {
    /// Calls a plugin's function; the answer may be streamed, and may be questions for the user.
    pub(super) async fn invoke(&self, request: PluginRequest<'_>, invocation: Invocation) -> Answer {
        let Invocation { function, arguments, result, binding, input, confirm } = invocation;
        let sealer = self.sealer(&request, &function, &binding);
        let target = binding.target; // the arguments must not outlive their decoding
        let token = input.state.clone();
        let resumed = match resume(&request, sealer.as_ref(), input).await {
            Ok(resumed) => resumed,
            Err(fault) => return request.refuse(fault),
        };
        if let Some(token) = token
            && let Err(used) = self.use_answer(&request, &target, confirm, &token).await
        {
            return used;
        }
        let (listener, events) = listen(&request).unzip();
        let call = Call { listener, resumed, ..call(&request, function.clone(), arguments) };
        let pending = PendingCall {
            runner: Arc::clone(&self.runner),
            renderer: Arc::clone(&self.renderer),
            head: request.head.clone(),
            function,
            result,
            log_context: request.log_context(),
            sealer,
            test_panic: TestPanic::asked(&request.parts.headers),
        };
        let logger = pending.plugin().to_owned();
        let panicked = Rejection::new(Fault::Internal, &request.head);
        let notifier = Notifier { token: request.meta.progress_token, logger, panicked };
        let running: Running = Box::pin(pending.run(call));
        match request.accept {
            Accept::Json => running.await.map_or_else(Answer::from, Answer::Json),
            Accept::EventStream | Accept::Either => first_of(running, events, notifier, self.heartbeat).await,
        }
    }

    /// Calls a plugin's function for a part of a list, or for completions: without stream, without questions. The call
    /// ends at `not_after`, if that comes before its deadline.
    ///
    /// # Errors
    /// Fails with the error for the client if the function fails or refuses.
    pub(super) async fn query(
        &self,
        request: &PluginRequest<'_>,
        function: FunctionRef,
        arguments: Bytes,
        not_after: Option<Instant>,
    ) -> Result<Bytes, Fault> {
        let started = Instant::now();
        let info = CallInfo { questions: None, ..request.call_info() };
        let call = Call { info: Arc::new(info), not_after, ..call(request, function.clone(), arguments) };
        let report = CatchPanic::new(self.runner.run(call)).await;
        let outcome = outcome_of(&report);
        let report = report.as_ref().ok();
        let value = result::value(&outcome.client);
        let error =
            value.as_ref().err().map(|fault| ErrorType::Code(fault.code(request.head.revision.era())));
        outcome::log(&function, &request.log_context(), started.elapsed(), report, &outcome, error);
        value
    }

    /// Makes what seals the call's state, where the plugin may ask and the client's revision lets it.
    fn sealer(
        &self,
        request: &PluginRequest<'_>,
        function: &FunctionRef,
        binding: &RequestBinding,
    ) -> Option<StateSealer> {
        let can_ask = function.plugin().asks && request.head.revision.can_ask();
        can_ask.then(|| StateSealer::new(&self.keyring, request, function, binding, Purpose::Rounds))
    }
}

impl PendingCall {
    /// Returns the name of the plugin.
    fn plugin(&self) -> &str {
        &self.function.plugin().name
    }

    /// Returns a writer of the call's response.
    fn writer(&self) -> ResultWriter<'_> {
        let plugin = self.plugin();
        let limit_bytes = self.function.entry().limits.output_bytes;
        ResultWriter { renderer: &self.renderer, head: &self.head, kind: &self.result, plugin, limit_bytes }
    }

    /// Runs the call to its end: the JSON-RPC response, or a refusal with its own status.
    async fn run(self, call: Call) -> Result<Bytes, Rejection> {
        let started = Instant::now();
        let not_after = call.not_after;
        let running = async {
            self.test_panic.while_calling();
            self.runner.run(call).await
        };
        let report = CatchPanic::new(running).await;
        let outcome = outcome_of(&report);
        let report = report.as_ref().ok();
        let response = match (&outcome.client, &self.sealer) {
            (ClientOutcome::Asks(pending), Some(sealer)) => {
                let state = sealer.seal(&pending.state, not_after).await;
                let requests = pending.requests.as_bytes();
                state.map(|state| {
                    Response::success(self.renderer.input_required(&self.head, requests, &state))
                })
            }
            (client, _) => self.writer().response(client),
        };
        let error = error_type(&response, self.head.revision.era());
        outcome::log(&self.function, &self.log_context, started.elapsed(), report, &outcome, error);
        match response {
            Ok(response) => Ok(response.json),
            Err(fault) => Err(Rejection::new(fault, &self.head)),
        }
    }
}

/// Makes the call that answers a request: no client listens to it, and it starts a first round.
fn call(request: &PluginRequest<'_>, function: FunctionRef, arguments: Bytes) -> Call {
    let context = request.context();
    Call {
        request: context.request_id.clone(),
        not_after: context.not_after,
        replay: context.replay,
        info: Arc::new(request.call_info()),
        ..Call::new(function, arguments)
    }
}

/// Opens the state that a client brings from an earlier round, with its answers; nothing in a first round.
async fn resume(
    request: &PluginRequest<'_>,
    sealer: Option<&StateSealer>,
    input: Input,
) -> Result<Option<(CallState, Responses)>, Fault> {
    let Some(token) = &input.state else { return Ok(None) };
    // A plugin that never asks has sealed nothing.
    let Some(sealer) = sealer else { return Err(ParamsError::State.into()) };
    let context = request.context();
    let now_ms = context.replay.map_or_else(now_ms, |replay| replay.now_ms);
    let state = sealer.open(token, context.not_after, now_ms).await?;
    Ok(Some((state, responses(&input)?)))
}

/// Reads the answers that a client brings.
pub(super) fn responses(input: &Input) -> Result<Responses, Fault> {
    match &input.responses {
        Some(json) => serde_json::from_slice(json).map_err(|_| ParamsError::State.into()),
        None => Ok(Responses::new()),
    }
}

/// Returns what a client reads as an error.
fn error_type(response: &Result<Response, Fault>, era: Era) -> Option<ErrorType> {
    match response {
        Ok(Response { outcome: Outcome::Success, .. }) => None,
        Ok(Response { outcome: Outcome::Failure, .. }) => Some(ErrorType::Tool),
        Err(fault) => Some(ErrorType::Code(fault.code(era))),
    }
}

fn outcome_of(report: &Result<Report, Panicked>) -> CallOutcome<'_> {
    match report {
        Ok(report) => CallOutcome::of(report),
        Err(Panicked) => CallOutcome::PANICKED,
    }
}

/// Opens the channel of the call's events; returns `None` where the client wants or takes none.
fn listen(request: &PluginRequest<'_>) -> Option<(Listener, Receiver<Event>)> {
    let level = match request.head.revision.era() {
        Era::Modern => request.meta.level,
        Era::Legacy => Some(request.meta.level.unwrap_or(LEGACY_LEVEL)),
    };
    let wants_progress = request.meta.progress_token.is_some();
    if request.accept == Accept::Json || !wants_progress && level.is_none() {
        return None;
    }
    let (events, receiver) = mpsc::channel(EVENT_BUFFER);
    let progress = if wants_progress { Subscription::Wanted } else { Subscription::Unwanted };
    Some((Listener { events, progress, level }, receiver))
}

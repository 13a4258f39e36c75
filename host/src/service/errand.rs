//! A request on its way to a function of a plugin, and what the function says on its way back.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::mpsc::{self, Receiver};

use super::admission::Incoming;
use super::answer::Answer;
use super::guard::{Guarded, Panicked};
use super::hook::Panic;
use super::reply::{Rendering, Reply};
use super::seal::Sealer;
use super::stream::{EventStream, KEEP_ALIVE, Notifier, Running, to_sandbox};
use super::{Context, Service};
use crate::call::{Call, Report, Runner, now_ms};
use crate::catalog::FunctionRef;
use crate::outcome::{self, CallOutcome, ClientOutcome, LogContext};
use crate::protocol::render::Renderer;
use crate::protocol::{Accept, Era, Fault, Head, Input, Level, Meta, ParamsError, Rejection};
use crate::rounds::{CallState, Responses};
use crate::sandbox::{CallInfo, Event, Listener, QuestionKinds, Subscription};

/// Events that may wait for a slow client.
const EVENT_BUFFER: usize = 32;

/// What a legacy client is sent when it cannot say what it wants: a stateless server forgets the level.
const LEGACY_LEVEL: Level = Level::Info;

/// A request that a function of a plugin is to answer.
#[derive(Debug)]
pub(super) struct Errand<'r> {
    pub(super) incoming: Incoming<'r>,
    pub(super) head: Head,
    pub(super) meta: Meta,
    pub(super) accept: Accept,
}

/// What the function is to do.
#[derive(Debug)]
pub(super) struct Task {
    /// The function.
    pub(super) place: FunctionRef,
    /// Its arguments, a JSON object.
    pub(super) arguments: Bytes,
    /// How what it returns becomes the answer.
    pub(super) reply: Reply,
}

/// What makes a later round the same call: the name or URI, and the arguments, as the client wrote them.
#[derive(Debug)]
pub(super) struct Subject<'s> {
    pub(super) method: &'static str,
    pub(super) target: &'s str,
    pub(super) arguments: &'s [u8],
}

/// Everything that answering needs once the call is over; it lives inside the response.
struct Answering {
    runner: Arc<Runner>,
    renderer: Arc<Renderer>,
    head: Head,
    log_context: LogContext,
    place: FunctionRef,
    reply: Reply,
    sealer: Option<Sealer>,
    panic: Panic,
}

impl Service {
    /// Has a function answer a request that may be streamed and may ask.
    pub(super) async fn run(
        &self,
        errand: Errand<'_>,
        task: Task,
        subject: Subject<'_>,
        input: Input,
    ) -> Answer {
        let sealer = self.sealer(&errand, task.place, &subject);
        let resumed = match self.resume(&errand, sealer.as_ref(), input).await {
            Ok(resumed) => resumed,
            Err(fault) => return Rejection::new(fault, &errand.head).into(),
        };
        let Task { place, arguments, reply } = task;
        let level = match errand.head.revision.era() {
            Era::Modern => errand.meta.level,
            Era::Legacy => Some(LEGACY_LEVEL),
        };
        let wants_events =
            errand.accept != Accept::Json && (errand.meta.progress_token.is_some() || level.is_some());
        let (listener, events) = if wants_events { listen(&errand.meta, level) } else { (None, None) };
        let call = Call { listener, resumed, ..self.call(&errand, place, arguments) };
        let answering = Answering {
            runner: Arc::clone(&self.runner),
            renderer: Arc::clone(&self.renderer),
            head: errand.head.clone(),
            log_context: log_context(&errand),
            place,
            reply,
            sealer,
            panic: Panic::asked(&errand.incoming.parts.headers),
        };
        let logger = self.runner.index().plugin(self.runner.index().function(place)).name.clone();
        let notifier = Notifier { token: errand.meta.progress_token, logger, head: errand.head };
        let running: Running = Box::pin(answering.answer(call));
        match events {
            Some(events) => first_of(running, events, notifier).await,
            None => running.await.map_or_else(Answer::from, Answer::Json),
        }
    }

    /// Has a function say something for a list or a proposal: without stream, without questions.
    ///
    /// # Errors
    /// What the client is told where the function fails or says no.
    pub(super) async fn consult(
        &self,
        errand: &Errand<'_>,
        place: FunctionRef,
        arguments: Bytes,
    ) -> Result<Bytes, Fault> {
        let started = Instant::now();
        let mut call = self.call(errand, place, arguments);
        call.info = Arc::new(CallInfo { questions: None, ..CallInfo::clone(&call.info) });
        let report = Guarded::new(self.runner.run(call)).await;
        let outcome = outcome(&report);
        let report = report.as_ref().ok();
        outcome::log(self.runner.index(), place, &log_context(errand), started.elapsed(), report, &outcome);
        Reply::value(&outcome.client)
    }

    fn call(&self, errand: &Errand<'_>, place: FunctionRef, arguments: Bytes) -> Call {
        let context = errand.incoming.parts.extensions.get::<Context>();
        Call {
            request: context.and_then(|context| context.request_id.clone()),
            not_after: context.and_then(|context| context.not_after),
            replay: context.and_then(|context| context.replay),
            info: Arc::new(call_info(errand)),
            ..Call::new(place, arguments)
        }
    }

    /// What earlier rounds have left, and what the client answers; nothing for a first round.
    async fn resume(
        &self,
        errand: &Errand<'_>,
        sealer: Option<&Sealer>,
        input: Input,
    ) -> Result<Option<(CallState, Responses)>, Fault> {
        let Some(state) = input.state else { return Ok(None) };
        // A plugin that never asks has sealed nothing.
        let Some(sealer) = sealer else { return Err(ParamsError::State.into()) };
        let context = errand.incoming.parts.extensions.get::<Context>();
        let replay = context.and_then(|context| context.replay);
        let now_ms = replay.map_or_else(now_ms, |replay| replay.now_ms);
        let state = sealer.open(&state, context.and_then(|context| context.not_after), now_ms).await?;
        let responses = match &input.responses {
            Some(json) => serde_json::from_slice(json).map_err(|_| ParamsError::State)?,
            None => Responses::new(),
        };
        Ok(Some((state, responses)))
    }

    fn sealer(&self, errand: &Errand<'_>, place: FunctionRef, subject: &Subject<'_>) -> Option<Sealer> {
        let index = self.runner.index();
        let plugin = index.plugin(index.function(place));
        let can_ask = plugin.asks && errand.head.revision.can_ask();
        can_ask.then(|| {
            let revision = errand.head.revision.name();
            Sealer::new(&self.keyring, errand.incoming.principal, plugin.component, subject, revision)
        })
    }
}

impl Answering {
    /// Runs the call to its end: the JSON-RPC response, or a refusal with its own status.
    async fn answer(self, call: Call) -> Result<Bytes, Rejection> {
        let started = Instant::now();
        let not_after = call.not_after;
        let calling = async {
            self.panic.while_calling();
            self.runner.run(call).await
        };
        let report = Guarded::new(calling).await;
        let outcome = outcome(&report);
        let (index, report) = (self.runner.index(), report.as_ref().ok());
        outcome::log(index, self.place, &self.log_context, started.elapsed(), report, &outcome);
        let answered = match (&outcome.client, &self.sealer) {
            (ClientOutcome::Asks(asking), Some(sealer)) => sealer
                .seal(&asking.state, not_after)
                .await
                .map(|state| self.renderer.input_required(&self.head, asking.requests.as_bytes(), &state)),
            (said, _) => {
                let plugin = &index.plugin(index.function(self.place)).name;
                self.reply.response(Rendering { renderer: &self.renderer, head: &self.head, plugin }, said)
            }
        };
        answered.map_err(|fault| Rejection::new(fault, &self.head))
    }
}

fn outcome(report: &Result<Report, Panicked>) -> CallOutcome<'_> {
    match report {
        Ok(report) => CallOutcome::of(report),
        Err(Panicked) => CallOutcome::PANICKED,
    }
}

/// What a guest may know of its call.
fn call_info(errand: &Errand<'_>) -> CallInfo {
    let Errand { incoming, head, meta, .. } = errand;
    let scopes = incoming.principal.scopes();
    let questions = meta.capabilities.questions();
    CallInfo {
        principal: incoming.principal.name().map(str::to_owned),
        scopes: scopes.iter().map(ToString::to_string).collect(),
        traceparent: meta.trace.traceparent.clone(),
        tracestate: meta.trace.tracestate.clone(),
        baggage: meta.trace.baggage.clone(),
        revision: head.revision.name(),
        client: meta.client.as_ref().map(|client| (client.name.clone(), client.version.clone())),
        capabilities: Bytes::copy_from_slice(meta.capabilities.json()),
        questions: head.revision.can_ask().then_some(QuestionKinds {
            form: questions.form,
            url: questions.url,
            sample: questions.sample,
            roots: questions.roots,
        }),
    }
}

fn log_context(errand: &Errand<'_>) -> LogContext {
    let context = errand.incoming.parts.extensions.get::<Context>();
    LogContext {
        request: context.and_then(|context| context.request_id.clone()),
        traceparent: errand.meta.trace.traceparent.clone(),
        trace: context.and_then(|context| context.trace.clone()),
        principal: errand.incoming.principal.name().map(str::to_owned),
    }
}

fn listen(meta: &Meta, level: Option<Level>) -> (Option<Listener>, Option<Receiver<Event>>) {
    let (events, receiver) = mpsc::channel(EVENT_BUFFER);
    let progress = if meta.progress_token.is_some() { Subscription::Wanted } else { Subscription::Unwanted };
    (Some(Listener { events, progress, level: level.map(to_sandbox) }), Some(receiver))
}

/// Answers with JSON if the call ends before it says anything, else with a stream.
async fn first_of(mut running: Running, mut events: Receiver<Event>, notifier: Notifier) -> Answer {
    let first = tokio::select! {
        biased;
        Some(event) = events.recv() => Some(event),
        answered = &mut running => match events.try_recv() {
            // It spoke and ended in one go.
            Ok(event) => {
                running = Box::pin(std::future::ready(answered));
                Some(event)
            }
            Err(_) => return answered.map_or_else(Answer::from, Answer::Json),
        },
        () = tokio::time::sleep(KEEP_ALIVE) => None,
    };
    Answer::Events(EventStream::new(running, events, notifier, first))
}

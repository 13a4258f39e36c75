//! `tools/list` and `tools/call`.

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use serde_json::value::RawValue;
use tokio::sync::mpsc::{self, Receiver};

use super::admission::Incoming;
use super::answer::Answer;
use super::guard::{Guarded, Panicked};
use super::hook::Panic;
use super::stream::{EventStream, KEEP_ALIVE, Notifier, Running, to_sandbox};
use super::{Context, Service};
use crate::auth::Principal;
use crate::call::{Call, Host};
use crate::catalog::{Detail, Place, Tool};
use crate::protocol::render::{CacheScope, CallToolResult, Content, List, Outcome, Renderer};
use crate::protocol::{
    Accept, CallTool, Era, Fault, Head, Level, Meta, ParamHeader, Position, Rejection, Revision,
    check_param_headers,
};
use crate::rescue::{self, Origin, Said};
use crate::sandbox::{Event, Interest, Listener};

/// Under which name tools are listed.
const TOOLS: &str = "tools";

/// Events that may wait for a slow client.
const EVENT_BUFFER: usize = 32;

/// What a legacy client is sent when it cannot say what it wants: a stateless server forgets the level.
const LEGACY_LEVEL: Level = Level::Info;

impl Service {
    pub(super) fn list_tools(&self, principal: &Principal, head: &Head, cursor: Option<&str>) -> Answer {
        let start = match cursor.map(|cursor| self.cursors.read(TOOLS, cursor)).transpose() {
            Ok(position) => position.unwrap_or_default().offset,
            Err(fault) => return Rejection::new(fault, head).into(),
        };
        let detail = if head.revision.has_structured_content() { Detail::Full } else { Detail::Plain };
        let index = self.host.index();
        let (page, cache_scope) = match index.is_uniform() {
            true => (index.page(start, detail), CacheScope::Public),
            false => (index.page_for(principal.scopes(), start, detail), CacheScope::Private),
        };
        let Some(page) = page else {
            let fault =
                Fault::Params("params.cursor: no page starts there; list again from the start".to_owned());
            return Rejection::new(fault, head).into();
        };
        let next = page.next.map(|next| self.cursors.write(TOOLS, &Position { offset: next, inner: None }));
        let list = List { member: TOOLS, items: &page.tools, next_cursor: next.as_deref(), cache_scope };
        Answer::Json(self.renderer.list(head, list))
    }

    pub(super) async fn call_tool(
        &self,
        incoming: Incoming<'_>,
        head: Head,
        meta: Meta,
        accept: Accept,
        call: CallTool,
    ) -> Answer {
        let Incoming { parts, principal } = incoming;
        if let Err(rejection) = self.authorize(principal, &call.name, &head) {
            return rejection.into();
        }
        let (place, tool) = match self.admit_call(parts, &head, &meta, &call) {
            Ok(found) => found,
            // A handshake's capabilities are forgotten: an older client can only be told so.
            Err(Fault::Capability { required }) if head.revision.era() == Era::Legacy => {
                let text = needs_capability(&required);
                let called =
                    CallToolResult { outcome: Outcome::Failure, content: Content::Text(&text), meta: None };
                return Answer::Json(self.renderer.call_tool(&head, &called));
            }
            Err(fault) => return Rejection::new(fault, &head).into(),
        };
        let logger = self.host.index().plugin(tool).name.clone();
        let level = match head.revision.era() {
            Era::Modern => meta.level,
            Era::Legacy => Some(LEGACY_LEVEL),
        };
        let wants_events = accept != Accept::Json && (meta.progress_token.is_some() || level.is_some());
        let (listener, events) = if wants_events { listen(&meta, level) } else { (None, None) };
        let context = parts.extensions.get::<Context>().cloned().unwrap_or_default();
        let request = context.request_id.clone();
        let call = Call {
            place: Place::Tool(place),
            arguments: call.arguments,
            listener,
            request,
            not_after: context.not_after,
        };
        let origin = Origin {
            request: context.request_id,
            traceparent: meta.trace.traceparent,
            trace: context.trace,
            principal: principal.name().map(str::to_owned),
        };
        let notifier = Notifier { token: meta.progress_token, logger, head: head.clone() };
        let panic = Panic::asked(&parts.headers);
        let running = run(Arc::clone(&self.host), Arc::clone(&self.renderer), head, origin, call, panic);
        match events {
            Some(events) => first_of(running, events, notifier).await,
            None => Answer::Json(running.await),
        }
    }

    /// What is left of the ladder once the tool is known: steps 14, 15 and 17.
    fn admit_call(
        &self,
        parts: &Parts,
        head: &Head,
        meta: &Meta,
        call: &CallTool,
    ) -> Result<(usize, &Tool), Fault> {
        let Some((place, tool)) = self.host.index().tool(&call.name) else {
            return Err(Fault::unknown_tool(&call.name));
        };
        if head.revision.era() == Era::Modern {
            check_param_headers(&parts.headers, &param_headers(tool), &call.arguments)?;
        }
        match &tool.requires_client_capabilities {
            Some(required) if !meta.capabilities.cover(required) => {
                Err(Fault::Capability { required: required.clone() })
            }
            _ => Ok((place, tool)),
        }
    }
}

fn needs_capability(required: &RawValue) -> String {
    let revision = Revision::MODERN.name();
    format!(
        "this tool needs a client that declares {required} with each request, as clients of revision {revision} do"
    )
}

fn param_headers(tool: &Tool) -> Vec<ParamHeader> {
    let params = tool.function.params.iter();
    params.filter_map(|param| ParamHeader::new(param.header.as_deref()?, &param.name)).collect()
}

fn listen(meta: &Meta, level: Option<Level>) -> (Option<Listener>, Option<Receiver<Event>>) {
    let (events, receiver) = mpsc::channel(EVENT_BUFFER);
    let progress = if meta.progress_token.is_some() { Interest::Wanted } else { Interest::Unwanted };
    (Some(Listener { events, progress, level: level.map(to_sandbox) }), Some(receiver))
}

/// The whole of a call, up to the JSON-RPC response that says how it ended.
fn run(
    host: Arc<Host>,
    renderer: Arc<Renderer>,
    head: Head,
    origin: Origin,
    call: Call,
    panic: Panic,
) -> Running {
    Box::pin(async move {
        let place = call.place;
        let started = std::time::Instant::now();
        let calling = async {
            panic.while_calling();
            host.call(call).await
        };
        let report = Guarded::new(calling).await;
        let rescued = match &report {
            Ok(report) => rescue::of(report),
            Err(Panicked) => rescue::PANICKED,
        };
        rescue::log(host.index(), place, &origin, started.elapsed(), report.as_ref().ok(), &rescued);
        response(&renderer, &head, &rescued.said)
    })
}

fn response(renderer: &Renderer, head: &Head, said: &Said<'_>) -> Bytes {
    match said {
        Said::Result { outcome, content } => renderer
            .call_tool(head, &CallToolResult { outcome: *outcome, content: content.content(), meta: None }),
        Said::InternalError => Rejection::new(Fault::Internal, head).body(),
    }
}

/// Answers with JSON if the call ends before it says anything, else with a stream.
async fn first_of(mut running: Running, mut events: Receiver<Event>, notifier: Notifier) -> Answer {
    let first = tokio::select! {
        biased;
        Some(event) = events.recv() => Some(event),
        response = &mut running => match events.try_recv() {
            // It spoke and ended in one go.
            Ok(event) => {
                running = Box::pin(std::future::ready(response));
                Some(event)
            }
            Err(_) => return Answer::Json(response),
        },
        () = tokio::time::sleep(KEEP_ALIVE) => None,
    };
    Answer::Events(EventStream::new(running, events, notifier, first))
}

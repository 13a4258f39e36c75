//! Answers what may take long without a word: a comment comes before a proxy on the way gives up.

use std::time::Duration;

use http::request::Parts;
use tokio::sync::mpsc::Receiver;

use super::Service;
use super::answer::Answer;
use super::call_task::Running;
use super::context::{Context, Delivery};
use super::stream::{EventStream, Notifier};
use crate::auth::Principal;
use crate::catalog::ProviderRole;
use crate::protocol::{Accept, Fault, Method, Rejection, Request};
use crate::sandbox::Event;

impl Service {
    /// Answers a request. Lists and completions that plugins make are streamed if they take long, as calls are.
    pub(super) async fn answer_request(
        &self,
        parts: Parts,
        principal: Principal,
        request: Request,
    ) -> Answer {
        if request.accept == Accept::Json || !self.asks_plugins(&request.method) {
            return self.dispatch(&parts, &principal, request).await;
        }
        let notifier = Notifier::silent(Rejection::new(Fault::Internal, &request.head));
        let (service, request) = (self.clone(), Request { accept: Accept::Json, ..request });
        let answering = async move { service.dispatch(&parts, &principal, request).await.into_result() };
        first_of(Box::pin(answering), None, notifier, self.heartbeat).await
    }

    /// Answers a batch, which is streamed if it takes long: as one event, after comments.
    pub(super) async fn answer_batch(
        &self,
        parts: Parts,
        principal: Principal,
        requests: Vec<Result<Request, Rejection>>,
        accept: Accept,
    ) -> Answer {
        if accept == Accept::Json {
            return self.dispatch_batch(&parts, &principal, requests).await;
        }
        let notifier = Notifier::silent(Rejection::early(Fault::Internal, None));
        let service = self.clone();
        let answering =
            async move { service.dispatch_batch(&parts, &principal, requests).await.into_result() };
        first_of(Box::pin(answering), None, notifier, self.heartbeat).await
    }

    /// Tells whether plugins answer a request in which none is called for its own sake.
    fn asks_plugins(&self, method: &Method) -> bool {
        let role = match method {
            Method::ListTools { .. } => ProviderRole::ListTools,
            Method::ListPrompts { .. } => ProviderRole::ListPrompts,
            Method::ListResources { .. } => ProviderRole::ListResources,
            Method::ListResourceTemplates { .. } => ProviderRole::ListTemplates,
            Method::Complete(_) => ProviderRole::Complete,
            _ => return false,
        };
        self.runner.index().offers(role)
    }
}

/// Returns what may be sent to a client: no stream where the edge passes none on.
pub(super) fn passed_on(parts: &Parts, accept: Accept) -> Accept {
    match Context::of(parts).delivery {
        Delivery::Streamed => accept,
        Delivery::Whole => Accept::Json,
    }
}

/// Drops what a request wants to hear before its result where the edge passes nothing on before that.
pub(super) fn undivided(parts: &Parts, request: Request) -> Request {
    let accept = passed_on(parts, request.accept);
    let wants_news = request.meta.progress_token.is_some() || request.meta.level.is_some();
    if accept != request.accept && wants_news {
        let id = Context::of(parts).request_id.as_deref();
        tracing::info!(request = id, "progress is dropped: the edge passes the answer on as a whole");
    }
    Request { accept, ..request }
}

/// Answers with JSON if the call ends before it says anything and before it was silent for too long, else with a stream.
/// Until then, the request's own future polls the call: nothing has been written yet that the client could leave unread.
pub(super) async fn first_of(
    mut running: Running,
    mut events: Option<Receiver<Event>>,
    notifier: Notifier,
    heartbeat: Duration,
) -> Answer {
    let first = tokio::select! {
        biased;
        Some(event) = next(&mut events) => Some(event),
        answered = &mut running => match events.as_mut().map(Receiver::try_recv) {
            // It spoke and ended in one go.
            Some(Ok(event)) => {
                running = Box::pin(std::future::ready(answered));
                Some(event)
            }
            _ => return answered.map_or_else(Answer::from, Answer::Json),
        },
        () = tokio::time::sleep(heartbeat) => None,
    };
    Answer::Events(EventStream::new(running, events, notifier, first, heartbeat))
}

/// Waits for the next event of a call, or for ever if there will be none.
async fn next(events: &mut Option<Receiver<Event>>) -> Option<Event> {
    match events {
        Some(events) => events.recv().await,
        None => std::future::pending().await,
    }
}

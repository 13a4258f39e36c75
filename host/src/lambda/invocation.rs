//! One invocation: from its event to its answer.

use std::time::{Instant, SystemTime};

use bytes::Bytes;
use http::{Request, Response};

use super::answer::Streamed;
use super::deadline;
use super::document::{self, Layout};
use super::edge::{Edge, Edges};
use super::environment::Environment;
use super::event::{self, Belief};
use super::form::Form;
use super::runtime_api::Invocation;
use crate::protocol::{Forbidden, Rejection};
use crate::service::{Body, CallOver, Carrier, Context, Delivery};
use crate::updater::Served;

/// The deployer's settings about events.
#[derive(Debug)]
pub(super) struct Rules {
    edges: Edges,
    belief: Belief,
}

/// The answer to an invocation.
#[derive(Debug)]
pub(super) enum Answer {
    /// A prelude and a body, as it is made.
    Streamed(Streamed),
    /// One JSON document.
    Document(Bytes),
    /// An error of the function: nothing that an HTTP client could have sent.
    Refused(&'static str),
}

/// The error for the sender of a refused event. The log says more.
const REFUSED: &str = "this function does not accept such events";

impl Rules {
    pub(super) fn of(environment: &Environment) -> Self {
        Self { edges: environment.edges.clone(), belief: Belief::of(environment) }
    }
}

impl Answer {
    /// Returns what tells the end of the call that still runs, once; `None` if there is none.
    pub(super) fn take_call_over(&mut self) -> Option<CallOver> {
        match self {
            Self::Streamed(answer) => answer.take_call_over(),
            Self::Document(_) | Self::Refused(_) => None,
        }
    }
}

/// Answers one invocation; whatever is wrong with it is the answer.
pub(super) async fn answer(served: &Served, invocation: Invocation, rules: &Rules) -> Answer {
    let request = invocation.id.request.clone();
    let accepted = &rules.edges;
    let form = match Form::of(&invocation.event, &invocation.context) {
        Ok(form) => form,
        Err(found) => {
            tracing::warn!(request, %found, %accepted, "an event was refused");
            return Answer::Refused(REFUSED);
        }
    };
    let Some(edge) = accepted.accepting(form) else {
        tracing::warn!(request, found = form.name(), %accepted, "an event was refused");
        return not_accepted(form).await;
    };
    let response = respond(served, invocation, form, edge, rules).await;
    match Layout::of(form, edge) {
        None if edge == Edge::RestApiStream => {
            Answer::Streamed(Streamed::new(document::with_single_headers(response)))
        }
        None => Answer::Streamed(Streamed::new(response)),
        Some(layout) => Answer::Document(document::of(layout, response).await),
    }
}

/// Refuses an event of a form that the deployer has not named: an HTTP client gets HTTP.
async fn not_accepted(form: Form) -> Answer {
    let response = Rejection::early(Forbidden::Edge, None).into_response().map(Body::from);
    match form {
        Form::AgentCore | Form::Direct => Answer::Refused(REFUSED),
        Form::FunctionUrl => Answer::Streamed(Streamed::new(response)),
        Form::HttpApi => Answer::Document(document::of(Layout::HttpApi, response).await),
        Form::RestApi => Answer::Document(document::of(Layout::RestApi, response).await),
        Form::Alb(lists) => Answer::Document(document::of(Layout::Alb(lists), response).await),
    }
}

/// Has the service answer an event that is accepted.
async fn respond(
    served: &Served,
    invocation: Invocation,
    form: Form,
    edge: Edge,
    rules: &Rules,
) -> Response<Body> {
    let Invocation { id, deadline_ms, trace, context, event } = invocation;
    let (request, sender) = match event::read(form, &event, &context, &rules.belief) {
        Ok(read) => read,
        Err(error) => {
            tracing::warn!(request = id.request, found = form.name(), %error, "an event cannot be read");
            return error.into_response();
        }
    };
    drop(event); // the request has its own copy of what it needs
    let (mut parts, body) = request.into_parts();
    let not_after = not_after(deadline_ms, sender.accepted_ms, edge);
    let service = match served.current(not_after).await {
        Ok(service) => service,
        Err(nothing) => return nothing.into_response(),
    };
    parts.extensions.insert(Context {
        request_id: Some(id.request),
        not_after,
        trace,
        identity: sender.identity,
        server: sender.address,
        replay: None,
        delivery: if Layout::of(form, edge).is_some() { Delivery::Whole } else { Delivery::Streamed },
        carrier: if edge.takes_messages() { Carrier::Message } else { Carrier::Http },
    });
    service.handle(Request::from_parts(parts, body)).await
}

/// Returns when the answer must be ready: before the environment ends, and before the edge gives up, which counts from
/// when it accepted the request.
fn not_after(deadline_ms: Option<u64>, accepted_ms: Option<u64>, edge: Edge) -> Option<Instant> {
    let now = SystemTime::now();
    let of_function = deadline_ms.and_then(|deadline| deadline::not_after(deadline, now));
    let of_edge = edge.longest_wait().and_then(|wait| deadline::within(wait, accepted_ms, now));
    of_function.into_iter().chain(of_edge).min()
}

impl Layout {
    /// Returns the form of the document that an edge takes; `None` if it takes a stream.
    fn of(form: Form, edge: Edge) -> Option<Self> {
        match (edge, form) {
            (Edge::FunctionUrl | Edge::RestApiStream, _) => None,
            (Edge::Alb, form) => Some(Self::Alb(form.header_lists())),
            (Edge::HttpApi, _) => Some(Self::HttpApi),
            (Edge::RestApi, _) => Some(Self::RestApi),
            (Edge::AgentCore, _) => Some(Self::ToolResult),
            (Edge::Direct, _) => Some(Self::Message),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn a_call_through_an_http_api_ends_before_the_api_gives_up() {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let now_ms = u64::try_from(now.as_millis()).unwrap();
        let (deadline_ms, accepted_ms) = (now_ms + 600_000, now_ms - 5_000);
        let left = |edge| {
            let end = not_after(Some(deadline_ms), Some(accepted_ms), edge).unwrap();
            end.saturating_duration_since(Instant::now())
        };
        assert!(left(Edge::HttpApi) < Duration::from_secs(25), "{:?}", left(Edge::HttpApi));
        for edge in Edge::ALL.into_iter().filter(|edge| *edge != Edge::HttpApi) {
            assert!(left(edge) > Duration::from_secs(500), "{edge:?}");
        }
        let none = |edge| not_after(None, None, edge);
        assert!(none(Edge::HttpApi).is_some() && none(Edge::FunctionUrl).is_none());
    }
}

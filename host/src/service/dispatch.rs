//! The one match from a method to its handler.

use std::time::Instant;

use bytes::Bytes;
use http::request::Parts;

use super::answer::Answer;
use super::list::Listing;
use super::request::PluginRequest;
use super::{Context, Service, Session};
use crate::auth::Principal;
use crate::catalog::ScopeSet;
use crate::protocol::render::batch;
use crate::protocol::{Accept, Fault, Head, Method, Rejection, Request};

impl Service {
    /// Answers a request. Each method stands here by name, so that a new one cannot go unanswered.
    pub(super) async fn dispatch(&self, parts: &Parts, principal: &Principal, request: Request) -> Answer {
        let Request { head, method, meta, accept } = request;
        let request = PluginRequest { parts, principal, method: method.name(), head, meta, accept };
        match method {
            Method::Discover => {
                let scope = request.widest_cache_scope(&ScopeSet::NONE);
                Answer::Json(self.renderer.discover(&request.head, scope))
            }
            Method::Initialize { .. } => {
                Session::begin(parts, request.head.revision);
                Answer::Json(self.renderer.initialize(&request.head))
            }
            Method::SetLevel(level) => {
                Session::set_level(parts, level);
                Answer::Json(self.renderer.empty(&request.head))
            }
            // A stateless server has no stream on which to send a subscriber anything.
            Method::Ping | Method::Subscribe { .. } | Method::Unsubscribe { .. } => {
                Answer::Json(self.renderer.empty(&request.head))
            }
            Method::ListTools { cursor } => self.list(&request, Listing::Tools, cursor).await,
            Method::ListPrompts { cursor } => self.list(&request, Listing::Prompts, cursor).await,
            Method::ListResources { cursor } => self.list(&request, Listing::Resources, cursor).await,
            Method::ListResourceTemplates { cursor } => {
                self.list(&request, Listing::ResourceTemplates, cursor).await
            }
            Method::CallTool(call) => self.call_tool(request, call).await,
            Method::GetPrompt(get) => self.get_prompt(request, get).await,
            Method::ReadResource(read) => self.read_resource(request, read).await,
            Method::Complete(complete) => self.complete(&request, complete).await,
        }
    }

    /// Answers a batch in its order, each request as if it had come alone and could not be streamed.
    ///
    /// All answers together have the time and the output of one request. What does not get any more of it is not run,
    /// and its answer says so.
    pub(super) async fn dispatch_batch(
        &self,
        parts: &Parts,
        principal: &Principal,
        requests: Vec<Result<Request, Rejection>>,
    ) -> Answer {
        let mut answers = BatchAnswers::new(self.batch_budget.bytes);
        let end = Instant::now() + self.batch_budget.time;
        let (parts, end) = ending_by(parts, end);
        for request in requests {
            let answer = match request {
                Ok(Request { head, .. }) if answers.are_full => Err(answers.too_large(&head)),
                Ok(Request { head, .. }) if Instant::now() >= end => {
                    let reason = "no time was left for this request of the batch: send it again".to_owned();
                    Err(Rejection::new(Fault::Failed { reason }, &head).body())
                }
                Ok(request) => {
                    let (head, request) = (request.head.clone(), Request { accept: Accept::Json, ..request });
                    Ok((self.dispatch(&parts, principal, request).await.into_json(), head))
                }
                Err(rejection) => Err(rejection.body()),
            };
            match answer {
                Ok((answer, head)) => answers.push(answer, &head),
                Err(refusal) => answers.all.push(refusal),
            }
        }
        Answer::Json(batch(answers.all))
    }
}

/// Gives a request an end, if it has no earlier one; returns the end that it has.
fn ending_by(parts: &Parts, end: Instant) -> (Parts, Instant) {
    let context = Context::of(parts);
    let end = context.not_after.map_or(end, |earlier| earlier.min(end));
    let mut parts = parts.clone();
    parts.extensions.insert(Context { not_after: Some(end), ..context.clone() });
    (parts, end)
}

/// The answers of a batch so far.
struct BatchAnswers {
    all: Vec<Bytes>,
    limit_bytes: usize,
    left_bytes: usize,
    /// True once an answer did not fit.
    are_full: bool,
}

impl BatchAnswers {
    fn new(limit_bytes: usize) -> Self {
        Self { all: Vec::new(), limit_bytes, left_bytes: limit_bytes, are_full: false }
    }

    /// Takes an answer, or refuses it for its size.
    fn push(&mut self, answer: Bytes, head: &Head) {
        match self.left_bytes.checked_sub(answer.len()) {
            Some(left) => {
                self.left_bytes = left;
                self.all.push(answer);
            }
            None => {
                self.are_full = true;
                self.all.push(self.too_large(head));
            }
        }
    }

    fn too_large(&self, head: &Head) -> Bytes {
        let limit = self.limit_bytes;
        let reason =
            format!("the answers of the batch take more than {limit} bytes: send this request alone");
        Rejection::new(Fault::Failed { reason }, head).body()
    }
}

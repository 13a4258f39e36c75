//! The one match from a method to its handler.

use http::request::Parts;

use super::Service;
use super::answer::Answer;
use super::list::Listing;
use super::request::PluginRequest;
use crate::auth::Principal;
use crate::catalog::ScopeSet;
use crate::protocol::render::batch;
use crate::protocol::{Accept, Method, Rejection, Request};

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
            Method::Initialize { .. } => Answer::Json(self.renderer.initialize(&request.head)),
            // A stateless server keeps no level, and has no stream on which to send a subscriber anything.
            Method::Ping | Method::SetLevel(_) | Method::Subscribe { .. } | Method::Unsubscribe { .. } => {
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
    pub(super) async fn dispatch_batch(
        &self,
        parts: &Parts,
        principal: &Principal,
        requests: Vec<Result<Request, Rejection>>,
    ) -> Answer {
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests {
            answers.push(match request {
                Ok(request) => {
                    let request = Request { accept: Accept::Json, ..request };
                    self.dispatch(parts, principal, request).await.into_json()
                }
                Err(rejection) => rejection.body(),
            });
        }
        Answer::Json(batch(answers))
    }
}

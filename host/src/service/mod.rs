//! The whole server as one function: an `http::Request` in, a streamed `http::Response` out.
//!
//! Every edge (the local server, Lambda, tests) calls [`Service::handle`] and nothing else. The service is
//! made once per process and shared; each request is answered from its own data alone.

mod admission;
mod answer;
mod body;
mod completion;
mod context;
mod errand;
mod feature;
mod guard;
mod hook;
mod list;
mod prompts;
mod reply;
mod resources;
mod seal;
mod stream;
mod tools;

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Method as HttpMethod, Request, Response, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::call::Runner;
use crate::catalog::Index;
use crate::credentials::{CredentialStore, Keyring};
use crate::protocol::render::{Description, Renderer, batch};
use crate::protocol::{
    self, CheckedHead, Cursors, Exposure, Fault, Features, Method, ParseError, Parsed, Policy, PolicyError,
    PreCheck, Rejection,
};

use self::admission::Incoming;
use self::answer::Answer;
pub use self::body::Body;
pub use self::context::Context;
use self::errand::Errand;
use self::guard::{Guarded, Panicked};
use self::hook::Panic;
use self::list::Listing;

/// Where MCP is served.
pub const MCP_PATH: &str = "/mcp";

/// Where a load balancer asks whether the server is alive.
pub const HEALTH_PATH: &str = "/healthz";

const NOT_FOUND: &str = "not found: MCP is served at /mcp\n";

/// Answers requests from a catalog of tools.
#[derive(Debug)]
pub struct Service {
    runner: Arc<Runner>,
    credentials: CredentialStore,
    keyring: Arc<Keyring>,
    features: Features,
    policy: Policy,
    renderer: Arc<Renderer>,
    cursors: Cursors,
}

impl Service {
    /// Makes the service for the tools of `runner` and the callers that `credentials` admits.
    ///
    /// # Errors
    ///
    /// An allowed origin or host of the catalog that is none.
    pub fn new(
        runner: Runner,
        exposure: Exposure,
        credentials: impl Into<CredentialStore>,
    ) -> Result<Self, PolicyError> {
        let index = runner.index();
        let catalog = index.catalog();
        let http = &catalog.http;
        let policy = Policy::new(exposure, &http.allowed_origins, &http.allowed_hosts, http.max_body_bytes)?;
        let description = Description {
            name: &catalog.server.name,
            version: &catalog.server.version,
            title: catalog.server.title.as_deref(),
            website_url: catalog.server.website_url.as_deref(),
            instructions: catalog.server.instructions.as_deref(),
        };
        let features = feature::of(index);
        let renderer = Arc::new(Renderer::new(&description, features, catalog.list_ttl_ms));
        let cursors = Cursors::new(&index.digest().0);
        let keyring = Arc::new(Keyring::none());
        let (runner, credentials) = (Arc::new(runner), credentials.into());
        Ok(Self { runner, credentials, keyring, features, policy, renderer, cursors })
    }

    /// Seals states with the keys of `keyring`; without this there are none.
    #[must_use]
    pub fn with_keyring(self, keyring: impl Into<Arc<Keyring>>) -> Self {
        Self { keyring: keyring.into(), ..self }
    }

    /// The keys that states are sealed with.
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// The tools that are served.
    pub fn index(&self) -> &Index {
        self.runner.index()
    }

    /// Answers one request.
    ///
    /// Never fails: whatever is wrong with the request is the answer. Dropping the returned future, or the
    /// response's body, ends the call that it runs.
    pub async fn handle<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        match request.uri().path() {
            MCP_PATH => Guarded::new(self.mcp(request)).await.unwrap_or_else(|Panicked| internal_error()),
            HEALTH_PATH if matches!(*request.method(), HttpMethod::GET | HttpMethod::HEAD) => {
                plain(StatusCode::OK, "ok\n")
            }
            _ => plain(StatusCode::NOT_FOUND, NOT_FOUND),
        }
    }

    async fn mcp<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (parts, body) = request.into_parts();
        Panic::asked(&parts.headers).while_handling();
        let origin = match protocol::pre_check(&parts, &self.policy) {
            Ok(PreCheck::Passed(origin)) => origin,
            Ok(PreCheck::Preflight(response)) => return response.map(Body::from),
            Err(rejection) => return rejection.into_response().map(Body::from),
        };
        let answered = self.receive(&parts, body).await;
        let mut response = answered.unwrap_or_else(|rejection| rejection.into_response().map(Body::from));
        origin.allow_origin(response.headers_mut());
        response
    }

    /// Steps 2 to 6, then the body.
    async fn receive<B>(&self, parts: &Parts, body: B) -> Result<Response<Body>, Rejection>
    where
        B: http_body::Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let principal = self.principal(parts).await?;
        let head = protocol::check_head(parts, &self.policy)?;
        let body = read_body(body, self.policy.max_body_bytes()).await?;
        Ok(self.answer(Incoming { parts, principal: &principal }, &head, body).await)
    }

    async fn answer(&self, incoming: Incoming<'_>, head: &CheckedHead, body: Bytes) -> Response<Body> {
        let parsed = protocol::parse(incoming.parts, head, &body, self.features);
        drop(body); // what the request keeps of it, it shares; a large body must not outlive its decoding
        match parsed {
            Parsed::Request(request) => {
                let accept = request.accept;
                self.dispatch(incoming, *request).await.into_response(accept)
            }
            Parsed::Batch(requests) => self.batch(incoming, head, requests).await,
            Parsed::Accepted => empty(StatusCode::ACCEPTED),
            Parsed::Rejected(rejection) => rejection.into_response().map(Body::from),
        }
    }

    /// The one match from method to handler.
    async fn dispatch(&self, incoming: Incoming<'_>, request: protocol::Request) -> Answer {
        let protocol::Request { head, method, meta, accept } = request;
        match method {
            Method::Discover => Answer::Json(self.renderer.discover(&head)),
            Method::Initialize { .. } => Answer::Json(self.renderer.initialize(&head)),
            Method::Ping | Method::SetLevel(_) => Answer::Json(self.renderer.empty(&head)),
            // Nothing is ever sent to a subscriber: a stateless server has no stream to send it on.
            Method::Subscribe { .. } | Method::Unsubscribe { .. } => Answer::Json(self.renderer.empty(&head)),
            method => self.consulted(Errand { incoming, head, meta, accept }, method).await,
        }
    }

    /// The methods behind which plugins stand.
    async fn consulted(&self, errand: Errand<'_>, method: Method) -> Answer {
        let (listing, cursor) = match method {
            Method::CallTool(call) => return self.call_tool(errand, call).await,
            Method::GetPrompt(get) => return self.get_prompt(errand, get).await,
            Method::ReadResource(read) => return self.read_resource(errand, read).await,
            Method::Complete(complete) => return self.complete(&errand, complete).await,
            Method::ListTools { cursor } => (Listing::Tools, cursor),
            Method::ListPrompts { cursor } => (Listing::Prompts, cursor),
            Method::ListResources { cursor } => (Listing::Resources, cursor),
            Method::ListResourceTemplates { cursor } => (Listing::ResourceTemplates, cursor),
            other => {
                let method = other.name().to_owned();
                return Rejection::new(Fault::Method { method }, &errand.head).into();
            }
        };
        self.list(&errand, listing, cursor.as_deref()).await
    }

    /// Answers a batch in its order, each request as if it had come alone and could not be streamed.
    async fn batch(
        &self,
        incoming: Incoming<'_>,
        head: &CheckedHead,
        requests: Vec<Result<protocol::Request, Rejection>>,
    ) -> Response<Body> {
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests {
            answers.push(match request {
                Ok(mut request) => {
                    request.accept = protocol::Accept::Json;
                    self.dispatch(incoming, request).await.into_json()
                }
                Err(rejection) => rejection.body(),
            });
        }
        Answer::Json(batch(answers)).into_response(head.accept())
    }
}

/// Reads a request's body, never more of it than the limit.
async fn read_body<B>(body: B, limit: usize) -> Result<Bytes, Rejection>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Fault::TooLarge { limit }.into()),
        Err(_) => Err(Rejection::early(ParseError::Truncated, None)),
    }
}

/// The answer where this server's own code failed.
fn internal_error() -> Response<Body> {
    let mut response = Rejection::from(Fault::Internal).into_response().map(Body::from);
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}

fn plain(status: StatusCode, text: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(Bytes::copy_from_slice(text.as_bytes())));
    *response.status_mut() = status;
    let kind = http::HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(http::header::CONTENT_TYPE, kind);
    response
}

fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::from(Bytes::new()));
    *response.status_mut() = status;
    response
}

//! The whole server as one function: an `http::Request` in, a streamed `http::Response` out.
//!
//! Every edge (the local server, Lambda, tests) calls [`Service::handle`] and nothing else. The service is
//! made once per process and shared; each request is answered from its own data alone.

mod answer;
mod authenticate;
mod base_path;
mod body;
mod call_task;
mod capabilities;
mod catch_panic;
mod completion;
mod consent;
mod context;
mod dispatch;
mod home_page;
mod invoke;
mod list;
mod lister;
mod oauth;
mod policy;
mod prompts;
mod quiet;
mod read_body;
mod request;
mod request_state;
mod resources;
mod result;
mod session;
mod stream;
mod test_hook;
mod tools;
mod well_known;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Method as HttpMethod, Request, Response, StatusCode};

use crate::call::Runner;
use crate::catalog::{Http, Index, Root};
use crate::credentials::{CredentialStore, Keyring};
use crate::protocol::render::{Description, Renderer};
use crate::protocol::{
    self, Callers, CorsOrigin, Cursors, Exposure, Fault, Features, Parsed, Policy, PolicyError, PreCheck,
    Rejection,
};

use self::base_path::BasePath;
pub use self::body::Body;
pub use self::call_task::CallOver;
use self::catch_panic::{CatchPanic, Panicked};
pub use self::context::{Carrier, Context, Delivery, ServerAddress};
use self::read_body::read_body;
pub use self::session::Session;
use self::test_hook::TestPanic;

/// The path of MCP.
pub const MCP_PATH: &str = "/mcp";

/// The same as many people type it, and as some clients and proxies complete it.
const MCP_PATH_WITH_SLASH: &str = "/mcp/";

/// The path of health checks.
pub const HEALTH_PATH: &str = "/healthz";

/// Answers requests from a catalog of tools. Clones share everything.
#[derive(Clone, Debug)]
pub struct Service {
    runner: Arc<Runner>,
    credentials: CredentialStore,
    keyring: Arc<Keyring>,
    features: Features,
    policy: Arc<Policy>,
    /// The path below which everything is served as well.
    base_path: BasePath,
    /// The longest silence of an answer that may be streamed.
    heartbeat: Duration,
    renderer: Arc<Renderer>,
    cursors: Cursors,
    batch_budget: BatchBudget,
}

/// The limits of a batch: the largest that any one request has.
#[derive(Clone, Copy, Debug)]
struct BatchBudget {
    /// The most bytes of all answers together.
    bytes: usize,
    /// The longest time until the last answer.
    time: Duration,
}

/// What frames an answer beside its result: ids, names of members, the server's description.
const FRAME_BYTES: usize = 16 << 10;

impl Service {
    /// Makes the service for the tools of `runner` and the callers that `credentials` admits.
    ///
    /// # Errors
    ///
    /// The catalog allows an origin or host that is malformed, or pages of unknown sites though callers need no
    /// credentials.
    pub fn new(
        runner: Runner,
        exposure: Exposure,
        credentials: impl Into<CredentialStore>,
    ) -> Result<Self, PolicyError> {
        let index = runner.index();
        let root = index.root();
        let credentials = credentials.into();
        let policy = Arc::new(endpoint_policy(exposure, &credentials, &root.http)?);
        let (heartbeat, base_path) = (root.http.heartbeat(), BasePath::new(&root.http.path));
        let description = Description {
            name: &root.server.name,
            version: &root.server.version,
            title: root.server.title.as_deref(),
            website_url: root.server.website_url.as_deref(),
            instructions: root.server.instructions.as_deref(),
        };
        let features = capabilities::of(index);
        let renderer = Arc::new(Renderer::new(&description, features, root.list_ttl_ms));
        let cursors = Cursors::new(&index.digest().0);
        let keyring = Arc::new(Keyring::none());
        let batch_budget = BatchBudget::of(root);
        let runner = Arc::new(runner);
        Ok(Self {
            runner,
            credentials,
            keyring,
            features,
            policy,
            base_path,
            heartbeat,
            renderer,
            cursors,
            batch_budget,
        })
    }

    /// Replaces the rules of the catalog for the endpoint.
    ///
    /// # Errors
    ///
    /// As [`Service::new`].
    pub fn with_http(self, exposure: Exposure, http: &Http) -> Result<Self, PolicyError> {
        let policy = Arc::new(endpoint_policy(exposure, &self.credentials, http)?);
        let (heartbeat, base_path) = (http.heartbeat(), BasePath::new(&http.path));
        Ok(Self { policy, heartbeat, base_path, ..self })
    }

    /// Seals states with the keys of `keyring`; a service without them cannot ask.
    #[must_use]
    pub fn with_keyring(self, keyring: impl Into<Arc<Keyring>>) -> Self {
        Self { keyring: keyring.into(), ..self }
    }

    /// Returns the keys that seal states.
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Makes what later calls need, once the first answer is on its way.
    pub fn settle(&self) {
        self.runner.settle();
    }

    /// Keeps copies of the code that was fetched, for the next process, once an answer is on its way.
    pub async fn keep_copies(&self) {
        self.runner.keep_copies().await;
    }

    /// Returns the index of the catalog.
    pub fn index(&self) -> &Index {
        self.runner.index()
    }

    /// Answers one request.
    ///
    /// Never fails: a faulty request gets an error as its answer. Dropping the returned future, or the
    /// response's body, ends the call that it runs.
    pub async fn handle<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let request = self.base_path.take_off(request);
        match request.uri().path() {
            MCP_PATH | MCP_PATH_WITH_SLASH => {
                CatchPanic::new(self.mcp(request)).await.unwrap_or_else(|Panicked| internal_error())
            }
            HEALTH_PATH if matches!(*request.method(), HttpMethod::GET | HttpMethod::HEAD) => {
                plain(StatusCode::OK, "ok\n")
            }
            path if oauth::is_probed(path) => self.oauth(&request.into_parts().0),
            _ => {
                let parts = request.into_parts().0;
                let page = home_page::is_asked(&parts).then(|| self.home_page(&parts)).flatten();
                page.unwrap_or_else(|| self.not_found())
            }
        }
    }

    fn not_found(&self) -> Response<Body> {
        let text = format!("not found: MCP is served at {}\n", self.mcp_path());
        plain(StatusCode::NOT_FOUND, &text)
    }

    /// Returns the path at which clients reach MCP.
    pub fn mcp_path(&self) -> String {
        format!("{}{MCP_PATH}", self.base_path.as_str())
    }

    /// Answers a request to the endpoint of MCP.
    async fn mcp<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (mut parts, body) = request.into_parts();
        Session::settle(&mut parts);
        TestPanic::asked(&parts.headers).while_handling();
        let origin = match self.pre_check(&parts) {
            Ok(origin) => origin,
            Err(response) => return *response,
        };
        let answered = self.answer(parts, body).await;
        let mut response = answered.unwrap_or_else(|rejection| rejection.into_response().map(Body::from));
        origin.allow_origin(response.headers_mut());
        response
    }

    /// Checks where a request comes from; what is no request of an allowed place has its answer already.
    fn pre_check(&self, parts: &Parts) -> Result<CorsOrigin, Box<Response<Body>>> {
        // A message comes from no page, and names no host.
        if Context::of(parts).carrier == Carrier::Message {
            return Ok(CorsOrigin::NONE);
        }
        let response = match protocol::pre_check(parts, &self.policy) {
            Ok(PreCheck::Passed(origin)) => return Ok(origin),
            Ok(PreCheck::Preflight(response)) => response,
            Err(rejection) => rejection.into_response(),
        };
        Err(Box::new(response.map(Body::from)))
    }

    /// Takes the other steps of [`protocol`], and answers what they let through.
    async fn answer<B>(&self, parts: Parts, body: B) -> Result<Response<Body>, Rejection>
    where
        B: http_body::Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let principal = self.authenticate(&parts).await?;
        let head = protocol::check_head(&parts, &self.policy)?;
        let body = read_body(body, self.policy.max_body_bytes()).await?;
        let parsed = protocol::parse(&parts, &head, &body, self.features);
        drop(body); // what the request keeps of it, it shares; a large body must not outlive its decoding
        match parsed {
            Parsed::Request(request) => {
                let accept = request.accept;
                let request = quiet::undivided(&parts, *request);
                Ok(self.answer_request(parts, principal, request).await.into_response(accept))
            }
            Parsed::Batch(requests) => {
                let accept = head.accept();
                let passed_on = quiet::passed_on(&parts, accept);
                Ok(self.answer_batch(parts, principal, requests, passed_on).await.into_response(accept))
            }
            Parsed::Accepted => Ok(empty(StatusCode::ACCEPTED)),
            Parsed::Rejected(rejection) => Err(rejection),
        }
    }
}

impl BatchBudget {
    fn of(root: &Root) -> Self {
        let limits = &root.limits;
        Self { bytes: limits.output_bytes + FRAME_BYTES, time: Duration::from_millis(limits.deadline_ms) }
    }
}

fn endpoint_policy(
    exposure: Exposure,
    credentials: &CredentialStore,
    http: &Http,
) -> Result<Policy, PolicyError> {
    let callers = match credentials.admits_anonymous() {
        true => Callers::Anonymous,
        false => Callers::Authenticated,
    };
    Policy::new(exposure, callers, &http.allowed_origins, &http.allowed_hosts, http.max_body_bytes)
}

/// Answers a request that made the server's own code panic.
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

//! The workbench: a page at `/dev`, on loopback alone, on which an author calls tools while writing them.
//!
//! ```text
//! build_loop ─> feed ──────> events ─┐
//! session ────> inventory ─> state ──┼─> guard ─> the page, which calls /mcp as any client does
//! log ────────> feed          cases ─┘
//! ```
//!
//! The page is plain HTML, CSS and JavaScript, embedded. What only the page may do needs the token of this start.

mod asset;
mod feed;
mod guard;
mod inventory;
mod new_case;

use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use serde::Deserialize;
use serde_json::json;
use toolcell_host::service::Body;

use crate::server::edge::{PageRequest, Pages};
use crate::ui::problem::{Problem, Result};

pub(super) use feed::{Feed, Tone};
pub(super) use inventory::Inventory;

/// The path of the page.
pub(super) const PATH: &str = "/dev";

/// The largest body that is read: a case whose result is as large as results get.
const BODY_BYTES: usize = 16 << 20;

/// The random bytes of a token.
const TOKEN_BYTES: usize = 32;

/// The headers of every answer.
const HEADERS: [(&str, &str); 6] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; \
         base-uri 'none'; form-action 'none'",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
];

/// The workbench of one `toolcell dev`.
pub(super) struct Workbench {
    token: String,
    feed: Feed,
    inventory: Inventory,
}

/// An answer before it has the headers of every answer.
type Answer = std::result::Result<Response<Body>, (StatusCode, String)>;

#[derive(Deserialize)]
struct After {
    after: u64,
}

impl Workbench {
    /// Makes a workbench with a token of its own.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub(super) fn new(feed: Feed, inventory: Inventory) -> Result<Self> {
        let mut random = [0; TOKEN_BYTES];
        getrandom::fill(&mut random).map_err(|error| {
            Problem::internal("toolcell dev", "cannot get random numbers from the system")
                .found(error.to_string())
        })?;
        let token = random.iter().fold(String::new(), |mut token, byte| {
            let _ = write!(token, "{byte:02x}");
            token
        });
        Ok(Self { token, feed, inventory })
    }

    /// Returns the pages to serve.
    pub(super) fn pages(self) -> Pages {
        let workbench = Arc::new(self);
        Pages::new(PATH, move |request| {
            let workbench = Arc::clone(&workbench);
            async move { workbench.respond(request).await }
        })
    }

    async fn respond(&self, request: PageRequest) -> Response<Body> {
        let mut response = self.answer(request).await.unwrap_or_else(|(status, text)| plain(status, text));
        for (name, value) in HEADERS {
            response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }

    async fn answer(&self, request: PageRequest) -> Answer {
        let (parts, body) = request.into_parts();
        guard::check_sender(&parts)?;
        match parts.method {
            Method::GET | Method::HEAD => self.file(&parts),
            Method::POST => {
                guard::check_token(&parts, &self.token)?;
                let body = Limited::new(body, BODY_BYTES).collect().await;
                let body = body.map_err(|_| {
                    let text = format!("the body is larger than {BODY_BYTES} bytes, or broke off");
                    (StatusCode::PAYLOAD_TOO_LARGE, text)
                })?;
                self.act(&parts, &body.to_bytes())
            }
            _ => Err((StatusCode::METHOD_NOT_ALLOWED, "expected GET or POST".to_owned())),
        }
    }

    fn file(&self, parts: &Parts) -> Answer {
        let path = parts.uri.path();
        let (kind, bytes) = asset::find(path, &self.token)
            .ok_or_else(|| (StatusCode::NOT_FOUND, format!("not found; the workbench is at {PATH}")))?;
        Ok(typed(kind, bytes))
    }

    fn act(&self, parts: &Parts, body: &[u8]) -> Answer {
        let malformed = |error: serde_json::Error| (StatusCode::BAD_REQUEST, error.to_string());
        match parts.uri.path() {
            "/dev/state" => Ok(self.state()),
            "/dev/events" => {
                let After { after } = serde_json::from_slice(body).map_err(malformed)?;
                let mut response = Response::new(self.feed.stream(after));
                response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
                Ok(response)
            }
            "/dev/cases" => {
                let wanted = serde_json::from_slice(body).map_err(malformed)?;
                let written = new_case::write(&self.inventory, &wanted);
                let written = written.map_err(|error| (StatusCode::CONFLICT, error.to_string()))?;
                Ok(json_answer(&json!(written)))
            }
            _ => Err((StatusCode::NOT_FOUND, "expected /dev/state, /dev/events or /dev/cases".to_owned())),
        }
    }

    /// Writes everything that the page shows beside what it asks over MCP.
    fn state(&self) -> Response<Body> {
        let (last, failures) = self.feed.now();
        let (plugins, contract) = (self.inventory.plugins(), self.inventory.difference());
        json_answer(&json!({ "last": last, "failures": failures, "plugins": plugins, "contract": contract }))
    }
}

fn json_answer(value: &serde_json::Value) -> Response<Body> {
    typed("application/json", Bytes::from(value.to_string()))
}

fn typed(kind: &'static str, bytes: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::from(bytes));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn plain(status: StatusCode, text: String) -> Response<Body> {
    let mut response = typed("text/plain; charset=utf-8", Bytes::from(text + "\n"));
    *response.status_mut() = status;
    response
}

//! Turns an HTTP request into a typed MCP request of one revision, or into a refusal; and answers
//! back into bytes.
//!
//! Called once per request: [`arrive`] and [`admit`] before the body is read, [`read`] after. Pure: no I/O, no
//! clock, no state. Everything it reads is written by the client. The order of the checks is part
//! of the protocol, and stands in the modules `admission` and `ladder`:
//!
//! ```text
//! arrive  1 host, origin
//!         2 who is calling: `auth`
//! admit   3 HTTP method   4 content type   5 accept   6 announced size
//! read    6 size   7 JSON   8 shape   9 era
//!         10 _meta   11 headers equal to the body   12 revision                       (modern only)
//!         13 method   15 parameters
//! check_param_headers   14, once the service knows the tool
//! ```

mod accept;
mod admission;
mod completion;
mod cursor;
mod echo;
mod entry;
mod era;
mod feature;
mod header;
mod id;
mod input;
mod json;
mod ladder;
mod line;
mod message;
mod meta;
mod method;
mod nesting;
pub mod notification;
mod number;
mod param_header;
mod policy;
mod question;
mod rejection;
pub mod render;
mod request;
mod revision;
mod shape;
pub mod sse;
mod trace;
mod uri;

#[cfg(test)]
mod tests;

pub use accept::Accept;
pub use admission::{Admitted, Arrival, Page, admit, arrive};
pub use completion::{Argument, Complete, Reference};
pub use cursor::{Cursors, MAX_INNER_CURSOR_BYTES, Position};
pub use feature::{Feature, Features};
pub use id::{Id, MAX_ID_BYTES, ProgressToken};
pub use input::{Input, MAX_RESPONSES, MAX_STATE_BYTES};
pub use ladder::{Verdict, read};
pub use message::MAX_BATCH;
pub use meta::{ClientCapabilities, ClientInfo, Level, Meta};
pub use nesting::MAX_NESTING;
pub use param_header::{ParamHeader, check as check_param_headers};
pub use policy::{Exposure, Policy, PolicyError};
pub use question::Questions;
pub use rejection::{Fault, Rejection};
pub use request::{CallTool, GetPrompt, Head, Method, ReadResource, Request};
pub use revision::{Era, Revision};
pub use trace::TraceContext;
pub use uri::MAX_URI_BYTES;

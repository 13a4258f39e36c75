//! Turns an HTTP request into a typed MCP request of one revision, or into a refusal; and answers
//! back into bytes.
//!
//! Called three times per request: [`pre_check`] and [`check_head`] before the body is read, [`parse`] after. Pure:
//! no I/O, no clock, no state. The client writes everything that this module reads. The order of the checks is part
//! of the protocol; it stands in the modules `pre_check` and `parse`:
//!
//! ```text
//! pre_check    1 host, origin
//!              2 who is calling: `auth`
//! check_head   3 HTTP method   4 content type   5 accept   6 announced size
//! parse        6 size   7 JSON   8 shape   9 era
//!              10 _meta   11 headers equal to the body   12 revision                  (modern only)
//!              13 method   15 parameters
//! `service`, once it knows the tool
//!              14 headers equal to arguments (`check_param_headers`)   16 capabilities of the client
//! ```

mod accept;
mod completion;
mod cursor;
mod depth;
mod entry;
mod fault;
mod feature;
mod framing;
mod head;
mod header;
mod id;
mod input;
mod json;
mod line;
mod message;
mod meta;
mod method;
mod negotiate;
pub mod notification;
mod number;
mod param_header;
mod parse;
mod peek;
mod policy;
mod pre_check;
mod question;
mod quoted;
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
pub use completion::{Argument, Complete, Reference};
pub use cursor::{Cursors, InnerCursor, MAX_INNER_CURSOR_BYTES, Position};
pub use depth::MAX_DEPTH;
pub use fault::{
    EnvelopeError, Expected, Fault, Forbidden, HeaderError, MediaTypeError, ParamsError, ParseError,
    ShapeError,
};
pub use feature::{Feature, Features};
pub use framing::Settled;
pub use head::Head;
pub use id::{Id, MAX_ID_BYTES, ProgressToken};
pub use input::{Input, MAX_RESPONSES, MAX_STATE_BYTES};
pub use message::MAX_BATCH;
pub use meta::{ClientCapabilities, ClientInfo, Meta};
pub use param_header::{ParamHeader, ParamKind, check as check_param_headers};
pub use parse::{Parsed, parse};
pub use peek::{Peek, peek};
pub use policy::{Callers, Exposure, Policy, PolicyError};
pub use pre_check::{CheckedHead, CorsOrigin, PreCheck, check_head, pre_check};
pub use rejection::{Rejection, named};
pub use request::{CallTool, GetPrompt, Method, ReadResource, Request};
pub use revision::{Era, Revision};
pub use trace::TraceContext;
pub use uri::MAX_URI_BYTES;

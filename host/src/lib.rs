//! Serves MCP tools that are sandboxed WebAssembly components.
//!
//! A request travels one way through these modules, and imports run only in that direction:
//!
//! ```text
//! edge (cli::serve, later Lambda)   http::Request in, streamed http::Response out
//!   -> service    one flat match: method -> handler; owns the response body
//!   -> protocol   bytes + headers -> a typed request of one revision, or a rejection     pure
//!   -> catalog    tool name -> plugin, function plan, limits, grants; lists as bytes
//!   -> call       one call: deadline, progress, log, outcome
//!   -> codec      argument bytes -> component values -> result bytes, driven by the plan
//!   -> sandbox    fresh store and instance, interfaces linked from grants, limits armed
//!   -> artifact   precompiled code: Mapped(file) or Verified(bytes)
//! ```
//!
//! [`rescue`] is the one table that turns an internal cause into what the client sees.
//! Nothing here compiles WebAssembly: the `toolcell` command does that ahead of time.

pub mod artifact;
pub mod call;
pub mod catalog;
pub mod codec;
pub mod log;
pub mod protocol;
pub mod rescue;
pub mod sandbox;
pub mod service;

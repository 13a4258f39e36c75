//! Serves MCP tools that are sandboxed WebAssembly components.
//!
//! A request travels one way through these modules, and imports run only downwards:
//!
//! ```text
//! edge (lambda, cli::serve)   http::Request in, streamed http::Response out
//!   -> service    one flat match: method -> handler; owns the response body
//!   -> credentials  who may call right now: bundle, environment, secret
//!   -> auth       who is calling, with which scopes; or refused                          pure
//!   -> protocol   bytes + headers -> a typed request of one revision, or a rejection     pure
//!   -> outcome    how a call ended -> what the client sees and the log says: one table
//!   -> content    what plugins say: blocks, resources, prompts, lists -> JSON of MCP     pure
//!   -> call       one call: what it needs, its deadline, its report
//!   -> state_token what a call knows so far -> a text that travels with the client        pure
//!   -> sandbox    fresh store and instance, interfaces linked from grants, limits armed
//!   -> artifact   precompiled code: mapped from the package, or verified in memory
//!   -> catalog    tool name -> plugin, function plan, limits, grants; lists as bytes
//!   -> rounds   what a call that asks knows from earlier rounds                        pure
//!   -> codec      argument bytes -> guest memory -> result bytes, driven by the plan
//! ```
//!
//! `tests/tests/architecture.rs` holds which of them may import which.
//! Nothing here compiles WebAssembly: the `toolcell` command does that ahead of time.

pub mod artifact;
pub mod auth;
pub mod call;
pub mod catalog;
pub mod codec;
pub mod content;
pub mod credentials;
#[cfg(test)]
mod golden;
pub mod lambda;
pub mod log;
pub mod metrics;
pub mod outcome;
pub mod protocol;
pub mod rounds;
pub mod sandbox;
pub mod service;
pub mod state_token;

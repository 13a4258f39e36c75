//! What the end-to-end tests are made of: the real server on a port of its own, a client that can misbehave, and
//! requests of every revision.
//!
//! ```text
//! fixture ─> bundle ─> server <── client (revision) ── http (bytes) ── wire (the official schemas)
//! ```

pub mod bundle;
pub mod client;
pub mod fixture;
pub mod http;
pub mod interview;
pub mod log;
pub mod server;
pub mod shelf;
mod wire;

pub use bundle::Bundle;
pub use client::{Called, Client, Revision};
pub use interview::Interview;
pub use server::{Edge, Server};

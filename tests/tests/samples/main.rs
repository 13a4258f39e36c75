//! The sample plugins that reach the world, served as their READMEs say, with real servers at the other end.
//!
//! ```text
//! issues ──> tracker: an issue tracker over TLS, which knows one token
//! web ─────> a web site over TLS
//! notes ───> the state of two callers
//! ```

mod issues;
mod notes;
mod tracker;
mod web;

//! Releases plugins: what is signed and uploaded, and in which order, so that a function sees all of a release or none.
//!
//! ```text
//! config ─> draft ────────┐            objects/DIGEST        first: what is missing of catalogs, code, components
//! current + bootstrap ────┼─> publish ─> releases/SERIAL.json  then: of two publishers, one gets the serial
//! an earlier release ─────┘            index.json            last: from here on, functions see the release
//! ```
//!
//! [`repository`] reads and writes these objects and trusts none of them: what it hands out is signed by a trusted key,
//! or has the digest that it was asked for.

pub mod collect;
mod contents;
pub mod draft;
pub mod engine;
pub mod key_file;
mod package;
pub mod publish;
pub mod repository;
pub mod verify;

//! The key `http` of a case: the requests that its plugin sends, and what comes back.
//!
//! ```text
//! read    the key of a file -> exchanges
//! write   what was recorded -> the key; a request that has no exchange -> one to start from
//! header  the headers that are recorded
//! ```

mod header;
mod read;
mod write;

pub(super) use read::read;
pub(super) use write::{is_binary, lines, record};

/// The key.
pub(super) const KEY: &str = "http";

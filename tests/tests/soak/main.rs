//! Many requests under hard conditions: every answer that comes is right, and a process holds no more than before.
//!
//! ```text
//! environment ─> Lambda emulator: environments that are frozen and killed, and whose clock jumps
//! serve ───────> `toolcell serve`: attacks, clients that hang up, clients that read slowly
//! kill ────────> Lambda emulator: processes that are killed while they fetch a release, or keep a copy of it
//! flip ────────> servers in this process: bits of a release that flip in the bucket, or in a copy
//! ```
//!
//! `make test` runs a short form, and `make soak` the whole one.

mod dice;
mod environment;
mod flip;
mod kill;
mod serve;

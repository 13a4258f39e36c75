//! Many requests under hard conditions: every answer that comes is right, and a process holds no more than before.
//!
//! ```text
//! environment ─> Lambda emulator: environments that are frozen and killed, and whose clock jumps
//! serve ───────> `toolcell serve`: attacks, clients that hang up, clients that read slowly
//! ```
//!
//! `make test` runs a short form, and `make soak` the whole one.

mod dice;
mod environment;
mod serve;

//! A stand-in for AWS Lambda: runs a real `bootstrap` as a function behind a Function URL.
//!
//! It is written from AWS's documentation alone and shares no code with the host, so that both sides of the wire
//! are two implementations of one contract. What it imitates, from which page, and what it does not is the table
//! in `README.md`.
//!
//! ```text
//! client ── HTTP ──> front ─> event ─> fleet ─> environment ── sandbox (process, mounts)
//!                      ^                 │           │
//!                   reply <── answer <── invocation ─┴─ desk <── api ── Runtime API ── bootstrap
//! ```
//!
//! [`Function`] says what is deployed, [`Lambda`] is it running; both are used without an async runtime. A request
//! becomes an [`event`], takes an environment from the `fleet` (cold start, warm reuse, 429), and is followed by
//! an `invocation` until the process asks for the next one, is killed at its deadline, or dies.

mod api;
mod body;
mod clock;
mod desk;
mod environment;
pub mod event;
mod failure;
mod fleet;
mod front;
mod function;
mod header;
mod identifier;
pub mod identity;
mod invocation;
mod lambda;
pub mod limit;
pub mod log;
mod pace;
mod package;
mod payload;
mod prelude;
mod process;
mod reply;
mod sandbox;
mod stream;
mod variable;

pub use function::{Bodies, Freeze, Function, InvokeMode, Isolation, StartError};
pub use identity::Identity;
pub use lambda::{Environment, Lambda, Phase};
pub use log::{Line, Logs, Report, Source};

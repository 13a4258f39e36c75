//! Emulates AWS Lambda: runs a real `bootstrap` as a function behind a Function URL on this machine.
//!
//! The emulator is written from AWS's documentation alone and shares no code with the host, so that the two sides of
//! the wire are two implementations of one contract. `README.md` lists what it imitates, from which page, and what it
//! leaves out.
//!
//! ```text
//! client ── HTTP ──> front ─> event ─> fleet ─> environment ── sandbox (process, mounts)
//!                      ^                             │
//!                    reply <─── stream <─── invocation ─── invocation_queue <── api <── bootstrap
//! ```
//!
//! [`Function`] holds what is deployed and [`Lambda`] is the running function; both are used without an async runtime.
//! A request becomes an [`event`] and takes an environment from the `fleet` (cold start, warm reuse, 429). An
//! `invocation` then follows it until the process asks for the next one, is killed at its deadline, or dies.

mod api;
mod body;
mod clock;
mod environment;
pub mod event;
mod failure;
mod fleet;
mod front;
mod front_end;
mod function;
mod header;
mod identifier;
pub mod identity;
mod invocation;
mod invocation_queue;
mod lambda;
pub mod limit;
pub mod log;
mod package;
mod payload;
mod prelude;
mod process;
mod reply;
mod sandbox;
mod stream;
mod throttle;
mod variable;

pub use front_end::{FrontEnd, HeaderLists};
pub use function::{Bodies, Freeze, Function, InvokeMode, Isolation, StartError};
pub use identity::Identity;
pub use lambda::{Environment, Invoked, Lambda, Phase};
pub use log::{Line, Logs, Report, Source};

//! Stories of the protocol: tests with the real server and a client on a socket.
//!
//! With `TOOLCELL_EDGE=lambda` they run against `bootstrap` in the Lambda emulator, except those in modules named
//! `local`. The stories in `lambda` and `releases` are about that edge and always run against it.
//!
//! All stories are one binary, because linking the server takes longer than most of them.

mod arguments;
mod asking;
mod authorization;
mod bad_bundles;
mod bad_requests;
mod base_path;
mod batches;
mod cases;
mod clients;
mod content;
mod dynamic_tools;
mod fairness;
mod first_call;
mod floats;
mod hostile;
mod lambda;
mod memory;
mod page;
mod pagination;
mod plain_component;
mod prompts;
mod releases;
mod replay;
mod resources;
mod secrets;
mod states;
mod stdio;
mod streams;

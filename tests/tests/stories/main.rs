//! Stories of the protocol, told by the real server and a client on a socket.
//!
//! `TOOLCELL_EDGE=lambda` tells them in front of `bootstrap` in the stand-in for Lambda, all but those of modules
//! called `local`; `lambda` is about that edge alone and always in front of it.
//!
//! One binary, because linking the server takes longer than most of the stories.

mod asking;
mod authorization;
mod bad_bundles;
mod bad_requests;
mod batches;
mod cases;
mod content;
mod dynamic_tools;
mod first_call;
mod hostile;
mod lambda;
mod memory;
mod pagination;
mod plain_component;
mod prompts;
mod replay;
mod resources;
mod states;
mod streams;

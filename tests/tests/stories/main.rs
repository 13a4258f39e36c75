//! Stories of the protocol, told by the real server in this process and a client on a socket.
//!
//! One binary, because linking the server takes longer than most of the stories.

mod authorization;
mod bad_bundles;
mod bad_requests;
mod batches;
mod first_call;
mod hostile;
mod memory;
mod pagination;
mod plain_component;
mod streams;

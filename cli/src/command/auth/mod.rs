//! `toolcell auth`: what a client meets when it signs in at a server, and a token for trying.
//!
//! [`check`] walks discovery as a client does and judges each step; [`login`] walks it and gets a token. Both work with
//! any MCP server. [`resource`] and [`issuer`] read the two kinds of metadata, [`client`] sends the requests;
//! [`session`] is a sign-in under way.

mod callback;
mod check;
mod client;
mod device;
mod form;
mod issuer;
mod login;
mod report;
mod resource;
mod session;

pub use check::run as check;
pub use client::Reach;
pub use login::{LoginRequest, Way, run as login};

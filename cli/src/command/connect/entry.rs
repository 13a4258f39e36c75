//! A server as clients may reach it, and what one client writes into its file about it.

use std::path::PathBuf;

use serde_json::Value;

/// The environment variable of the user's that a client reads the token from.
pub(super) const VARIABLE: &str = crate::server::stdio::TOKEN_VARIABLE;

/// A server, as a client reaches it.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub(super) name: String,
    pub(super) way: Way,
    /// Tells whether the client sends a token.
    pub(super) needs_token: bool,
}

/// How a client reaches a server.
#[derive(Clone, Debug)]
pub(super) enum Way {
    /// It starts this command, with these arguments.
    Command(PathBuf, Vec<String>),
    /// Over HTTP.
    Url(String),
}

impl Server {
    /// A server that the client starts, with `args` that say what is served.
    pub(super) fn started(name: String, command: PathBuf, args: [String; 2], needs_token: bool) -> Self {
        let args = ["serve".to_owned(), "--stdio".to_owned()].into_iter().chain(args).collect();
        Self { name, way: Way::Command(command, args), needs_token }
    }

    /// A server with an address.
    pub(super) fn at(name: String, url: String, needs_token: bool) -> Self {
        Self { name, way: Way::Url(url), needs_token }
    }
}

/// The content that a client's file needs.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The member of the file with all servers.
    pub(super) servers: &'static str,
    /// The name of the server among them.
    pub(super) name: String,
    /// The server.
    pub(super) value: Value,
    /// The values that the client asks its user for, in the list `inputs`.
    pub(super) input: Option<Value>,
    /// The hints for the person who connects the client.
    pub(super) hints: Vec<String>,
}

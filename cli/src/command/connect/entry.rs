//! A server as clients may reach it, and what one client writes into its file about it.

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
    Command(String, Vec<String>),
    /// Over HTTP.
    Url(String),
}

/// The program with which Windows starts programs of its Linux.
const WSL: &str = "wsl.exe";

impl Server {
    /// A server that the client starts, with `args` that say what is served.
    pub(super) fn started(name: String, command: String, args: [String; 2], needs_token: bool) -> Self {
        let args = ["serve".to_owned(), "--stdio".to_owned()].into_iter().chain(args).collect();
        Self { name, way: Way::Command(command, args), needs_token }
    }

    /// A server with an address.
    pub(super) fn at(name: String, url: String, needs_token: bool) -> Self {
        Self { name, way: Way::Url(url), needs_token }
    }

    /// The same server for a client on Windows: a command is started in its Linux, in this distribution.
    pub(super) fn in_wsl(self, distribution: &str) -> Self {
        let Way::Command(command, args) = self.way else { return self };
        // Without a shell, which would read the arguments once more.
        let start = ["--distribution", distribution, "--exec", &command].map(str::to_owned);
        let args = start.into_iter().chain(args).collect();
        Self { way: Way::Command(WSL.to_owned(), args), ..self }
    }

    /// Tells whether a client on Windows starts it.
    pub(super) fn is_in_wsl(&self) -> bool {
        matches!(&self.way, Way::Command(command, _) if command == WSL)
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

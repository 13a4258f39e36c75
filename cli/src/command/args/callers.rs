//! Arguments of the commands about callers: tokens and sign-in.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use toolcell_host::catalog::{AddressRange, PrincipalName, Scope, WebUrl};

use crate::command::auth::Reach;
use crate::ui::exit;

/// Create a bearer token for a client, and its configuration lines for a server
///
/// Prints the token to standard output and stores it nowhere. Only its SHA-256 digest goes into toolcell.toml, an
/// environment variable or a secret in AWS Secrets Manager. To replace a token, list both digests until every client
/// uses the new token. docs/authorization.md shows how clients send it.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(in crate::command) struct Token {
    /// Name of the principal, in the configuration and the log
    #[arg(value_name = "NAME")]
    pub(in crate::command) name: PrincipalName,
    /// Scope of the principal, as in `required-scopes` of tools; repeatable
    #[arg(long = "scope", value_name = "SCOPE")]
    pub(in crate::command) scopes: Vec<Scope>,
}

/// Find out what keeps a client from signing in at a server, or sign in for trying
///
/// Works with any MCP server, also one that is not made with toolcell. docs/authorization.md explains what a client does.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(in crate::command) struct Auth {
    #[command(subcommand)]
    pub(in crate::command) action: AuthAction,
}

#[derive(Debug, Subcommand)]
pub(in crate::command) enum AuthAction {
    /// Walk discovery as a client does, and judge each step; exit code 1 if clients fail at one
    Check {
        /// Address of the server, such as https://mcp.example.com/mcp
        url: WebUrl,
        #[command(flatten)]
        reach: Reached,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Get an access token, and print it to standard output
    Login {
        /// Address of the server, such as https://mcp.example.com/mcp
        url: WebUrl,
        /// Sign in on any device, with a code
        #[arg(long)]
        device: bool,
        /// Client that is registered at the authorization server, without a secret [default: register one]
        #[arg(long, value_name = "ID")]
        client_id: Option<String>,
        /// Scope to ask for; repeatable [default: those that the server names]
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
        /// Port of this machine to which the browser comes back [default: one that is free]
        #[arg(
            long,
            value_name = "PORT",
            default_value_t = 0,
            hide_default_value = true,
            conflicts_with = "device"
        )]
        port: u16,
        /// New file for the token, which only you can read, in place of standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        #[command(flatten)]
        reach: Reached,
    },
}

/// Selects the addresses that may be asked, besides public ones and the port of the server.
#[derive(Debug, Args)]
pub(in crate::command) struct Reached {
    /// Ask an authorization server at this port of this machine; repeatable
    #[arg(long = "allow-loopback", value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    loopback: Vec<u16>,
    /// Ask servers in this private network, such as 10.0.0.0/8; repeatable
    #[arg(long = "allow-network", value_name = "RANGE")]
    networks: Vec<AddressRange>,
}

impl Reached {
    pub(in crate::command) fn reach(&self) -> Reach {
        Reach { loopback: self.loopback.clone(), networks: self.networks.clone() }
    }
}

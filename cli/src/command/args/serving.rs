//! Arguments of the commands that serve or call tools.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use toolcell_host::auth::Anonymous;

use super::releases::Trusted;
use crate::bundle::open::Source;
use crate::command::connect::ClientName;
use crate::command::dev::Released;
use crate::command::lambda::Edge;
use crate::config;
use crate::server::Endpoint;
use crate::ui::exit;

/// Selects the tools: a configuration or a bundle.
#[derive(Debug, Args)]
pub(in crate::command) struct Tools {
    /// Configuration of the server; its components are compiled for this machine first
    #[arg(long, value_name = "FILE", default_value = "toolcell.toml")]
    pub(in crate::command) config: PathBuf,
    /// Bundle written by `toolcell build`, in place of a configuration
    #[arg(long, value_name = "DIR", conflicts_with = "config")]
    pub(in crate::command) bundle: Option<PathBuf>,
}

impl Tools {
    /// Returns the place of releases in S3, if the bundle is one.
    pub(in crate::command) fn releases(&self) -> Option<&str> {
        self.bundle.as_deref().and_then(Path::to_str).filter(|place| place.starts_with("s3://"))
    }

    pub(in crate::command) fn source(&self) -> Source {
        match &self.bundle {
            Some(bundle) => Source::Bundle(bundle.clone()),
            None => Source::Config(self.config.clone()),
        }
    }
}

/// Selects the address, and the callers that it admits.
#[derive(Debug, Args)]
pub(in crate::command) struct Listen {
    /// Address to listen on; an address other than loopback needs [auth.bearer], [auth.oauth] or --anonymous
    #[arg(long = "listen", value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    address: SocketAddr,
    /// Admit everyone who reaches the address, if toolcell.toml has neither [auth.bearer] nor [auth.oauth]
    #[arg(long)]
    anonymous: bool,
}

impl Listen {
    pub(in crate::command) fn endpoint(&self) -> Endpoint {
        let anonymous = if self.anonymous { Anonymous::Allowed } else { Anonymous::Refused };
        Endpoint::new(self.address, anonymous)
    }
}

#[derive(Debug, Args)]
pub(in crate::command) struct Loopback {
    /// Let requests that a rule allows, and those for keys of [auth.oauth], reach this port of this machine; repeatable
    #[arg(long = "allow-loopback", value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub(in crate::command) ports: Vec<u16>,
}

/// Serve the tools on this machine, over HTTP or standard input and output
///
/// Over HTTP, MCP is at /mcp, and GET /healthz tells whether the server is up. With --stdio, the command serves the client
/// that has started it: one message per line, and nothing but MCP on standard output.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(in crate::command) struct Serve {
    #[command(flatten)]
    pub(in crate::command) tools: Tools,
    /// With --bundle s3://BUCKET/PREFIX: bundle with the keys of [releases] and the callers [default: bundle]
    #[arg(long, value_name = "DIR", requires = "bundle")]
    pub(in crate::command) package: Option<PathBuf>,
    /// Serve the client that has started the command; the variable TOOLCELL_TOKEN has its token, if it needs one
    #[arg(long, conflicts_with_all = ["address", "anonymous"])]
    pub(in crate::command) stdio: bool,
    #[command(flatten)]
    pub(in crate::command) listen: Listen,
    #[command(flatten)]
    pub(in crate::command) loopback: Loopback,
    /// Minimum log level
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub(in crate::command) log_level: tracing::Level,
    /// Format of log lines [default: text on a terminal, json elsewhere]
    #[arg(long, value_enum)]
    pub(in crate::command) log_format: Option<LogFormat>,
}

/// Print the configuration of an MCP client for a server, or merge it into the client's file
///
/// Without --url, the client starts the server itself (`toolcell serve --stdio`). No file gets the text of a token: the
/// client reads it from the variable TOOLCELL_TOKEN or asks for it, where it can.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(in crate::command) struct Connect {
    /// The client
    #[arg(value_enum, value_name = "CLIENT")]
    pub(in crate::command) client: ClientName,
    #[command(flatten)]
    pub(in crate::command) tools: Tools,
    /// Address of a server that runs already, for example http://127.0.0.1:8080/mcp
    #[arg(long, value_name = "URL", conflicts_with_all = ["config", "bundle"])]
    pub(in crate::command) url: Option<String>,
    /// Let the client show a token; a toolcell.toml with [auth.bearer] or [auth.oauth] says so itself
    #[arg(long)]
    pub(in crate::command) token: bool,
    /// Name of the server in the client [default: `name` in [server], else toolcell]
    #[arg(long, value_name = "NAME")]
    pub(in crate::command) name: Option<String>,
    /// Merge the configuration into the client's file; a copy of the old file stays beside it
    #[arg(long)]
    pub(in crate::command) write: bool,
    /// File of the client, in place of its usual one
    #[arg(long, value_name = "FILE")]
    pub(in crate::command) file: Option<PathBuf>,
    /// The client runs on Windows, and toolcell in its Linux (WSL)
    #[arg(long)]
    pub(in crate::command) windows: bool,
}

/// Serve plugins while you write them, and rebuild on every change
///
/// Build errors appear in this terminal while clients keep the last good build. A plugin whose compiler is missing is
/// left out until you install the compiler. The command ignores [lists] in toolcell.toml and disables list caching,
/// so that clients see a new tool at once.
///
/// On a loopback address, open http://ADDRESS/dev in a browser to call tools, answer their questions and write cases.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(in crate::command) struct Dev {
    /// Configuration of the server
    #[arg(long, value_name = "FILE", default_value = config::FILE)]
    pub(in crate::command) config: PathBuf,
    #[command(flatten)]
    pub(in crate::command) listen: Listen,
    #[command(flatten)]
    pub(in crate::command) loopback: Loopback,
    /// Release, or bundle of `toolcell build`, to compare the contract with [default: the start of this command]
    #[arg(long, value_name = "s3://BUCKET/PREFIX|DIR")]
    pub(in crate::command) against: Option<Released>,
    #[command(flatten)]
    pub(in crate::command) trusted: Trusted,
    /// Minimum log level
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub(in crate::command) log_level: tracing::Level,
}

/// Run the tools as an AWS Lambda function on this machine, behind a Function URL or another front end
///
/// Starts, freezes and kills the real `bootstrap` as Lambda does, and enforces Lambda's limits. If you run the command
/// as root, the function also gets a read-only /var/task and a private /tmp. Its log goes to standard error.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(in crate::command) struct Lambda {
    #[command(flatten)]
    pub(in crate::command) tools: Tools,
    /// Address of the front end; only a loopback address accepts anonymous callers
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub(in crate::command) listen: SocketAddr,
    /// The front end; sets TOOLCELL_EDGES to the same name
    #[arg(long, value_name = "NAME", value_enum, default_value_t = Edge::FunctionUrl)]
    pub(in crate::command) edge: Edge,
    /// The `bootstrap` program [default: TOOLCELL_BOOTSTRAP, else `bootstrap` in the folder of toolcell]
    #[arg(long, value_name = "FILE")]
    pub(in crate::command) bootstrap: Option<PathBuf>,
    /// Memory size reported to the function, in MB
    #[arg(long, value_name = "MB", default_value_t = 512)]
    pub(in crate::command) memory: u32,
    /// Timeout of an invocation, for example 30s
    #[arg(long, value_name = "SECONDS", default_value = "30s", value_parser = seconds)]
    pub(in crate::command) timeout: Duration,
    /// Treat every request as signed by this IAM principal, like a URL with AuthType AWS_IAM
    #[arg(long, value_name = "ARN")]
    pub(in crate::command) iam: Option<String>,
    /// Environment variable of the function; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    pub(in crate::command) env: Vec<(String, String)>,
}

/// Call one tool without starting a server
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(in crate::command) struct Call {
    /// Name of the tool
    pub(in crate::command) tool: String,
    /// Arguments as a JSON object; `-` reads standard input
    #[arg(long, value_name = "JSON", default_value = "{}")]
    pub(in crate::command) args: String,
    #[command(flatten)]
    pub(in crate::command) tools: Tools,
    /// Minimum log level; what a tool writes to stderr is logged as `warn`
    #[arg(long, value_name = "LEVEL", default_value = "warn")]
    pub(in crate::command) log_level: tracing::Level,
    /// Print outcome, result, phases and peak memory as JSON
    #[arg(long)]
    pub(in crate::command) json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::command) enum LogFormat {
    /// Text for people
    Text,
    /// One JSON object per line
    Json,
}

/// Parses seconds, such as `30s`.
fn seconds(text: &str) -> Result<Duration, String> {
    let number = text.strip_suffix('s').and_then(|number| number.trim().parse().ok());
    number.map(Duration::from_secs).ok_or_else(|| "expected whole seconds, such as 30s".to_owned())
}

/// Parses `NAME=VALUE`.
fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

//! What there is to say on the command line, and its help texts.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use toolcell_host::catalog::{PrincipalName, Scope};

use crate::bundle::open::Source;
use crate::config;
use crate::language::Language;
use crate::ui::exit;

/// Serve MCP tools that are sandboxed WebAssembly components
#[derive(Debug, Parser)]
#[command(name = "toolcell", version, about, after_help = exit::HELP, arg_required_else_help = true)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    New(New),
    Dev(Dev),
    Serve(Serve),
    Lambda(Lambda),
    Call(Call),
    Pack(Pack),
    Build(Build),
    Inspect(Inspect),
    Check(Check),
    Test(Test),
    Doctor(Doctor),
    Token(Token),
}

/// Start a plugin: WIT, source, tests and a build that works at once
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct New {
    /// The plugin's name, also of the directory that is made
    pub(super) name: String,
    /// The language to write it in
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    pub(super) lang: Language,
}

/// Where the tools come from.
#[derive(Debug, Args)]
pub(super) struct Tools {
    /// The deployer's configuration, built first for this machine
    #[arg(long, value_name = "FILE", default_value = "toolcell.toml")]
    pub(super) config: PathBuf,
    /// A bundle that `toolcell build` made, instead of a configuration
    #[arg(long, value_name = "DIR", conflicts_with = "config")]
    pub(super) bundle: Option<PathBuf>,
}

impl Tools {
    pub(super) fn source(&self) -> Source {
        match &self.bundle {
            Some(bundle) => Source::Bundle(bundle.clone()),
            None => Source::Config(self.config.clone()),
        }
    }
}

/// Serve the tools over HTTP on this machine: MCP at /mcp, GET /healthz
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Serve {
    #[command(flatten)]
    pub(super) tools: Tools,
    /// Where to listen; anything but a loopback address serves the network
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub(super) listen: SocketAddr,
    /// Least serious log lines that are written
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub(super) log_level: tracing::Level,
    /// How log lines look [default: text on a terminal, json elsewhere]
    #[arg(long, value_enum)]
    pub(super) log_format: Option<LogFormat>,
}

/// Serve plugins while you write them: each change is built and served at once
///
/// Whatever fails is shown here, and clients go on with the last good build; a plugin whose compiler is not installed
/// is left out until it is. Whatever toolcell.toml says of [lists], clients are told to keep no list, so that they see
/// a new tool at once.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Dev {
    /// The deployer's configuration
    #[arg(long, value_name = "FILE", default_value = config::FILE)]
    pub(super) config: PathBuf,
    /// Where to listen; anything but a loopback address serves the network
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub(super) listen: SocketAddr,
    /// Least serious log lines that are written
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub(super) log_level: tracing::Level,
}

/// Run the tools as an AWS Lambda function on this machine, behind a Function URL
///
/// The real `bootstrap` is started, frozen and killed as Lambda does, and held to Lambda's limits. Under root
/// it also sees its package read-only at /var/task and has a /tmp of its own. Its log goes to standard error.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Lambda {
    #[command(flatten)]
    pub(super) tools: Tools,
    /// Where the Function URL listens; without a caller, only a loopback address admits anonymous ones
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub(super) listen: SocketAddr,
    /// The program [default: TOOLCELL_BOOTSTRAP, else `bootstrap` beside toolcell]
    #[arg(long, value_name = "FILE")]
    pub(super) bootstrap: Option<PathBuf>,
    /// Memory that the function is told it has, in MB
    #[arg(long, value_name = "MB", default_value_t = 512)]
    pub(super) memory: u32,
    /// How long an invocation may take, for example 30s
    #[arg(long, value_name = "SECONDS", default_value = "30s", value_parser = seconds)]
    pub(super) timeout: Duration,
    /// Count every request as signed by this caller, as a URL with AuthType AWS_IAM tells it
    #[arg(long, value_name = "ARN")]
    pub(super) iam: Option<String>,
    /// An environment variable of the function; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    pub(super) env: Vec<(String, String)>,
}

/// Call one tool, without a server
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Call {
    /// The tool's name
    pub(super) tool: String,
    /// Its arguments, a JSON object; `-` reads standard input
    #[arg(long, value_name = "JSON", default_value = "{}")]
    pub(super) args: String,
    #[command(flatten)]
    pub(super) tools: Tools,
    /// Least serious log lines that are written; a tool's own stderr is `warn`
    #[arg(long, value_name = "LEVEL", default_value = "warn")]
    pub(super) log_level: tracing::Level,
    /// Print outcome, result, phases and peak memory as JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum LogFormat {
    /// A line for people
    Text,
    /// A JSON object a line
    Json,
}

/// Put a plugin's manifest and WIT documentation into its component
///
/// Checks that the WIT says what the component really exports, and that plugin.toml names tools and
/// parameters that exist. The result is one .wasm file that carries everything; packing it again
/// replaces what it carried.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Pack {
    /// A directory with a plugin.toml, or a component
    #[arg(value_name = "PLUGIN_DIR|COMPONENT")]
    pub(super) input: PathBuf,
    /// The file to write [default: NAME.wasm in the current directory]
    #[arg(short, long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// The directory with the WIT of a component that has no plugin.toml
    #[arg(long, value_name = "DIR")]
    pub(super) wit: Option<PathBuf>,
    /// The world that the component implements, where the WIT has several
    #[arg(long, requires = "wit")]
    pub(super) world: Option<String>,
    /// Print the summary as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Make the plugins of a toolcell.toml and compile them into a bundle that a server runs from
///
/// A component whose plugin.toml has [build] is made from its source first, where anything has changed. From the same
/// components come the same bytes, whatever machine builds them.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Build {
    /// The deployer's configuration
    #[arg(long, value_name = "FILE", default_value = config::FILE)]
    pub(super) config: PathBuf,
    /// What to compile for
    #[arg(long, value_enum, default_value_t = Machine::X86_64)]
    pub(super) target: Machine,
    /// Where the bundle goes [default: `bundle` beside the configuration]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Take components as they are, and make none from its source
    #[arg(long)]
    pub(super) prebuilt: bool,
    /// Compile everything, whatever earlier builds left in target/toolcell-cache
    #[arg(long)]
    pub(super) no_cache: bool,
    /// Print the summary as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Show what a component or a bundle is: tools, schemas, imports, limits, grants
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Inspect {
    /// A component, a directory with a plugin.toml, or a bundle
    #[arg(value_name = "COMPONENT|PLUGIN_DIR|BUNDLE")]
    pub(super) input: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Say what could be better about a plugin; exit code 1 if there is anything
///
/// Every finding has an id; docs/checking-a-plugin.md says why each is one and what to do, and how plugin.toml
/// allows what is meant to be.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Check {
    /// A component or a directory with a plugin.toml
    #[arg(value_name = "COMPONENT|PLUGIN_DIR")]
    pub(super) input: PathBuf,
    /// Also say what clients of this older component would notice, what breaks them first
    #[arg(long, value_name = "OLD")]
    pub(super) against: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Play a plugin's golden cases, cases/*.json; exit code 1 if one of them fails
///
/// Each case is one request with what has to come back, in the real sandbox, as a client sees it. Grants, answers to
/// questions, wall clock and randomness are the case's: nothing else is granted, and every run comes out the same.
/// docs/testing-a-plugin.md shows every key of a case.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Test {
    /// A directory with a plugin.toml
    #[arg(value_name = "PLUGIN_DIR", default_value = ".")]
    pub(super) plugin: PathBuf,
    /// Play this case alone: a file of cases/ without its ending
    #[arg(long, value_name = "NAME")]
    pub(super) case: Option<String>,
    /// Write what comes back into the cases, asking on the terminal what they do not answer
    #[arg(long)]
    pub(super) update: bool,
    /// Least serious log lines that are written; a plugin's own stderr is `warn`
    #[arg(long, value_name = "LEVEL", default_value = "error")]
    pub(super) log_level: tracing::Level,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Say which compilers are installed, which are missing, and how to get them
///
/// Exit code 1 if something is missing that is needed: for the languages that are named, else for the plugin in the
/// current directory.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Doctor {
    /// A language to look for; may be repeated [default: all]
    #[arg(long, value_enum, value_name = "LANGUAGE", hide_possible_values = true)]
    pub(super) lang: Vec<Language>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Make a token with which a client may call, and the lines that make it known to a server
///
/// The token goes to standard output and is kept nowhere; toolcell.toml, an environment variable or a
/// secret in AWS Secrets Manager holds its SHA-256 digest alone. To change a token, give the principal
/// two digests until every client has the new one. docs/authorization.md shows how clients send it.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Token {
    /// What the principal is called, in configuration and log
    #[arg(value_name = "NAME")]
    pub(super) name: PrincipalName,
    /// Something that the principal may do, as `required-scopes` of tools names it; may be repeated
    #[arg(long = "scope", value_name = "SCOPE")]
    pub(super) scopes: Vec<Scope>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Machine {
    /// 64-bit x86 with AVX2 (x86-64-v3)
    #[value(name = "x86_64")]
    X86_64,
    /// 64-bit Arm: Graviton2 and later
    Aarch64,
    /// The one of both that this machine is, with the same baseline
    Host,
}

/// `30s`
fn seconds(text: &str) -> Result<Duration, String> {
    let number = text.strip_suffix('s').and_then(|number| number.trim().parse().ok());
    number.map(Duration::from_secs).ok_or_else(|| "expected whole seconds, such as 30s".to_owned())
}

/// `NAME=VALUE`
fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

//! Declares the command line: every subcommand, its arguments and their help texts.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use toolcell_host::auth::Anonymous;
use toolcell_host::catalog::{AddressRange, PrincipalName, Scope, WebUrl};
use toolcell_host::public_key::PublicKey;
use toolcell_host::s3::Location;

use super::auth::Reach;
use super::connect::ClientName;
use super::lambda::Edge;
use super::new::With;
use super::publish::Signing;
use super::repository::Access;
use super::state::{Place, Selection};
use crate::bundle::compile::Target;
use crate::bundle::open::Source;
use crate::config;
use crate::document::name;
use crate::language::Language;
use crate::release::draft::OtherEngines;
use crate::server::Endpoint;
use crate::ui::exit;

/// Create, check, build and serve MCP tools that are sandboxed WebAssembly components
#[derive(Debug, Parser)]
#[command(name = "toolcell", version, after_help = exit::HELP, arg_required_else_help = true)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    New(New),
    Dev(Dev),
    Serve(Serve),
    Connect(Connect),
    Lambda(Lambda),
    Call(Call),
    Pack(Pack),
    Build(Build),
    Inspect(Inspect),
    Check(Check),
    Test(Test),
    Doctor(Doctor),
    Token(Token),
    Auth(Auth),
    State(State),
    Keygen(Keygen),
    Publish(Publish),
    Releases(Releases),
    Verify(Verify),
    Rollback(Rollback),
    Gc(Gc),
}

/// Create a plugin project that builds: WIT, source code and tests
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct New {
    /// Name of the plugin and of the new directory
    pub(super) name: String,
    /// Language of the source code
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    pub(super) lang: Language,
    /// Add an example: `http` sends requests to another host
    #[arg(long, value_enum, value_name = "WHAT", hide_possible_values = true)]
    pub(super) with: Option<With>,
}

/// Selects the tools: a configuration or a bundle.
#[derive(Debug, Args)]
pub(super) struct Tools {
    /// Configuration of the server; it is built for this machine first
    #[arg(long, value_name = "FILE", default_value = "toolcell.toml")]
    pub(super) config: PathBuf,
    /// Bundle written by `toolcell build`, in place of a configuration
    #[arg(long, value_name = "DIR", conflicts_with = "config")]
    pub(super) bundle: Option<PathBuf>,
}

impl Tools {
    /// Returns the place of releases in S3, if the bundle is one.
    pub(super) fn releases(&self) -> Option<&str> {
        self.bundle.as_deref().and_then(Path::to_str).filter(|place| place.starts_with("s3://"))
    }

    pub(super) fn source(&self) -> Source {
        match &self.bundle {
            Some(bundle) => Source::Bundle(bundle.clone()),
            None => Source::Config(self.config.clone()),
        }
    }
}

/// Selects the address, and the callers that it admits.
#[derive(Debug, Args)]
pub(super) struct Listen {
    /// Address to listen on; an address other than loopback needs [auth.bearer], [auth.oauth] or --anonymous
    #[arg(long = "listen", value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    address: SocketAddr,
    /// Admit everyone who reaches the address, if toolcell.toml has neither [auth.bearer] nor [auth.oauth]
    #[arg(long)]
    anonymous: bool,
}

impl Listen {
    pub(super) fn endpoint(&self) -> Endpoint {
        let anonymous = if self.anonymous { Anonymous::Allowed } else { Anonymous::Refused };
        Endpoint::new(self.address, anonymous)
    }
}

#[derive(Debug, Args)]
pub(super) struct Loopback {
    /// Let requests that a rule allows, and those for keys of [auth.oauth], reach this port of this machine; repeatable
    #[arg(long = "allow-loopback", value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) ports: Vec<u16>,
}

/// Serve the tools on this machine, over HTTP or standard input and output
///
/// Over HTTP, MCP is at /mcp, and GET /healthz tells whether the server is up. With --stdio, the command serves the client
/// that has started it: one message per line, and nothing but MCP on standard output.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Serve {
    #[command(flatten)]
    pub(super) tools: Tools,
    /// With --bundle s3://BUCKET/PREFIX: bundle with the keys of [releases] and the callers [default: bundle]
    #[arg(long, value_name = "DIR", requires = "bundle")]
    pub(super) package: Option<PathBuf>,
    /// Serve the client that has started the command; the variable TOOLCELL_TOKEN has its token, if it needs one
    #[arg(long, conflicts_with_all = ["address", "anonymous"])]
    pub(super) stdio: bool,
    #[command(flatten)]
    pub(super) listen: Listen,
    #[command(flatten)]
    pub(super) loopback: Loopback,
    /// Minimum log level
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub(super) log_level: tracing::Level,
    /// Format of log lines [default: text on a terminal, json elsewhere]
    #[arg(long, value_enum)]
    pub(super) log_format: Option<LogFormat>,
}

/// Print the configuration of an MCP client for a server, or merge it into the client's file
///
/// Without --url, the client starts the server itself (`toolcell serve --stdio`). No file gets the text of a token: the
/// client reads it from the variable TOOLCELL_TOKEN or asks for it, where it can.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Connect {
    /// The client
    #[arg(value_enum, value_name = "CLIENT")]
    pub(super) client: ClientName,
    #[command(flatten)]
    pub(super) tools: Tools,
    /// Address of a server that runs already, for example http://127.0.0.1:8080/mcp
    #[arg(long, value_name = "URL", conflicts_with_all = ["config", "bundle"])]
    pub(super) url: Option<String>,
    /// Let the client show a token; a toolcell.toml with [auth.bearer] or [auth.oauth] says so itself
    #[arg(long)]
    pub(super) token: bool,
    /// Name of the server in the client [default: `name` in [server], else toolcell]
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<String>,
    /// Merge the configuration into the client's file; a copy of the old file stays beside it
    #[arg(long)]
    pub(super) write: bool,
    /// File of the client, in place of its usual one
    #[arg(long, value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
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
pub(super) struct Dev {
    /// Configuration of the server
    #[arg(long, value_name = "FILE", default_value = config::FILE)]
    pub(super) config: PathBuf,
    #[command(flatten)]
    pub(super) listen: Listen,
    #[command(flatten)]
    pub(super) loopback: Loopback,
    /// Minimum log level
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub(super) log_level: tracing::Level,
}

/// Run the tools as an AWS Lambda function on this machine, behind a Function URL or another front end
///
/// Starts, freezes and kills the real `bootstrap` as Lambda does, and enforces Lambda's limits. If you run the command
/// as root, the function also gets a read-only /var/task and a private /tmp. Its log goes to standard error.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Lambda {
    #[command(flatten)]
    pub(super) tools: Tools,
    /// Address of the front end; only a loopback address accepts anonymous callers
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub(super) listen: SocketAddr,
    /// The front end; sets TOOLCELL_EDGES to the same name
    #[arg(long, value_name = "NAME", value_enum, default_value_t = Edge::FunctionUrl)]
    pub(super) edge: Edge,
    /// The `bootstrap` program [default: TOOLCELL_BOOTSTRAP, else `bootstrap` in the folder of toolcell]
    #[arg(long, value_name = "FILE")]
    pub(super) bootstrap: Option<PathBuf>,
    /// Memory size reported to the function, in MB
    #[arg(long, value_name = "MB", default_value_t = 512)]
    pub(super) memory: u32,
    /// Timeout of an invocation, for example 30s
    #[arg(long, value_name = "SECONDS", default_value = "30s", value_parser = seconds)]
    pub(super) timeout: Duration,
    /// Treat every request as signed by this IAM principal, like a URL with AuthType AWS_IAM
    #[arg(long, value_name = "ARN")]
    pub(super) iam: Option<String>,
    /// Environment variable of the function; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    pub(super) env: Vec<(String, String)>,
}

/// Call one tool without starting a server
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Call {
    /// Name of the tool
    pub(super) tool: String,
    /// Arguments as a JSON object; `-` reads standard input
    #[arg(long, value_name = "JSON", default_value = "{}")]
    pub(super) args: String,
    #[command(flatten)]
    pub(super) tools: Tools,
    /// Minimum log level; what a tool writes to stderr is logged as `warn`
    #[arg(long, value_name = "LEVEL", default_value = "warn")]
    pub(super) log_level: tracing::Level,
    /// Print outcome, result, phases and peak memory as JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum LogFormat {
    /// Text for people
    Text,
    /// One JSON object per line
    Json,
}

/// Embed a plugin's manifest and WIT documentation in its component
///
/// Checks that the WIT matches the exports of the component, and that plugin.toml names only tools and parameters that
/// exist. Writes one self-contained .wasm file. Packing that file again replaces what it contains.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Pack {
    /// Directory with a plugin.toml, or a component
    #[arg(value_name = "PLUGIN_DIR|COMPONENT")]
    pub(super) input: PathBuf,
    /// Output file [default: NAME.wasm in the current directory]
    #[arg(short, long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Directory with the WIT, for a component without plugin.toml
    #[arg(long, value_name = "DIR")]
    pub(super) wit: Option<PathBuf>,
    /// World that the component implements, if the WIT has several
    #[arg(long, requires = "wit")]
    pub(super) world: Option<String>,
    /// Print the summary as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Compile the plugins of a toolcell.toml into a bundle for a server
///
/// If a plugin.toml has [build] and its source has changed, the component is rebuilt first. The same components give
/// the same bundle, byte for byte, on every machine; with [auth.oauth] only if --offline leaves out the keys of today.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Build {
    /// Configuration of the server
    #[arg(long, value_name = "FILE", default_value = config::FILE)]
    pub(super) config: PathBuf,
    /// Target processor
    #[arg(long, value_enum, default_value_t = Machine::X86_64)]
    pub(super) target: Machine,
    /// Output directory [default: `bundle` in the folder of the configuration]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Use existing components; build none from source
    #[arg(long)]
    pub(super) prebuilt: bool,
    /// Refuse components and tools that differ from toolcell.lock; without it, the command updates the file
    #[arg(long)]
    pub(super) locked: bool,
    /// Compile everything; ignore the code that earlier builds keep in ~/.cache/toolcell
    #[arg(long)]
    pub(super) no_cache: bool,
    /// Leave out the keys of [auth.oauth]; the first request of each environment fetches them
    #[arg(long)]
    pub(super) offline: bool,
    /// Fetch the keys of [auth.oauth] also from this port of this machine; repeatable
    #[arg(long = "allow-loopback", value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) loopback: Vec<u16>,
    /// Print the summary as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Show the tools, schemas, imports, limits and grants of a component or a bundle
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Inspect {
    /// Component, directory with a plugin.toml, or bundle
    #[arg(value_name = "COMPONENT|PLUGIN_DIR|BUNDLE")]
    pub(super) input: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Report what could be better in a plugin; exit code 1 if there are findings
///
/// Every finding has an id. docs/checking-a-plugin.md explains each finding, what to do about it, and how to allow it
/// in plugin.toml.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Check {
    /// Component, or directory with a plugin.toml
    #[arg(value_name = "COMPONENT|PLUGIN_DIR")]
    pub(super) input: PathBuf,
    /// Also list changes since this older component, breaking changes first
    #[arg(long, value_name = "OLD")]
    pub(super) against: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Run a plugin's golden tests, cases/*.json; exit code 1 if one fails
///
/// A case is a request with its expected response, as a client sees it. It runs in the real sandbox. The case sets
/// grants, answers to questions, clock and random seed, so every run gives the same result. docs/testing-a-plugin.md
/// describes every key of a case.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Test {
    /// Directory with a plugin.toml
    #[arg(value_name = "PLUGIN_DIR", default_value = ".")]
    pub(super) plugin: PathBuf,
    /// Run only this case: a file name in cases/ without its extension
    #[arg(long, value_name = "NAME")]
    pub(super) case: Option<String>,
    /// Update the expected responses; send and record the requests of new cases; ask on the terminal for answers that a
    /// case lacks
    #[arg(long)]
    pub(super) update: bool,
    /// With --update: let requests that are recorded reach this port of this machine; repeatable
    #[arg(
        long = "allow-loopback",
        value_name = "PORT",
        requires = "update",
        value_parser = clap::value_parser!(u16).range(1..)
    )]
    pub(super) loopback: Vec<u16>,
    /// Minimum log level; what a plugin writes to stderr is logged as `warn`
    #[arg(long, value_name = "LEVEL", default_value = "error")]
    pub(super) log_level: tracing::Level,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// List installed and missing compilers, and how to install them
///
/// Without --lang, it also asks the authorization servers of a toolcell.toml in the current directory for their keys.
///
/// The exit code is 1 if a compiler is missing that you need: for the languages given with --lang, or else for the
/// plugin in the current directory; and if an authorization server has no keys.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Doctor {
    /// Language to check; repeatable [default: all]
    #[arg(long, value_enum, value_name = "LANGUAGE", hide_possible_values = true)]
    pub(super) lang: Vec<Language>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Create a bearer token for a client, and its configuration lines for a server
///
/// Prints the token to standard output and stores it nowhere. Only its SHA-256 digest goes into toolcell.toml, an
/// environment variable or a secret in AWS Secrets Manager. To replace a token, list both digests until every client
/// uses the new token. docs/authorization.md shows how clients send it.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Token {
    /// Name of the principal, in the configuration and the log
    #[arg(value_name = "NAME")]
    pub(super) name: PrincipalName,
    /// Scope of the principal, as in `required-scopes` of tools; repeatable
    #[arg(long = "scope", value_name = "SCOPE")]
    pub(super) scopes: Vec<Scope>,
}

/// Find out what keeps a client from signing in at a server, or sign in for trying
///
/// Works with any MCP server, also one that is not made with toolcell. docs/authorization.md explains what a client does.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Auth {
    #[command(subcommand)]
    pub(super) action: AuthAction,
}

#[derive(Debug, Subcommand)]
pub(super) enum AuthAction {
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
pub(super) struct Reached {
    /// Ask an authorization server at this port of this machine; repeatable
    #[arg(long = "allow-loopback", value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    loopback: Vec<u16>,
    /// Ask servers in this private network, such as 10.0.0.0/8; repeatable
    #[arg(long = "allow-network", value_name = "RANGE")]
    networks: Vec<AddressRange>,
}

impl Reached {
    pub(super) fn reach(&self) -> Reach {
        Reach { loopback: self.loopback.clone(), networks: self.networks.clone() }
    }
}

/// Selects the bucket, and the keys that are trusted.
#[derive(Debug, Args)]
pub(super) struct Bucket {
    /// Configuration, if there is one; releases that a key in its [releases.keys] has signed are trusted
    #[arg(long, value_name = "FILE", default_value = config::FILE)]
    pub(super) config: PathBuf,
    /// Public key whose releases are trusted, too; repeatable
    #[arg(long, value_name = "KEY")]
    pub(super) public: Vec<PublicKey>,
}

/// Selects how a release is signed.
#[derive(Debug, Args)]
pub(super) struct Signature {
    /// File with the private key that `toolcell keygen` made
    #[arg(long, value_name = "FILE")]
    pub(super) key: PathBuf,
    /// Time after which no function starts to serve the release, in days or hours
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = life)]
    pub(super) expires_in: Duration,
    /// Publish although functions with another version of the host would get no code any more
    #[arg(long)]
    pub(super) drop_engines: bool,
}

/// Create a key that signs releases, and the lines that make a function trust it
///
/// Writes the private key to a new file that only you can read, and prints the public key to standard output. Whoever has
/// the private key can run code in every function that trusts it.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Keygen {
    /// Name of the key, in the configuration and the log
    #[arg(value_parser = key_name)]
    pub(super) name: String,
    /// File for the private key [default: NAME.key in the current directory]
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
}

/// Compile the plugins of a toolcell.toml, sign them, and release them to functions that follow a bucket
///
/// Compiles everything afresh and uploads what is missing. Functions see all of the release or none of it. If somebody else
/// publishes at the same time, one of you is told to try again. docs/publishing.md describes keys, updates and upgrades.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Publish {
    /// Configuration of the plugins; releases that a key in its [releases.keys] has signed are trusted
    #[arg(long, value_name = "FILE", default_value = config::FILE)]
    pub(super) config: PathBuf,
    /// Public key whose releases are trusted, too; repeatable
    #[arg(long, value_name = "KEY")]
    pub(super) public: Vec<PublicKey>,
    /// Bucket and prefix
    #[arg(long, value_name = "s3://BUCKET/PREFIX")]
    pub(super) to: Location,
    #[command(flatten)]
    pub(super) signature: Signature,
    /// Target processor; repeatable
    #[arg(long, value_enum, default_values_t = [Machine::X86_64])]
    pub(super) target: Vec<Machine>,
    /// Release the current plugins again, with code for this new `bootstrap` as well
    #[arg(long = "for", value_name = "BOOTSTRAP", conflicts_with = "target")]
    pub(super) bootstrap: Option<PathBuf>,
    /// Bundle in the package of the function, if its plugins are to be served beside those of the release
    #[arg(long, value_name = "DIR")]
    pub(super) package: Option<PathBuf>,
    /// Use existing components; build none from source
    #[arg(long)]
    pub(super) prebuilt: bool,
    /// Print the release as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Release the plugins of an earlier release again, under a new serial
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Rollback {
    /// Bucket and prefix
    #[arg(value_name = "s3://BUCKET/PREFIX")]
    pub(super) location: Location,
    /// Serial of the earlier release; `toolcell releases` lists them
    #[arg(long, value_name = "SERIAL")]
    pub(super) to_serial: u64,
    #[command(flatten)]
    pub(super) bucket: Bucket,
    #[command(flatten)]
    pub(super) signature: Signature,
    /// Print the release as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// List the releases in a bucket, newest first
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Releases {
    /// Bucket and prefix
    #[arg(value_name = "s3://BUCKET/PREFIX")]
    pub(super) location: Location,
    #[command(flatten)]
    pub(super) bucket: Bucket,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Read all of the current release, and report what a function would refuse; exit code 1 if there is anything
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Verify {
    /// Bucket and prefix
    #[arg(value_name = "s3://BUCKET/PREFIX")]
    pub(super) location: Location,
    #[command(flatten)]
    pub(super) bucket: Bucket,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Delete what none of the newest releases needs
///
/// Deletes nothing while somebody publishes.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct Gc {
    /// Bucket and prefix
    #[arg(value_name = "s3://BUCKET/PREFIX")]
    pub(super) location: Location,
    /// Number of releases to keep, the current one included
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) keep: u32,
    #[command(flatten)]
    pub(super) bucket: Bucket,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Show, export or delete what plugins keep between calls
///
/// `toolcell serve`, `dev` and `call` keep state in .toolcell/state.redb beside toolcell.toml. Stop them first. With
/// --table, the command looks at the table of a function instead. The names of callers are in neither: each is kept as a
/// digest.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(super) struct State {
    #[command(subcommand)]
    pub(super) action: StateAction,
}

#[derive(Debug, Subcommand)]
pub(super) enum StateAction {
    /// List who has how much in which bucket
    List {
        #[command(flatten)]
        selected: SelectedState,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print every entry as a line of JSON
    Export {
        #[command(flatten)]
        selected: SelectedState,
    },
    /// Delete everything that is kept for one caller
    Delete {
        /// Configuration of the project; its state file is in the same folder
        #[arg(long, value_name = "FILE", default_value = config::FILE)]
        config: PathBuf,
        /// Name of the caller in [auth.bearer], its ARN, or ISSUER#NAME as in the log
        #[arg(long, value_name = "NAME")]
        caller: String,
        #[command(flatten)]
        table: StateTable,
    },
}

/// Selects the state of a project.
#[derive(Debug, Args)]
pub(super) struct SelectedState {
    /// Configuration of the project; its state file is in the same folder
    #[arg(long, value_name = "FILE", default_value = config::FILE)]
    pub(super) config: PathBuf,
    /// Only what is kept for this caller: its name in [auth.bearer], its ARN, or ISSUER#NAME as in the log
    #[arg(long, value_name = "NAME")]
    pub(super) caller: Option<String>,
    #[command(flatten)]
    pub(super) table: StateTable,
}

/// Selects a table in place of the project's file.
#[derive(Debug, Args)]
pub(super) struct StateTable {
    /// A table of DynamoDB in place of the file [default name: TOOLCELL_STATE_TABLE, else `table` of [state]]
    #[arg(long = "table", value_name = "NAME", num_args = 0..=1, require_equals = true)]
    name: Option<Option<String>>,
}

impl StateTable {
    pub(super) fn place(&self) -> Place<'_> {
        match &self.name {
            None => Place::Local,
            Some(None) => Place::Function,
            Some(Some(name)) => Place::Table(name),
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Machine {
    /// 64-bit x86 with AVX2 (x86-64-v3)
    #[value(name = "x86_64")]
    X86_64,
    /// 64-bit Arm: Graviton2 and later
    Aarch64,
    /// This machine's architecture, with the same baseline
    Host,
}

impl Machine {
    /// Returns the target to compile for.
    pub(super) fn target(self) -> crate::ui::problem::Result<Target> {
        match self {
            Machine::X86_64 => Ok(Target::X86_64),
            Machine::Aarch64 => Ok(Target::Aarch64),
            Machine::Host => Target::host(),
        }
    }
}

impl SelectedState {
    pub(super) fn selection(&self) -> Selection<'_> {
        let (caller, place) = (self.caller.as_deref(), self.table.place());
        Selection { config: &self.config, caller, place }
    }
}

impl Bucket {
    pub(super) fn access<'a>(&'a self, location: &'a Location) -> Access<'a> {
        Access { location, config: &self.config, public: &self.public }
    }
}

impl Signature {
    pub(super) fn signing(&self) -> Signing<'_> {
        let others = if self.drop_engines { OtherEngines::Drop } else { OtherEngines::Keep };
        Signing { key: &self.key, life: self.expires_in, others }
    }
}

/// Parses seconds, such as `30s`.
fn seconds(text: &str) -> Result<Duration, String> {
    let number = text.strip_suffix('s').and_then(|number| number.trim().parse().ok());
    number.map(Duration::from_secs).ok_or_else(|| "expected whole seconds, such as 30s".to_owned())
}

/// Parses the life of a release, such as `30d` or `12h`, up to ten years.
fn life(text: &str) -> Result<Duration, String> {
    let number = |unit: char| text.strip_suffix(unit)?.parse::<u64>().ok();
    let hours = number('d').and_then(|days| days.checked_mul(24)).or_else(|| number('h'));
    let hours = hours.filter(|hours| (1..=10 * 365 * 24).contains(hours));
    let expected = || "expected whole days or hours, such as 30d or 12h, from 1h to 3650d".to_owned();
    hours.map(|hours| Duration::from_secs(hours * 3600)).ok_or_else(expected)
}

/// Parses the name of a key.
fn key_name(text: &str) -> Result<String, String> {
    match name::is_accepted(text) {
        true => Ok(text.to_owned()),
        false => Err("expected 1 to 64 characters of A-Z a-z 0-9 _ . -".to_owned()),
    }
}

/// Parses `NAME=VALUE`.
fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

//! The command line: what there is to say, and which part answers.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use toolcell_host::catalog::{PrincipalName, Scope};
use toolcell_host::log;

use crate::build::{self, Components, Request, Summary};
use crate::bundle::Cache;
use crate::compile::Target;
use crate::exit::{self, Exit};
use crate::inspect::{self, Format};
use crate::language::Language;
use crate::open::Source;
use crate::pack::{self, Input};
use crate::problem::Result;
use crate::terminal::{Style, Terminal, size};
use crate::{call, check, config, dev, doctor, lambda, scaffold, serve, token};

/// Serve MCP tools that are sandboxed WebAssembly components
#[derive(Debug, Parser)]
#[command(name = "toolcell", version, about, after_help = exit::HELP, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
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
struct New {
    /// The plugin's name, also of the directory that is made
    name: String,
    /// The language to write it in
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    lang: Language,
}

/// Where the tools come from.
#[derive(Debug, Args)]
struct Tools {
    /// The deployer's configuration, built first for this machine
    #[arg(long, value_name = "FILE", default_value = "toolcell.toml")]
    config: PathBuf,
    /// A bundle that `toolcell build` made, instead of a configuration
    #[arg(long, value_name = "DIR", conflicts_with = "config")]
    bundle: Option<PathBuf>,
}

impl Tools {
    fn source(&self) -> Source {
        match &self.bundle {
            Some(bundle) => Source::Bundle(bundle.clone()),
            None => Source::Config(self.config.clone()),
        }
    }
}

/// Serve the tools over HTTP on this machine: MCP at /mcp, GET /healthz
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
struct Serve {
    #[command(flatten)]
    tools: Tools,
    /// Where to listen; anything but a loopback address serves the network
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Least serious log lines that are written
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    log_level: tracing::Level,
    /// How log lines look [default: text on a terminal, json elsewhere]
    #[arg(long, value_enum)]
    log_format: Option<LogFormat>,
}

/// Serve plugins while you write them: each change is built and served at once
///
/// Whatever fails is shown here, and clients go on with the last good build; a plugin whose compiler is not installed
/// is left out until it is. Whatever toolcell.toml says of [lists], clients are told to keep no list, so that they see
/// a new tool at once.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
struct Dev {
    /// The deployer's configuration
    #[arg(long, value_name = "FILE", default_value = config::FILE)]
    config: PathBuf,
    /// Where to listen; anything but a loopback address serves the network
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Least serious log lines that are written
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    log_level: tracing::Level,
}

/// Run the tools as an AWS Lambda function on this machine, behind a Function URL
///
/// The real `bootstrap` is started, frozen and killed as Lambda does, and held to Lambda's limits. Under root
/// it also sees its package read-only at /var/task and has a /tmp of its own. Its log goes to standard error.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
struct Lambda {
    #[command(flatten)]
    tools: Tools,
    /// Where the Function URL listens; without a caller, only a loopback address admits anonymous ones
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The program [default: TOOLCELL_BOOTSTRAP, else `bootstrap` beside toolcell]
    #[arg(long, value_name = "FILE")]
    bootstrap: Option<PathBuf>,
    /// Memory that the function is told it has, in MB
    #[arg(long, value_name = "MB", default_value_t = 512)]
    memory: u32,
    /// How long an invocation may take, for example 30s
    #[arg(long, value_name = "SECONDS", default_value = "30s", value_parser = seconds)]
    timeout: Duration,
    /// Count every request as signed by this caller, as a URL with AuthType AWS_IAM tells it
    #[arg(long, value_name = "ARN")]
    iam: Option<String>,
    /// An environment variable of the function; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    env: Vec<(String, String)>,
}

/// Call one tool, without a server
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
struct Call {
    /// The tool's name
    tool: String,
    /// Its arguments, a JSON object; `-` reads standard input
    #[arg(long, value_name = "JSON", default_value = "{}")]
    args: String,
    #[command(flatten)]
    tools: Tools,
    /// Least serious log lines that are written; a tool's own stderr is `warn`
    #[arg(long, value_name = "LEVEL", default_value = "warn")]
    log_level: tracing::Level,
    /// Print outcome, result, phases and peak memory as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
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
struct Pack {
    /// A directory with a plugin.toml, or a component
    #[arg(value_name = "PLUGIN_DIR|COMPONENT")]
    input: PathBuf,
    /// The file to write [default: NAME.wasm in the current directory]
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The directory with the WIT of a component that has no plugin.toml
    #[arg(long, value_name = "DIR")]
    wit: Option<PathBuf>,
    /// The world that the component implements, where the WIT has several
    #[arg(long, requires = "wit")]
    world: Option<String>,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

/// Make the plugins of a toolcell.toml and compile them into a bundle that a server runs from
///
/// A component whose plugin.toml has [build] is made from its source first, where anything has changed. From the same
/// components come the same bytes, whatever machine builds them.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
struct Build {
    /// The deployer's configuration
    #[arg(long, value_name = "FILE", default_value = config::FILE)]
    config: PathBuf,
    /// What to compile for
    #[arg(long, value_enum, default_value_t = Machine::X86_64)]
    target: Machine,
    /// Where the bundle goes [default: `bundle` beside the configuration]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Take components as they are, and make none from its source
    #[arg(long)]
    prebuilt: bool,
    /// Compile everything, whatever earlier builds left in target/toolcell-cache
    #[arg(long)]
    no_cache: bool,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

/// Show what a component or a bundle is: tools, schemas, imports, limits, grants
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
struct Inspect {
    /// A component, a directory with a plugin.toml, or a bundle
    #[arg(value_name = "COMPONENT|PLUGIN_DIR|BUNDLE")]
    input: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Say what could be better about a plugin; exit code 1 if there is anything
///
/// Every finding has an id; docs/checking-a-plugin.md says why each is one and what to do, and how plugin.toml
/// allows what is meant to be.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
struct Check {
    /// A component or a directory with a plugin.toml
    #[arg(value_name = "COMPONENT|PLUGIN_DIR")]
    input: PathBuf,
    /// Also say what clients of this older component would notice, what breaks them first
    #[arg(long, value_name = "OLD")]
    against: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Play a plugin's golden cases, cases/*.json; exit code 1 if one of them fails
///
/// Each case is one request with what has to come back, in the real sandbox, as a client sees it. Grants, answers to
/// questions, wall clock and randomness are the case's: nothing else is granted, and every run comes out the same.
/// docs/testing-a-plugin.md shows every key of a case.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
struct Test {
    /// A directory with a plugin.toml
    #[arg(value_name = "PLUGIN_DIR", default_value = ".")]
    plugin: PathBuf,
    /// Play this case alone: a file of cases/ without its ending
    #[arg(long, value_name = "NAME")]
    case: Option<String>,
    /// Write what comes back into the cases, asking on the terminal what they do not answer
    #[arg(long)]
    update: bool,
    /// Least serious log lines that are written; a plugin's own stderr is `warn`
    #[arg(long, value_name = "LEVEL", default_value = "error")]
    log_level: tracing::Level,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Say which compilers are installed, which are missing, and how to get them
///
/// Exit code 1 if something is missing that is needed: for the languages that are named, else for the plugin in the
/// current directory.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
struct Doctor {
    /// A language to look for; may be repeated [default: all]
    #[arg(long, value_enum, value_name = "LANGUAGE", hide_possible_values = true)]
    lang: Vec<Language>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Make a token with which a client may call, and the lines that make it known to a server
///
/// The token goes to standard output and is kept nowhere; toolcell.toml, an environment variable or a
/// secret in AWS Secrets Manager holds its SHA-256 digest alone. To change a token, give the principal
/// two digests until every client has the new one. docs/authorization.md shows how clients send it.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
struct Token {
    /// What the principal is called, in configuration and log
    #[arg(value_name = "NAME")]
    name: PrincipalName,
    /// Something that the principal may do, as `required-scopes` of tools names it; may be repeated
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<Scope>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Machine {
    /// 64-bit x86 with AVX2 (x86-64-v3)
    #[value(name = "x86_64")]
    X86_64,
    /// 64-bit Arm: Graviton2 and later
    Aarch64,
    /// The one of both that this machine is, with the same baseline
    Host,
}

/// The command line as clap sees it, for help texts.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let terminal = Terminal::new();
    let done = match Cli::parse().command {
        Command::New(args) => run_new(&args, &terminal),
        Command::Dev(args) => {
            log::start(args.log_level, log::Format::Text);
            dev::run(&args.config, args.listen, &terminal)
        }
        Command::Serve(args) => run_serve(&args, &terminal),
        Command::Lambda(args) => run_lambda(&args, &terminal),
        Command::Call(args) => run_call(&args, &terminal),
        Command::Pack(args) => run_pack(&args, &terminal),
        Command::Build(args) => run_build(&args, &terminal),
        Command::Inspect(args) => {
            inspect::run(&args.input, format(args.json), &terminal).map(|()| Exit::Done)
        }
        Command::Check(args) => {
            check::run(&args.input, args.against.as_deref(), format(args.json), &terminal)
        }
        Command::Test(args) => run_test(&args, &terminal),
        Command::Doctor(args) => doctor::run(&args.lang, Path::new("."), format(args.json), &terminal),
        Command::Token(args) => {
            token::run(&args.name, &args.scopes.into_iter().collect(), &terminal).map(|()| Exit::Done)
        }
    };
    done.unwrap_or_else(|problem| {
        terminal.problem(&problem);
        Exit::from(&problem)
    })
    .into()
}

fn format(json: bool) -> Format {
    if json { Format::Json } else { Format::Text }
}

fn run_new(args: &New, terminal: &Terminal) -> Result<Exit> {
    let directory = scaffold::create(Path::new(""), &args.name, args.lang)?;
    let shown = directory.display();
    terminal.print(format!(
        "{}: a plugin in {}",
        terminal.style(Style::Good, shown.to_string()),
        args.lang.title()
    ));
    terminal.print(format!("next: cd {shown} && toolcell build; README.md goes on from there"));
    Ok(Exit::Done)
}

fn run_serve(args: &Serve, terminal: &Terminal) -> Result<Exit> {
    let format = match args.log_format {
        Some(LogFormat::Text) => log::Format::Text,
        Some(LogFormat::Json) => log::Format::Json,
        None => log::Format::for_stderr(),
    };
    log::start(args.log_level, format);
    serve::run(&args.tools.source(), args.listen, &terminal.progress(), terminal)
}

fn run_lambda(args: &Lambda, terminal: &Terminal) -> Result<Exit> {
    log::start(tracing::Level::WARN, log::Format::Text);
    let request = lambda::Request {
        source: &args.tools.source(),
        address: args.listen,
        bootstrap: args.bootstrap.as_deref(),
        memory_mb: args.memory,
        timeout: args.timeout,
        caller: args.iam.as_deref(),
        variables: &args.env,
    };
    lambda::run(&request, &terminal.progress(), terminal)
}

/// `30s`
fn seconds(text: &str) -> std::result::Result<Duration, String> {
    let number = text.strip_suffix('s').and_then(|number| number.trim().parse().ok());
    number.map(Duration::from_secs).ok_or_else(|| "expected whole seconds, such as 30s".to_owned())
}

/// `NAME=VALUE`
fn variable(text: &str) -> std::result::Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

fn run_call(args: &Call, terminal: &Terminal) -> Result<Exit> {
    log::start(args.log_level, log::Format::Text);
    let output = if args.json { call::Output::Json } else { call::Output::Result };
    call::run(&args.tools.source(), &args.tool, &args.args, output, &terminal.progress(), terminal)
}

fn run_pack(args: &Pack, terminal: &Terminal) -> Result<Exit> {
    let input = match &args.wit {
        Some(wit) => Input::Component { file: &args.input, wit, world: args.world.as_deref() },
        None if args.input.is_file() => return Err(pack::no_wit(&args.input)),
        None => Input::Directory(&args.input),
    };
    let packed = pack::pack(&input, args.out.as_deref())?;
    packed.warnings.iter().for_each(|warning| terminal.warning(warning));
    match format(args.json) {
        Format::Json => terminal.print(serde_json::to_string(&packed).expect("a summary is JSON")),
        Format::Text => {
            let file = terminal.style(Style::Good, packed.file.display().to_string());
            let parts = parts(&packed.tools, &packed.prompts, &packed.offers);
            terminal.print(format!("{file} ({}): {parts}", size(packed.bytes)));
            terminal.print(terminal.style(Style::Faint, format!("sha256:{}", packed.digest)));
        }
    }
    Ok(Exit::Done)
}

fn run_build(args: &Build, terminal: &Terminal) -> Result<Exit> {
    let target = match args.target {
        Machine::X86_64 => Target::X86_64,
        Machine::Aarch64 => Target::Aarch64,
        Machine::Host => Target::host()?,
    };
    let base = args.config.parent().unwrap_or(Path::new(""));
    let out = args.out.clone().unwrap_or_else(|| base.join("bundle"));
    let cache = if args.no_cache { Cache::off() } else { Cache::beside(&args.config) };
    let components = if args.prebuilt { Components::AsTheyAre } else { Components::Made };
    let progress = terminal.progress();
    let config = &args.config;
    let summary =
        build::build(&Request { config, target, out: &out, components, cache, progress: &progress })?;
    for plugin in &summary.plugins {
        plugin
            .warnings
            .iter()
            .for_each(|warning| terminal.warning(format!("plugin `{}`: {warning}", plugin.name)));
    }
    match format(args.json) {
        Format::Json => terminal.print(serde_json::to_string(&summary).expect("a summary is JSON")),
        Format::Text => print_summary(&summary, terminal),
    }
    Ok(Exit::Done)
}

/// What a plugin has, in one line.
fn parts(tools: &[String], prompts: &[String], offers: &[&str]) -> String {
    let prompts = prompts.iter().map(|name| format!("prompt {name}"));
    let offers = offers.iter().map(ToString::to_string);
    tools.iter().cloned().chain(prompts).chain(offers).collect::<Vec<_>>().join(", ")
}

fn print_summary(summary: &Summary, terminal: &Terminal) {
    for plugin in &summary.plugins {
        let origin = if plugin.cached { "from cache" } else { "compiled" };
        terminal.print(format!(
            "{}  {} of machine code, {origin}: {}",
            terminal.style(Style::Strong, &plugin.name),
            size(plugin.code_bytes),
            parts(&plugin.tools, &plugin.prompts, &plugin.offers)
        ));
    }
    let out = terminal.style(Style::Good, summary.out.display().to_string());
    terminal.print(format!("{out} for {}, {}", summary.engine.target, summary.engine.cpu));
}

fn run_test(args: &Test, terminal: &Terminal) -> Result<Exit> {
    use crate::test::{self, Mode};
    log::start(args.log_level, log::Format::Text);
    let mode = if args.update { Mode::Update } else { Mode::Compare };
    let (case, format) = (args.case.as_deref(), format(args.json));
    test::run(&test::Request { plugin: &args.plugin, case, mode, format }, &terminal.progress(), terminal)
}

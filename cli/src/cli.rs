//! The command line: what there is to say, and which part answers.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use toolcell_host::log;

use crate::build::{self, Request};
use crate::bundle::Cache;
use crate::compile::Target;
use crate::exit::{self, Exit};
use crate::open::Source;
use crate::problem::Result;
use crate::terminal::{Style, Terminal, size};
use crate::{call, serve};

/// Serves MCP tools that are sandboxed WebAssembly components.
#[derive(Debug, Parser)]
#[command(name = "toolcell", version, about, after_help = exit::HELP, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(Serve),
    Call(Call),
    Build(Build),
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

/// Compile the plugins of a toolcell.toml into a bundle that a server runs from
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
struct Build {
    /// The deployer's configuration
    #[arg(long, value_name = "FILE", default_value = "toolcell.toml")]
    config: PathBuf,
    /// What to compile for
    #[arg(long, value_enum, default_value_t = Machine::X86_64)]
    target: Machine,
    /// Where the bundle goes [default: `bundle` beside the configuration]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Compile everything, whatever earlier builds left in target/toolcell-cache
    #[arg(long)]
    no_cache: bool,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Machine {
    /// 64-bit x86 with AVX2 (x86-64-v3)
    #[value(name = "x86_64")]
    X86_64,
    /// 64-bit Arm (Graviton2 and later)
    Aarch64,
    /// The one of both that this machine is, with the same baseline
    Host,
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let terminal = Terminal::new();
    let cli = Cli::parse();
    let exit = match cli.command {
        Command::Serve(args) => run_serve(&args, &terminal),
        Command::Call(args) => run_call(&args, &terminal),
        Command::Build(args) => run_build(&args, &terminal),
    };
    match exit {
        Ok(exit) => exit.into(),
        Err(problem) => {
            terminal.problem(&problem);
            Exit::from(&problem).into()
        }
    }
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

fn run_call(args: &Call, terminal: &Terminal) -> Result<Exit> {
    log::start(tracing::Level::ERROR, log::Format::for_stderr());
    let output = if args.json { call::Output::Json } else { call::Output::Result };
    call::run(&args.tools.source(), &args.tool, &args.args, output, &terminal.progress(), terminal)
}

fn run_build(args: &Build, terminal: &Terminal) -> Result<Exit> {
    let base = args.config.parent().map(PathBuf::from).unwrap_or_default();
    let out = args.out.clone().unwrap_or_else(|| base.join("bundle"));
    let cache = if args.no_cache { Cache::off() } else { Cache::at(base.join("target/toolcell-cache")) };
    let target = match args.target {
        Machine::X86_64 => Target::X86_64,
        Machine::Aarch64 => Target::Aarch64,
        Machine::Host => Target::host()?,
    };
    let bar = terminal.progress();
    let request = Request { config: &args.config, target, out: &out, cache, progress: &bar };
    let summary = build::build(&request)?;
    for plugin in &summary.plugins {
        terminal.print(format!(
            "{} {} tools, {} of code",
            terminal.style(Style::Strong, &plugin.name),
            plugin.tools.len(),
            size(plugin.code_bytes)
        ));
    }
    Ok(Exit::Done)
}

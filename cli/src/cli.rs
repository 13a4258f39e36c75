//! The command line: what there is to say, and which part answers.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::build::{self, Request};
use crate::bundle::Cache;
use crate::compile::Target;
use crate::exit::{self, Exit};
use crate::problem::Result;
use crate::terminal::{Style, Terminal, size};

/// Serves MCP tools that are sandboxed WebAssembly components.
#[derive(Debug, Parser)]
#[command(name = "toolcell", version, about, after_help = exit::HELP, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Build(Build),
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

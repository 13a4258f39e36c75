//! Arguments of the commands for plugin authors.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::bundle::compile::Target;
use crate::command::new::With;
use crate::config;
use crate::language::Language;
use crate::ui::exit;

/// Create a plugin project that builds: WIT, source code and tests
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(in crate::command) struct New {
    /// Name of the plugin and of the new directory
    pub(in crate::command) name: String,
    /// Language of the source code
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    pub(in crate::command) lang: Language,
    /// Add an example: `http` sends requests to another host
    #[arg(long, value_enum, value_name = "WHAT", hide_possible_values = true)]
    pub(in crate::command) with: Option<With>,
}

/// Embed a plugin's manifest and WIT documentation in its component
///
/// Checks that the WIT matches the exports of the component, and that plugin.toml names only tools and parameters that
/// exist. Writes one self-contained .wasm file. Packing that file again replaces what it contains.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(in crate::command) struct Pack {
    /// Directory with a plugin.toml, or a component
    #[arg(value_name = "PLUGIN_DIR|COMPONENT")]
    pub(in crate::command) input: PathBuf,
    /// Output file [default: NAME.wasm in the current directory]
    #[arg(short, long, value_name = "FILE")]
    pub(in crate::command) out: Option<PathBuf>,
    /// Directory with the WIT, for a component without plugin.toml
    #[arg(long, value_name = "DIR")]
    pub(in crate::command) wit: Option<PathBuf>,
    /// World that the component implements, if the WIT has several
    #[arg(long, requires = "wit")]
    pub(in crate::command) world: Option<String>,
    /// Print the summary as JSON
    #[arg(long)]
    pub(in crate::command) json: bool,
}

/// Compile the plugins of a toolcell.toml into a bundle for a server
///
/// If a plugin.toml has [build] and its source has changed, the component is rebuilt first. The same components give
/// the same bundle, byte for byte, on every machine; with [auth.oauth] only if --offline leaves out the keys of today.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(in crate::command) struct Build {
    /// Configuration of the server
    #[arg(long, value_name = "FILE", default_value = config::FILE)]
    pub(in crate::command) config: PathBuf,
    /// Target processor
    #[arg(long, value_enum, default_value_t = Machine::X86_64)]
    pub(in crate::command) target: Machine,
    /// Output directory [default: `bundle` in the folder of the configuration]
    #[arg(long, value_name = "DIR")]
    pub(in crate::command) out: Option<PathBuf>,
    /// Use existing components; build none from source
    #[arg(long)]
    pub(in crate::command) prebuilt: bool,
    /// Refuse components and tools that differ from toolcell.lock; without it, the command updates the file
    #[arg(long)]
    pub(in crate::command) locked: bool,
    /// Compile everything; ignore the code that earlier builds keep in ~/.cache/toolcell
    #[arg(long)]
    pub(in crate::command) no_cache: bool,
    /// Leave out the keys of [auth.oauth]; the first request of each environment fetches them
    #[arg(long)]
    pub(in crate::command) offline: bool,
    /// Fetch the keys of [auth.oauth] also from this port of this machine; repeatable
    #[arg(long = "allow-loopback", value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub(in crate::command) loopback: Vec<u16>,
    /// Print the summary as JSON
    #[arg(long)]
    pub(in crate::command) json: bool,
}

/// Show what is in a component, a plugin or a bundle
///
/// For a component or a plugin: tools, schemas, imports, limits, and the grants that it needs. For a bundle: plugins, tools,
/// scopes, what each plugin is granted, and the callers. No value of a variable or of a config key is shown.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(in crate::command) struct Inspect {
    /// Component, directory with a plugin.toml, or bundle
    #[arg(value_name = "COMPONENT|PLUGIN_DIR|BUNDLE")]
    pub(in crate::command) input: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub(in crate::command) json: bool,
}

/// Report what could be better in a plugin; exit code 1 if there are findings
///
/// Every finding has an id. docs/checking-a-plugin.md explains each finding, what to do about it, and how to allow it
/// in plugin.toml.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(in crate::command) struct Check {
    /// Component, or directory with a plugin.toml
    #[arg(value_name = "COMPONENT|PLUGIN_DIR")]
    pub(in crate::command) input: PathBuf,
    /// Also list changes since this older component, breaking changes first
    #[arg(long, value_name = "OLD")]
    pub(in crate::command) against: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(in crate::command) json: bool,
}

/// Run a plugin's golden tests, cases/*.json; exit code 1 if one fails
///
/// A case is a request with its expected response, as a client sees it. It runs in the real sandbox. The case sets
/// grants, answers to questions, clock and random seed, so every run gives the same result. docs/testing-a-plugin.md
/// describes every key of a case.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(in crate::command) struct Test {
    /// Directory with a plugin.toml
    #[arg(value_name = "PLUGIN_DIR", default_value = ".")]
    pub(in crate::command) plugin: PathBuf,
    /// Run only this case: a file name in cases/ without its extension
    #[arg(long, value_name = "NAME")]
    pub(in crate::command) case: Option<String>,
    /// Update the expected responses; send and record the requests of new cases; ask on the terminal for answers that a
    /// case lacks
    #[arg(long)]
    pub(in crate::command) update: bool,
    /// With --update: let requests that are recorded reach this port of this machine; repeatable
    #[arg(
        long = "allow-loopback",
        value_name = "PORT",
        requires = "update",
        value_parser = clap::value_parser!(u16).range(1..)
    )]
    pub(in crate::command) loopback: Vec<u16>,
    /// Minimum log level; what a plugin writes to stderr is logged as `warn`
    #[arg(long, value_name = "LEVEL", default_value = "error")]
    pub(in crate::command) log_level: tracing::Level,
    /// Print JSON
    #[arg(long)]
    pub(in crate::command) json: bool,
}

/// List installed and missing compilers, and how to install them
///
/// Without --lang, it also asks the authorization servers of a toolcell.toml in the current directory for their keys.
///
/// The exit code is 1 if a compiler is missing that you need: for the languages given with --lang, or else for the
/// plugin in the current directory; and if an authorization server has no keys.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(in crate::command) struct Doctor {
    /// Language to check; repeatable [default: all]
    #[arg(long, value_enum, value_name = "LANGUAGE", hide_possible_values = true)]
    pub(in crate::command) lang: Vec<Language>,
    /// Print JSON
    #[arg(long)]
    pub(in crate::command) json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::command) enum Machine {
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
    pub(in crate::command) fn target(self) -> crate::ui::problem::Result<Target> {
        match self {
            Machine::X86_64 => Ok(Target::X86_64),
            Machine::Aarch64 => Ok(Target::Aarch64),
            Machine::Host => Target::host(),
        }
    }
}

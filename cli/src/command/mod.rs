//! The command line: one file or folder for each subcommand, and [`args`] for what can be said to all of them.

mod args;
pub mod auth;
pub mod build;
pub mod call;
pub mod cases;
pub mod check;
pub mod connect;
pub mod dev;
pub mod doctor;
pub mod inspect;
mod issuer_keys;
pub mod keygen;
pub mod lambda;
pub mod new;
pub mod pack;
pub mod publish;
pub mod releases;
pub mod repository;
mod secrets;
pub mod serve;
pub mod state;
mod summary;
pub mod token;

use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};
use toolcell_host::log;

use crate::bundle::build::{BuildRequest, Components};
use crate::bundle::{Cache, LockMode};
use crate::release::draft::Sources;
use crate::ui::exit::Exit;
use crate::ui::format::Format;
use crate::ui::problem::Result;
use crate::ui::terminal::Terminal;

use self::auth::{LoginRequest, Way};
use self::build::IssuerKeys;
use args::{
    AuthAction, Build, Call, Cli, Command, Connect, Dev, Lambda, LogFormat, Pack, Publish, Rollback, Serve,
    StateAction, Test,
};
use cases::Mode;
use pack::Input;
use repository::Access;
use serve::Door;

/// The command line as clap sees it, for help texts.
pub fn parser() -> clap::Command {
    Cli::command()
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let terminal = Terminal::new();
    let done = match Cli::parse().command {
        Command::New(args) => new::run(Path::new(""), &args.name, args.lang, args.with, &terminal),
        Command::Dev(args) => run_dev(&args, &terminal),
        Command::Serve(args) => run_serve(&args, &terminal),
        Command::Connect(args) => run_connect(&args, &terminal),
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
        Command::Auth(args) => run_auth(&args.action, &terminal),
        Command::State(args) => run_state(&args.action, &terminal),
        Command::Keygen(args) => {
            let out = args.out.unwrap_or_else(|| format!("{}.key", args.name).into());
            keygen::run(&args.name, &out, &terminal)
        }
        Command::Publish(args) => run_publish(&args, &terminal),
        Command::Releases(args) => releases::list(&args.bucket.access(), format(args.json), &terminal),
        Command::Verify(args) => releases::check(&args.bucket.access(), format(args.json), &terminal),
        Command::Rollback(args) => run_rollback(&args, &terminal),
        Command::Gc(args) => {
            releases::gc(&args.bucket.access(), args.keep as usize, format(args.json), &terminal)
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

fn run_dev(args: &Dev, terminal: &Terminal) -> Result<Exit> {
    let request = dev::DevRequest {
        config: &args.config,
        endpoint: args.listen.endpoint(),
        loopback: &args.loopback.ports,
        log_level: args.log_level,
        released: args.against.as_ref(),
        public: &args.trusted.keys,
    };
    dev::run(&request, terminal)
}

fn run_serve(args: &Serve, terminal: &Terminal) -> Result<Exit> {
    let format = match args.log_format {
        Some(LogFormat::Text) => log::Format::Text,
        Some(LogFormat::Json) => log::Format::Json,
        None => log::Format::for_stderr(),
    };
    log::start(args.log_level, format);
    let door = if args.stdio { Door::Pipes } else { Door::Address(args.listen.endpoint()) };
    if let Some(place) = args.tools.releases() {
        let package = args.package.as_deref().unwrap_or(Path::new("bundle"));
        return serve::follow(place, package, door, &args.loopback.ports, terminal);
    }
    let (source, ports) = (args.tools.source(), &args.loopback.ports);
    serve::run(&source, door, ports, &terminal.progress(), terminal)
}

fn run_auth(action: &AuthAction, terminal: &Terminal) -> Result<Exit> {
    match action {
        AuthAction::Check { url, reach, json } => auth::check(url, &reach.reach(), format(*json), terminal),
        AuthAction::Login { url, device, client_id, scopes, port, out, reach } => {
            let request = LoginRequest {
                url,
                way: if *device { Way::Device } else { Way::Browser(*port) },
                client_id: client_id.as_deref(),
                scopes,
                out: out.as_deref(),
                reach: &reach.reach(),
            };
            auth::login(&request, terminal).map(|()| Exit::Done)
        }
    }
}

fn run_connect(args: &Connect, terminal: &Terminal) -> Result<Exit> {
    let request = connect::ConnectRequest {
        client: args.client,
        url: args.url.as_deref(),
        token: args.token,
        config: &args.tools.config,
        bundle: args.tools.bundle.as_deref(),
        name: args.name.as_deref(),
        file: args.file.as_deref(),
        on_windows: args.windows,
        write: args.write,
    };
    connect::run(&request, terminal)
}

fn run_lambda(args: &Lambda, terminal: &Terminal) -> Result<Exit> {
    log::start(tracing::Level::WARN, log::Format::Text);
    let request = lambda::LambdaRequest {
        source: &args.tools.source(),
        address: args.listen,
        edge: args.edge,
        bootstrap: args.bootstrap.as_deref(),
        memory_mb: args.memory,
        timeout: args.timeout,
        caller: args.iam.as_deref(),
        variables: &args.env,
    };
    lambda::run(&request, &terminal.progress(), terminal)
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
    pack::run(&input, args.out.as_deref(), format(args.json), terminal)
}

fn run_publish(args: &Publish, terminal: &Terminal) -> Result<Exit> {
    let targets = args.target.iter().map(|machine| machine.target()).collect::<Result<Vec<_>>>()?;
    let components = if args.prebuilt { Components::Prebuilt } else { Components::Built };
    let (progress, package) = (&terminal.progress(), args.package.as_deref());
    let release = match &args.bootstrap {
        Some(bootstrap) => publish::Release::For { bootstrap, package },
        None => {
            let (config, targets) = (&args.config, &targets);
            publish::Release::Config(Sources { config, targets, components, package, progress })
        }
    };
    let access = Access { location: &args.to, config: &args.config, public: &args.trusted.keys };
    publish::run(&access, &release, args.signature.signing(), progress, format(args.json), terminal)
}

fn run_rollback(args: &Rollback, terminal: &Terminal) -> Result<Exit> {
    let (access, release) = (args.bucket.access(), publish::Release::Serial(args.to_serial));
    let progress = &terminal.progress();
    publish::run(&access, &release, args.signature.signing(), progress, format(args.json), terminal)
}

fn run_state(action: &StateAction, terminal: &Terminal) -> Result<Exit> {
    match action {
        StateAction::List { selected, json } => state::list(selected.selection(), format(*json), terminal),
        StateAction::Export { selected } => state::export(selected.selection(), terminal),
        StateAction::Delete { selected } => state::delete(selected.selection(), terminal),
    }
}

fn run_build(args: &Build, terminal: &Terminal) -> Result<Exit> {
    let target = args.target.target()?;
    let base = args.config.parent().unwrap_or(Path::new(""));
    let out = args.out.clone().unwrap_or_else(|| base.join("bundle"));
    let cache = if args.no_cache { Cache::off() } else { Cache::of_user() };
    let components = if args.prebuilt { Components::Prebuilt } else { Components::Built };
    let lock = if args.locked { LockMode::Locked } else { LockMode::Update };
    let (config, progress) = (&args.config, &terminal.progress());
    let keys = if args.offline { IssuerKeys::LeftOut } else { IssuerKeys::Fetched(&args.loopback) };
    build::run(
        &BuildRequest { config, target, out: &out, components, cache, lock, progress },
        keys,
        format(args.json),
        terminal,
    )
}

fn run_test(args: &Test, terminal: &Terminal) -> Result<Exit> {
    log::start(args.log_level, log::Format::Text);
    let mode = if args.update { Mode::Update } else { Mode::Compare };
    let (case, format) = (args.case.as_deref(), format(args.json));
    cases::run(
        &cases::TestRequest { plugin: &args.plugin, case, mode, loopback: &args.loopback, format },
        &terminal.progress(),
        terminal,
    )
}

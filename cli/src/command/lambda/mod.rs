//! `toolcell lambda`: the real `bootstrap` in the Lambda emulator, behind a front end on this machine.
//!
//! The tests use the same emulator; `lambda-emulator/README.md` lists what it imitates. What the function would be
//! deployed with is laid out as `make package` does: the bundle and the directories that it grants, beside
//! `bootstrap`, read-only.

mod bootstrap;
mod edge;
mod package;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use toolcell_host::catalog::Catalog;
use toolcell_host::service::MCP_PATH;
use toolcell_lambda_emulator::{Function, Identity, Lambda, Line, Source as Origin, StartError};

pub use self::edge::Edge;
use crate::bundle::load_errors;
use crate::bundle::open::{self, OpenBundle, Source, unreadable};
use crate::server::announce;
use crate::server::{busy, stopped};
use crate::ui::exit::Exit;
use crate::ui::problem::{Problem, Result};
use crate::ui::progress::Progress;
use crate::ui::terminal::{Style, Terminal, counted};

/// The options of `toolcell lambda`.
#[derive(Debug)]
pub struct LambdaRequest<'a> {
    /// The source of the tools.
    pub source: &'a Source,
    /// The address of the front end.
    pub address: SocketAddr,
    /// The front end.
    pub edge: Edge,
    /// The program, if it is named.
    pub bootstrap: Option<&'a Path>,
    /// Memory that the function is told it has.
    pub memory_mb: u32,
    /// The function's timeout.
    pub timeout: Duration,
    /// The ARN that signs every request; sets the URL's `AuthType` to `AWS_IAM`.
    pub caller: Option<&'a str>,
    /// The function's environment variables.
    pub variables: &'a [(String, String)],
}

/// Runs the function until the process is asked to stop.
///
/// # Errors
/// The configuration, a plugin, the program or the address is refused.
pub fn run(request: &LambdaRequest<'_>, progress: &dyn Progress, terminal: &Terminal) -> Result<Exit> {
    let program = bootstrap::find(request.bootstrap)?;
    // Instances open the bundle as long as the function runs.
    let OpenBundle { runner, in_use: _in_use } = open::open(request.source, progress)?;
    load_errors::refuse(&runner, request.source)?;
    let contents = runner.index().contents().map_err(|error| unreadable(request.source, &error))?;
    let catalog = contents.catalog;
    let function = configured(package::of(&program, request.source, &catalog)?, request);
    let lambda = function.on_line(print).start().map_err(|error| refused(request, error))?;
    announce(&lambda, &program, &catalog, request, terminal);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime
        .map_err(|error| Problem::internal("toolcell lambda", "cannot wait").found(error.to_string()))?;
    runtime.block_on(stopped());
    lambda.stop();
    terminal.note("stopped; running calls were cut off");
    Ok(Exit::Done)
}

/// Nobody but this machine reaches a loopback address: its callers need no name, as with `toolcell serve`.
fn configured(function: Function, request: &LambdaRequest<'_>) -> Function {
    let mut function = function
        .memory_mb(request.memory_mb)
        .timeout(request.timeout)
        .listen(request.address)
        .front_end(request.edge.front_end())
        .invoke_mode(request.edge.invoke_mode())
        .iam(request.caller.map(Identity::of_arn));
    let auth_type = if request.caller.is_some() { "AWS_IAM" } else { "NONE" };
    function = function.env("TOOLCELL_AUTH_TYPE", auth_type).env("TOOLCELL_EDGES", request.edge.name());
    if request.caller.is_none() && request.address.ip().is_loopback() {
        function = function.env("TOOLCELL_ALLOW_ANONYMOUS", "true");
    }
    for (name, value) in request.variables {
        function = function.env(name, value);
    }
    function
}

/// The function's log, as it comes.
fn print(line: &Line) {
    let terminal = Terminal::new();
    match line.source {
        Origin::Platform => terminal.note(terminal.style_note(Style::Faint, &line.text)),
        Origin::Stdout | Origin::Stderr => terminal.note(&line.text),
    }
}

/// Says where to connect; the first line is what scripts wait for.
fn announce(
    lambda: &Lambda,
    program: &Path,
    catalog: &Catalog,
    request: &LambdaRequest<'_>,
    terminal: &Terminal,
) {
    let (tools, plugins) = (counted(catalog.tools.len(), "tool"), counted(catalog.plugins.len(), "plugin"));
    let url = lambda.url();
    let (url, path) = (url.trim_end_matches('/'), &catalog.http.path);
    terminal.note(format!("serving {tools} of {plugins} from a Lambda function at {url}{path}{MCP_PATH}"));
    announce::also(catalog, terminal);
    let (memory, timeout) = (request.memory_mb, request.timeout.as_secs());
    terminal.note(format!("  {} with {memory} MB and a timeout of {timeout} s", program.display()));
    terminal.note("stop with Ctrl-C");
}

fn refused(request: &LambdaRequest<'_>, error: StartError) -> Problem {
    match error {
        StartError::Listen { address, source } => busy(address, &source),
        StartError::Setting { setting, found, expected } => {
            Problem::refused(format!("--{setting}"), "is not a value that Lambda allows")
                .found(found)
                .expected(expected)
                .next("use another value")
        }
        StartError::Package { path, source } => {
            Problem::refused(path.display().to_string(), "cannot be packaged")
                .found(source.to_string())
                .expected("a readable file or directory")
                .next(format!("make {} readable, or rebuild the bundle", path.display()))
        }
        error @ StartError::Threads(_) => {
            Problem::internal(format!("--listen {}", request.address), "cannot be served")
                .found(error.to_string())
        }
    }
}

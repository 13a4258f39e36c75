//! The Lambda function: serves the bundle beside it as MCP through a Function URL.
//!
//! `bootstrap --engine` tells which machine code it loads. `docs/deploying.md` says how it gets there, `docs/configuration.md` which variables it reads.

use std::env;
use std::process::ExitCode;

use toolcell_host::lambda::{self, RunError, environment};
use toolcell_host::log;
use toolcell_host::sandbox::engine::MARK;

/// Saves half of the system calls of a first call, which musl's own allocator would make.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    if env::args().nth(1).as_deref() == Some("--engine") {
        print!("{MARK}");
        return ExitCode::SUCCESS;
    }
    let variable = |name: &str| env::var(name).ok();
    let (level, format) = environment::logging(variable);
    log::start(level, format);
    log::panics();
    let environment = match environment::Environment::read(variable, env::current_exe().ok()) {
        Ok(environment) => environment,
        Err(error) => return refuse(&error),
    };
    // One thread: an environment serves one invocation at a time, but on managed instances.
    let mut threads = tokio::runtime::Builder::new_current_thread();
    if environment.concurrency.get() > 1 {
        // Else the connections of all invocations would wait for 61 turns of those that compute.
        threads.event_interval(1);
    }
    let runtime = match threads.enable_io().enable_time().build() {
        Ok(runtime) => runtime,
        Err(error) => return refuse(&error),
    };
    match runtime.block_on(lambda::run(environment)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(RunError::Init(_)) => ExitCode::FAILURE,
        Err(error) => refuse(&error),
    }
}

fn refuse(error: &dyn std::error::Error) -> ExitCode {
    // The log holds lines of toolcell alone, and the name of this program is not a part of it.
    tracing::error!(target: "toolcell_host::bootstrap", %error, "toolcell cannot serve");
    ExitCode::FAILURE
}

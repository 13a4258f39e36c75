//! Counts what a process does from its start to its first answer, and for a warm one. The machine's speed and its other
//! work change none of these counts by much, so that a few runs suffice.
//!
//! ```text
//! phase         the phases: the start until the first request for an event, the first answer, the second one with what
//!               comes after it, and a warm one
//! instructions  user-space instructions of each phase, by callgrind
//! system_calls  system calls of each phase, by strace
//! memory        page faults, bytes read, and the mappings at the end of each phase, by /proc
//! report        the table, and the JSON file
//! ```

mod instructions;
mod memory;
mod phase;
mod report;
mod system_calls;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, ensure};
use measure::process::Process;

use crate::contender::{Contender, Way};
use crate::event;
use crate::log::Log;
use crate::run::{self, Endpoint};
use crate::runtime_api::RuntimeApi;

pub(crate) use report::Profile;

use phase::Phase;
use report::Profiled;

/// The programs that count, with the package of Debian that has each.
const TOOLS: [&str; 2] = ["valgrind", "strace"];

/// The time in which a process falls asleep after it has asked for an event, also when it is traced.
const SETTLE: Duration = Duration::from_millis(50);

/// Profiles each contender that runs on Lambda alone, and writes the JSON file into `out`.
///
/// # Errors
/// Fails when a tool is missing, and when a contender does not start or answers wrongly.
pub(crate) fn take(contenders: &[Contender], out: &Path) -> anyhow::Result<(Profile, PathBuf)> {
    for tool in TOOLS {
        let found = Command::new(tool).arg("--version").stdout(Stdio::null()).status();
        ensure!(found.is_ok_and(|status| status.success()), "`{tool}` is missing: apt-get install {tool}");
    }
    let folder = out.join("profile");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut profiled = Vec::new();
    for contender in contenders.iter().filter(|contender| matches!(contender.way, Way::RuntimeApi)) {
        eprintln!("{}", contender.name);
        profiled.push(profile(contender, &folder).with_context(|| contender.name.clone())?);
    }
    let profile = Profile::new(profiled);
    let file = profile.write(out)?;
    Ok((profile, file))
}

fn profile(contender: &Contender, folder: &Path) -> anyhow::Result<Profiled> {
    let instructions = instructions::count(contender, folder)?;
    let system_calls = system_calls::count(contender, folder)?;
    let memory = memory::count(contender)?;
    let counts = instructions.zip(system_calls).zip(memory);
    Ok(Profiled { name: contender.name.clone(), what: contender.what.clone(), counts: counts.into() })
}

/// Runs a contender under a tracer through the phases up to `last`; tells `reached` when it sleeps at the end of each.
/// Returns the process, which still runs.
fn run(
    contender: &Contender,
    tracer: &[OsString],
    last: Phase,
    mut reached: impl FnMut(Phase, &Process) -> anyhow::Result<()>,
) -> anyhow::Result<Process> {
    let mut api = RuntimeApi::listen(event::of(&contender.workload))?;
    let log = Log::open(&contender.log)?;
    let mut processes = contender.start_under(tracer, api.address()?, &log)?;
    let process = processes.pop().context("no program")?;
    ensure!(processes.is_empty(), "more than one program");
    for phase in Phase::ALL {
        match phase {
            Phase::Start => api.ready()?,
            Phase::First => run::check(contender, &api.ask()?.answer)?,
            Phase::Second => {
                api.ready()?;
                run::check(contender, &api.ask()?.answer)?;
                api.ready()?;
            }
            Phase::Warm => {
                for _ in 0..phase.repeats() {
                    run::check(contender, &api.ask()?.answer)?;
                    api.ready()?;
                }
            }
        }
        thread::sleep(SETTLE);
        reached(phase, &process)?;
        if phase == last {
            break;
        }
    }
    Ok(process)
}

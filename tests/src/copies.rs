//! Looks at the copies of code that a function keeps in its temporary folder, and kills its process.

use std::fs::{self, File};
use std::os::fd::AsRawFd as _;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use toolcell_lambda_emulator::{Environment, Lambda, Phase};

/// The longest wait for anything of the emulator.
const PATIENCE: Duration = Duration::from_secs(60);

/// The temporary folder of the only environment of a function; it outlives the environment's processes.
#[derive(Debug)]
pub struct Temporary(File);

impl Temporary {
    /// Opens the folder of a function that has one environment, whose process runs.
    ///
    /// # Panics
    /// Panics if there is no process.
    pub fn of(lambda: &Lambda) -> Self {
        let pid = environment(lambda).pid.expect("a process that runs");
        Self(File::open(format!("/proc/{pid}/root/tmp")).expect("every function has a temporary folder"))
    }

    /// Returns the directory of the copies.
    pub fn copies(&self) -> PathBuf {
        let user = rustix::process::geteuid().as_raw();
        format!("/proc/self/fd/{}/toolcell-code-{user}", self.0.as_raw_fd()).into()
    }

    /// Returns the names of everything in the directory of the copies.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.copies()).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().display().to_string()).collect()
    }
}

/// Returns the only environment of a function.
///
/// # Panics
/// Panics if there is another number of them.
pub fn environment(lambda: &Lambda) -> Environment {
    let environments = lambda.environments();
    let [environment] = environments[..] else { panic!("{environments:?}") };
    environment
}

/// Waits until the only environment is in one of these phases: [`Phase::Frozen`] once all of a request is over.
///
/// # Panics
/// Panics if that does not happen.
pub fn wait_for(lambda: &Lambda, phases: &[Phase]) {
    let start = Instant::now();
    while !phases.contains(&environment(lambda).phase) {
        assert!(start.elapsed() < PATIENCE, "{phases:?}: {:?}", lambda.environments());
        thread::sleep(Duration::from_millis(1)); // a poll of another process
    }
}

/// Kills the process of the only environment once all of a request is over, and waits for its end.
pub fn kill_idle(lambda: &Lambda) {
    wait_for(lambda, &[Phase::Idle, Phase::Frozen, Phase::Down]);
    kill(lambda);
    wait_for(lambda, &[Phase::Down]);
}

/// Kills the process of the only environment, if there is one.
///
/// # Panics
/// Panics if a process has no id.
pub fn kill(lambda: &Lambda) {
    if let Some(pid) = environment(lambda).pid {
        let pid = Pid::from_raw(pid.cast_signed()).expect("a process has an id");
        // The process may have ended by itself.
        let _ = kill_process(pid, Signal::KILL);
    }
}

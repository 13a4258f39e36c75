//! Runs a process of the function: stops, continues and kills its whole group, and watches for its end.

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use rustix::process::{
    Pid, Resource, Rlimit, Signal, WaitId, WaitIdOptions, kill_process_group, prlimit, waitid,
};
use tokio::sync::watch;

use crate::limit;

/// A process and everything that it started.
#[derive(Debug)]
pub(crate) struct Process {
    pid: Pid,
    ended: watch::Receiver<Option<String>>,
    frozen: AtomicBool,
    max_memory_kb: AtomicU64,
}

/// The pipes to which the process writes.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) stdout: ChildStdout,
    pub(crate) stderr: ChildStderr,
}

impl Process {
    /// Starts a command, which must put the process into a group of its own and pipe its output.
    pub(crate) fn spawn(command: &mut Command) -> io::Result<(Self, Output)> {
        let mut child = command.spawn()?;
        let piped = child.stdout.take().zip(child.stderr.take());
        let (stdout, stderr) = piped.ok_or_else(|| io::Error::other("the output is not piped"))?;
        let pid = Pid::from_child(&child);
        // The limit of 1024 processes and threads has no effect on root, so it is not imitated.
        let files = Rlimit { current: Some(limit::OPEN_FILES), maximum: Some(limit::OPEN_FILES) };
        // If the process has already ended, its end is noticed below.
        let _ = prlimit(Some(pid), Resource::Nofile, files);
        let (tell, ended) = watch::channel(None);
        thread::Builder::new()
            .name("lambda-process".to_owned())
            .spawn(move || watch_over(pid, child, &tell))?;
        let process = Self { pid, ended, frozen: AtomicBool::new(false), max_memory_kb: AtomicU64::new(0) };
        Ok((process, Output { stdout, stderr }))
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid.as_raw_nonzero().get().unsigned_abs()
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.ended.borrow().is_none()
    }

    pub(crate) fn is_frozen(&self) -> bool {
        self.frozen.load(Ordering::Relaxed)
    }

    /// Stops every thread of every process of the group.
    pub(crate) fn freeze(&self) {
        self.frozen.store(true, Ordering::Relaxed);
        self.signal(Signal::STOP);
    }

    /// Continues them.
    pub(crate) fn thaw(&self) {
        if self.frozen.swap(false, Ordering::Relaxed) {
            self.signal(Signal::CONT);
        }
    }

    /// Kills them.
    pub(crate) fn kill(&self) {
        self.signal(Signal::KILL);
    }

    /// Waits until the process has ended; returns how it ended.
    pub(crate) async fn ended(&self) -> String {
        let mut ended = self.ended.clone();
        let how = ended.wait_for(Option::is_some).await.map(|how| how.clone());
        how.ok().flatten().unwrap_or_else(|| "the emulator did not see its end".to_owned())
    }

    /// Returns the most physical memory that the process has had so far, in MB.
    pub(crate) fn max_memory_mb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()));
        let peak = status.ok().and_then(|status| {
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
            line.trim().split(' ').next()?.parse().ok()
        });
        let before = self.max_memory_kb.fetch_max(peak.unwrap_or_default(), Ordering::Relaxed);
        before.max(peak.unwrap_or_default()).div_ceil(1024)
    }

    fn signal(&self, signal: Signal) {
        // The number of a group that has ended may belong to another one by now.
        if self.is_alive() {
            let _ = kill_process_group(self.pid, signal);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Waits for the end of a process, kills what it left behind, and tells how it ended.
fn watch_over(pid: Pid, mut child: Child, tell: &watch::Sender<Option<String>>) {
    // Until it is reaped, no other process and no other group gets its number.
    let _ = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
    let _ = kill_process_group(pid, Signal::KILL);
    let how = child.wait().map_or_else(|error| error.to_string(), describe);
    tell.send_replace(Some(how));
}

/// Formats `exit status 1` or `signal: killed`, as the platform does.
fn describe(status: ExitStatus) -> String {
    let Some(signal) = status.signal() else {
        return format!("exit status {}", status.code().unwrap_or_default());
    };
    let name = match signal {
        4 => "illegal instruction",
        6 => "aborted",
        7 => "bus error",
        9 => "killed",
        11 => "segmentation fault",
        15 => "terminated",
        _ => return format!("signal: {signal}"),
    };
    format!("signal: {name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_described_as_the_platform_does() {
        assert_eq!(describe(ExitStatus::from_raw(0)), "exit status 0");
        assert_eq!(describe(ExitStatus::from_raw(3 << 8)), "exit status 3");
        assert_eq!(describe(ExitStatus::from_raw(9)), "signal: killed");
        assert_eq!(describe(ExitStatus::from_raw(6 | 0x80)), "signal: aborted");
        assert_eq!(describe(ExitStatus::from_raw(31)), "signal: 31");
    }
}

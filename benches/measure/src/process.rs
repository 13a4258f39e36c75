//! Starts a process under measurement, and reads its CPU time and its memory.

use std::fs;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus};
use std::time::Duration;

use anyhow::Context;
use nix::sys::signal::{Signal, kill};
use nix::time::{ClockId, clock_getcpuclockid};
use nix::unistd::Pid;

/// A process; it is killed when this is dropped.
pub struct Process {
    child: Child,
    clock: ClockId,
}

impl Process {
    /// Starts `command`.
    ///
    /// # Errors
    /// Fails when the program cannot be started; the text names it.
    pub fn start(command: &mut Command) -> anyhow::Result<Self> {
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().to_string_lossy()))?;
        let clock = clock_getcpuclockid(Pid::from_raw(child.id().cast_signed()))?;
        Ok(Process { child, clock })
    }

    /// Takes its standard input and output, where the command made pipes of them.
    pub fn pipes(&mut self) -> Option<(ChildStdin, ChildStdout)> {
        self.child.stdin.take().zip(self.child.stdout.take())
    }

    /// Returns the CPU time so far, of user and kernel, of all threads including ended ones.
    ///
    /// # Errors
    /// Fails when the process is gone.
    pub fn cpu(&self) -> anyhow::Result<Duration> {
        let now = self.clock.now().with_context(|| format!("process {} is gone", self.child.id()))?;
        Ok(now.into())
    }

    /// Reads memory and CPU time from `/proc`.
    ///
    /// # Errors
    /// Fails when the process is gone.
    pub fn vitals(&self) -> anyhow::Result<Vitals> {
        let process = format!("/proc/{}", self.child.id());
        let stat = fs::read_to_string(format!("{process}/stat"))?;
        let rollup = fs::read_to_string(format!("{process}/smaps_rollup"))?;
        Ok(Vitals::parse(&stat, &rollup))
    }

    /// Forgets the largest resident memory so far; returns the resident memory of now, in KiB.
    ///
    /// # Errors
    /// Fails when the process is gone.
    pub fn reset_peak(&self) -> anyhow::Result<u64> {
        fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5")?;
        self.status_kib("VmRSS:")
    }

    /// Returns the largest resident memory since [`Process::reset_peak`], in KiB.
    ///
    /// # Errors
    /// Fails when the process is gone.
    pub fn peak_kib(&self) -> anyhow::Result<u64> {
        self.status_kib("VmHWM:")
    }

    fn status_kib(&self, key: &str) -> anyhow::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(key));
        let number = line.and_then(|line| line.split_ascii_whitespace().next()?.parse().ok());
        number.with_context(|| format!("no {key} of process {}", self.child.id()))
    }

    /// Returns its number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end, and waits until it has.
    ///
    /// # Errors
    /// Fails when the system does not say how it ended.
    pub fn end(mut self) -> anyhow::Result<ExitStatus> {
        kill(Pid::from_raw(self.child.id().cast_signed()), Signal::SIGTERM)?;
        Ok(self.child.wait()?)
    }

    /// Returns how it ended; `None` while it runs.
    ///
    /// # Errors
    /// Fails when the system does not say.
    pub fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only where the process has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The memory of a process, and the parts of its CPU time.
#[derive(Clone, Copy, Default)]
pub struct Vitals {
    /// Resident memory.
    pub rss_kib: u64,
    /// Memory that is private and written to: the cost of the process beyond shared files.
    pub dirty_kib: u64,
    /// CPU time outside of the kernel.
    pub user_ticks: u64,
    /// CPU time in the kernel.
    pub system_ticks: u64,
}

impl Vitals {
    fn parse(stat: &str, rollup: &str) -> Self {
        // The command's name may hold spaces; the fields proper follow its closing parenthesis.
        let fields: Vec<&str> =
            stat.rsplit_once(')').map_or(stat, |(_, rest)| rest).split_ascii_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|field| field.parse().ok()).unwrap_or(0);
        let kib = |key: &str| {
            let line = rollup.lines().find_map(|line| line.strip_prefix(key));
            line.and_then(|rest| rest.split_ascii_whitespace().next()?.parse().ok()).unwrap_or(0)
        };
        Vitals {
            rss_kib: kib("Rss:"),
            dirty_kib: kib("Private_Dirty:"),
            user_ticks: ticks(11),
            system_ticks: ticks(12),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Vitals;

    #[test]
    fn a_name_with_spaces_and_parentheses_does_not_shift_the_fields() {
        let stat = "12 (a (b) c) S 1 12 12 0 -1 4194560 100 0 0 0 7 9 0 0 20 0";
        let vitals = Vitals::parse(stat, "Rss:                1234 kB\nPrivate_Dirty:         56 kB\n");
        assert_eq!((vitals.user_ticks, vitals.system_ticks), (7, 9));
        assert_eq!((vitals.rss_kib, vitals.dirty_kib), (1234, 56));
    }
}

//! A server under measurement: its process, its CPU time, its memory.

use std::ffi::OsString;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use nix::time::{ClockId, clock_getcpuclockid};
use nix::unistd::Pid;

use crate::options::Options;

/// How long a server may take until it accepts a connection; Node on a busy machine needs seconds.
const START: Duration = Duration::from_secs(30);

/// One server process; it ends when this is dropped.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    process: Child,
    clock: ClockId,
}

/// Starts every contender that `options` names.
///
/// # Errors
/// Fails where a program does not start or does not listen in time, naming its log file.
pub(crate) fn start_all(options: &Options) -> anyhow::Result<Vec<Contender>> {
    fs::create_dir_all(&options.out).with_context(|| format!("cannot make {}", options.out.display()))?;
    let mut contenders = Vec::new();
    let mut start = |name, program: &Option<PathBuf>, arguments: &dyn Fn(SocketAddr) -> Vec<OsString>| {
        if let Some(program) = program {
            contenders.push(Contender::start(name, program, arguments, &options.out)?);
        }
        anyhow::Ok(())
    };
    start("floor", &options.floor, &|address| vec![address.to_string().into()])?;
    start("rmcp", &options.rmcp, &|address| vec![address.to_string().into()])?;
    start("toolcell", &options.toolcell, &|address| {
        let bundle = options.bundle.clone().into_os_string();
        vec!["serve".into(), "--bundle".into(), bundle, "--listen".into(), address.to_string().into()]
    })?;
    start("node", &options.node, &|address| {
        vec![options.script.clone().into_os_string(), address.port().to_string().into()]
    })?;
    Ok(contenders)
}

impl Contender {
    fn start(
        name: &'static str,
        program: &Path,
        arguments: &dyn Fn(SocketAddr) -> Vec<OsString>,
        logs: &Path,
    ) -> anyhow::Result<Self> {
        let address = free_address()?;
        let log_file = logs.join(format!("{name}.log"));
        let log = File::create(&log_file).with_context(|| format!("cannot write {}", log_file.display()))?;
        let process = Command::new(program)
            .args(arguments(address))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let clock = clock_getcpuclockid(Pid::from_raw(process.id().cast_signed()))?;
        let mut contender = Contender { name, address, process, clock };
        contender.wait_until_listening().with_context(|| format!("see {}", log_file.display()))?;
        Ok(contender)
    }

    fn wait_until_listening(&mut self) -> anyhow::Result<()> {
        let deadline = Instant::now() + START;
        while TcpStream::connect(self.address).is_err() {
            if let Some(status) = self.process.try_wait()? {
                bail!("{} ended before it listened ({status})", self.name);
            }
            if Instant::now() > deadline {
                bail!("{} did not listen on {} within {START:?}", self.name, self.address);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// CPU time of the process so far: all its threads, ended ones too, user and kernel.
    ///
    /// # Errors
    /// Fails when the process is gone.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        let now = self.clock.now().with_context(|| format!("{} is gone", self.name))?;
        Ok(now.into())
    }

    /// What `/proc` says of the process now.
    ///
    /// # Errors
    /// Fails when the process is gone.
    pub(crate) fn vitals(&self) -> anyhow::Result<Vitals> {
        let process = format!("/proc/{}", self.process.id());
        let stat = fs::read_to_string(format!("{process}/stat"))?;
        let rollup = fs::read_to_string(format!("{process}/smaps_rollup"))?;
        Ok(Vitals::parse(&stat, &rollup))
    }
}

impl Drop for Contender {
    fn drop(&mut self) {
        // Both fail only where the process has ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Memory of a process, and how its CPU time splits.
#[derive(Clone, Copy, Default)]
pub(crate) struct Vitals {
    pub(crate) rss_kib: u64,
    /// Private and written to: what the process costs beyond shared files.
    pub(crate) dirty_kib: u64,
    pub(crate) user_ticks: u64,
    pub(crate) system_ticks: u64,
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

fn free_address() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?)
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

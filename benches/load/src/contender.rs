//! Starts the servers under measurement.

use std::ffi::OsString;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use measure::process::Process;

use crate::options::Options;

/// The longest time until a server accepts a connection; Node on a busy machine needs seconds.
const START: Duration = Duration::from_secs(30);

/// A server process; it ends when this is dropped.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    pub(crate) process: Process,
}

/// Starts every contender that `options` names.
///
/// # Errors
/// Fails when a program does not start or does not listen in time; the text names its log file.
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
    start("toolcell", &options.toolcell, &|address| serve(options, address))?;
    start("node", &options.node, &|address| {
        vec![options.script.clone().into_os_string(), address.port().to_string().into()]
    })?;
    Ok(contenders)
}

/// Starts toolcell alone.
///
/// # Errors
/// As [`start_all`].
pub(crate) fn start_toolcell(program: &Path, options: &Options) -> anyhow::Result<Contender> {
    Contender::start("toolcell", program, &|address| serve(options, address), &options.out)
}

fn serve(options: &Options, address: SocketAddr) -> Vec<OsString> {
    let bundle = options.bundle.clone().into_os_string();
    vec!["serve".into(), "--bundle".into(), bundle, "--listen".into(), address.to_string().into()]
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
        let mut command = Command::new(program);
        command.args(arguments(address)).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let process = Process::start(&mut command)?;
        let mut contender = Contender { name, address, process };
        contender.wait_until_listening().with_context(|| format!("see {}", log_file.display()))?;
        Ok(contender)
    }

    fn wait_until_listening(&mut self) -> anyhow::Result<()> {
        let deadline = Instant::now() + START;
        while TcpStream::connect(self.address).is_err() {
            if let Some(status) = self.process.ended()? {
                bail!("{} ended before it listened ({status})", self.name);
            }
            if Instant::now() > deadline {
                bail!("{} did not listen on {} within {START:?}", self.name, self.address);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

fn free_address() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?)
}

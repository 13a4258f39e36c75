//! Starts `toolcell serve`.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::ensure;
use measure::process::Process;

/// The longest time until the server accepts a connection.
const START: Duration = Duration::from_secs(30);

/// A server; it ends when this is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) process: Process,
    log: PathBuf,
}

impl Server {
    /// Starts the server for a bundle; its log goes to `logs`.
    ///
    /// # Errors
    /// Fails when it does not start or does not listen in time.
    pub(crate) fn start(toolcell: &Path, bundle: &Path, logs: &Path) -> anyhow::Result<Self> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let file = logs.join("neighbour.log");
        let log = File::create(&file)?;
        let mut command = Command::new(toolcell);
        command.arg("serve").arg("--bundle").arg(bundle).args(["--listen", &address.to_string()]);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let process = Process::start(&mut command)?;
        let deadline = Instant::now() + START;
        while TcpStream::connect(address).is_err() {
            ensure!(Instant::now() < deadline, "the server does not listen; see neighbour.log");
            thread::sleep(Duration::from_millis(20));
        }
        Ok(Server { address, process, log: file })
    }

    /// Returns the length of its log so far.
    ///
    /// # Errors
    /// Fails when the file is gone.
    pub(crate) fn log_bytes(&self) -> anyhow::Result<u64> {
        Ok(fs::metadata(&self.log)?.len())
    }
}

//! Programs that send GETs: toolcell with a plugin, and reqwest.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use measure::connection::Connection;
use measure::process::Process;
use measure::workload;

use crate::Options;
use crate::upstream::{Upstream, Version};

/// The contender with which the others are compared.
pub(crate) const YARDSTICK: &str = "reqwest, one thread";

/// The longest time until toolcell has compiled the plugin and listens.
const START: Duration = Duration::from_secs(120);

/// A running program.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) process: Process,
    way: Way,
}

/// How a program is told to send GETs.
enum Way {
    /// A call of a tool.
    Call(SocketAddr, Box<Connection>),
    /// A line on its standard input.
    Line { input: std::process::ChildStdin, output: BufReader<std::process::ChildStdout> },
}

impl Contender {
    /// Starts all contenders, the yardstick first.
    ///
    /// # Errors
    /// Fails when one does not start.
    pub(crate) fn start_all(
        options: &Options,
        upstream: &Upstream,
        folder: &Path,
    ) -> anyhow::Result<Vec<Self>> {
        Ok(vec![
            Self::reqwest(YARDSTICK, options, upstream, &[])?,
            Self::reqwest("reqwest, a thread for each CPU", options, upstream, &["--threads"])?,
            Self::toolcell(options, upstream, folder)?,
        ])
    }

    fn reqwest(
        name: &'static str,
        options: &Options,
        upstream: &Upstream,
        more: &[&str],
    ) -> anyhow::Result<Self> {
        let mut command = Command::new(&options.reqwest);
        command.arg(&upstream.authority_file).args(more).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = Process::start(&mut command)?;
        let (input, output) = process.pipes().context("a program with pipes")?;
        Ok(Self { name, process, way: Way::Line { input, output: BufReader::new(output) } })
    }

    fn toolcell(options: &Options, upstream: &Upstream, folder: &Path) -> anyhow::Result<Self> {
        let config = folder.join("toolcell.toml");
        fs::write(&config, configuration(options, upstream)?)?;
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let log = File::create(folder.join("toolcell.log"))?;
        let mut command = Command::new(&options.toolcell);
        command.arg("serve").arg("--config").arg(&config).args(["--listen", &address.to_string()]);
        for version in Version::ALL {
            command.args(["--allow-loopback", &upstream.port(version).to_string()]);
        }
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let process = Process::start(&mut command)?;
        let deadline = Instant::now() + START;
        while TcpStream::connect(address).is_err() {
            ensure!(Instant::now() < deadline, "toolcell does not listen; see outbound/toolcell.log");
            thread::sleep(Duration::from_millis(50));
        }
        let connection = Box::new(Connection::open(address)?);
        Ok(Self { name: "toolcell", process, way: Way::Call(address, connection) })
    }

    /// Lets it send GETs, and checks that all bytes came.
    ///
    /// # Errors
    /// Fails on any other answer.
    pub(crate) fn pull(
        &mut self,
        upstream: &Upstream,
        version: Version,
        bytes: usize,
        gets: u32,
    ) -> anyhow::Result<()> {
        let (host, expected) = (upstream.host(version), bytes as u64 * u64::from(gets));
        match &mut self.way {
            Way::Call(address, connection) => {
                let workload = workload::pull(&host, &format!("/{bytes}"), gets, expected);
                connection.send(&workload.request(*address))?;
                workload.check(&connection.receive()?)
            }
            Way::Line { input, output } => {
                writeln!(input, "https://{host}/{bytes} {gets}")?;
                let mut line = String::new();
                output.read_line(&mut line)?;
                ensure!(line.trim() == expected.to_string(), "expected {expected} bytes, found {line:?}");
                Ok(())
            }
        }
    }
}

/// Writes the configuration with a rule for each server. A slow machine makes no answer a stream, and ends no call.
fn configuration(options: &Options, upstream: &Upstream) -> anyhow::Result<String> {
    let plugin = options.plugin.canonicalize().context("the plugin is not built")?;
    let rules = Version::ALL.map(|version| {
        let port = upstream.port(version);
        format!(
            "[[plugins.outbound.grants.http]]\nhost = \"localhost\"\nport = {port}\nrequests = 10000\n\
             response = \"1 GiB\"\ntime = \"1 min\"\n"
        )
    });
    Ok(format!(
        "[http]\nheartbeat = \"1 min\"\n[network]\nca-bundle = {:?}\n[plugins.outbound]\nsource = {:?}\n{}\
         [plugins.outbound.limits]\ndeadline = \"15 min\"\n",
        upstream.authority_file.display().to_string(),
        plugin.display().to_string(),
        rules.concat()
    ))
}

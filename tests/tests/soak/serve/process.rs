//! The real program: `toolcell serve` as a process.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use toolcell_tests::server::STATE_KEY;
use toolcell_tests::{Bundle, Holdings, fixture};

/// The longest wait for anything; a test that reaches it fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// The pause between two looks at the process.
const PAUSE: Duration = Duration::from_millis(100);

/// A server; it is killed when this is dropped.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    address: SocketAddr,
}

impl Process {
    /// Serves a bundle on a free port.
    ///
    /// # Panics
    /// Panics if the program does not start.
    pub(super) fn start(bundle: &Bundle) -> Self {
        let mut program = Command::new(fixture::toolcell());
        program.arg("serve").arg("--bundle").arg(bundle.path()).args(["--listen", "127.0.0.1:0"]);
        program.env("TOOLCELL_STATE_KEYS", STATE_KEY).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = program.spawn().expect("toolcell can be started");
        let stderr = child.stderr.take().expect("a pipe");
        let (tell, told) = mpsc::channel();
        thread::spawn(move || read(stderr, &tell));
        let address = told.recv().expect("it serves");
        Self { child, address }
    }

    /// Returns the address on which it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    fn holdings(&self) -> Holdings {
        Holdings::of(self.child.id()).expect("the server runs")
    }

    /// Waits until it holds the same as a moment before: connections that were left are closed.
    pub(super) fn settle(&self) -> Holdings {
        let mut before = self.holdings();
        self.until(|now| {
            let is_same = (now.descriptors, now.threads) == (before.descriptors, before.threads);
            before = now;
            is_same
        })
    }

    /// Waits until it holds no more than `before`, but not for ever.
    pub(super) fn settle_to(&self, before: Holdings) -> Holdings {
        self.until(|now| now.descriptors <= before.descriptors && now.threads <= before.threads)
    }

    fn until(&self, mut is_settled: impl FnMut(Holdings) -> bool) -> Holdings {
        let start = Instant::now();
        loop {
            thread::sleep(PAUSE);
            let now = self.holdings();
            if is_settled(now) || start.elapsed() > PATIENCE {
                return now;
            }
        }
    }

    /// Asks the process to end, and waits until it does.
    ///
    /// # Panics
    /// Panics if it does not end by itself, or not with success.
    pub(super) fn stop(mut self) -> Duration {
        let pid = Pid::from_child(&self.child);
        let start = Instant::now();
        kill_process(pid, Signal::TERM).expect("the server runs");
        loop {
            if let Some(status) = self.child.try_wait().expect("the system tells how it ended") {
                assert!(status.success(), "it ended with {status}");
                return start.elapsed();
            }
            assert!(start.elapsed() < PATIENCE, "it did not end after SIGTERM");
            thread::sleep(PAUSE);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only where the process has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads the log to its end, and tells the address on the way.
fn read(stderr: ChildStderr, tell: &Sender<SocketAddr>) {
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        let Some((_, url)) = line.rsplit_once("http://").filter(|_| line.starts_with("serving")) else {
            continue;
        };
        let address = url.strip_suffix("/mcp").and_then(|address| address.parse().ok());
        // The test may have ended.
        let _ = tell.send(address.expect("an address"));
    }
}

//! Runs an execution environment: a machine, the process in it, and the phases of its life.
//!
//! The first start is the init phase, with a limit of its own. If it fails, or if the process dies or is killed later,
//! the next invocation starts the process again in the same machine, under that invocation's timeout.
//! <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle>

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::net::{TcpListener, unix::pipe};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::failure::Failure;
use crate::function::Setup;
use crate::invocation_queue::InvocationQueue;
use crate::log::{Logs, Source};
use crate::process::{Output, Process};
use crate::sandbox::Sandbox;
use crate::{api, clock, variable};

/// The longest time that reading what a dead process has sent may take.
const DRAIN_WAIT: Duration = Duration::from_secs(1);

/// A process with its Runtime API.
#[derive(Debug)]
pub(crate) struct Bootstrap {
    pub(crate) process: Process,
    pub(crate) queue: Arc<InvocationQueue>,
    api: AbortHandle,
}

impl Bootstrap {
    /// Waits until the process has ended and everything that it sent is read; returns how it ended.
    pub(crate) async fn gone(&self) -> String {
        let how = self.process.ended().await;
        // A connection that another program holds open does not delay a response for longer.
        let _ = tokio::time::timeout(DRAIN_WAIT, self.queue.disconnected()).await;
        how
    }
}

impl Drop for Bootstrap {
    fn drop(&mut self) {
        self.api.abort();
    }
}

/// A process that waits for an invocation.
#[derive(Debug)]
pub(crate) struct Awake {
    pub(crate) bootstrap: Arc<Bootstrap>,
    /// The duration of the init phase, if this start had one.
    pub(crate) init: Option<Duration>,
    /// The moment from which the invocation's timeout counts.
    pub(crate) begun: Instant,
}

/// An execution environment.
#[derive(Debug)]
pub(crate) struct Environment {
    pub(crate) number: usize,
    pub(crate) setup: Arc<Setup>,
    pub(crate) logs: Logs,
    sandbox: OnceLock<Sandbox>,
    waking: tokio::sync::Mutex<()>,
    up: Mutex<Option<Arc<Bootstrap>>>,
    initialised: AtomicBool,
    starts: AtomicUsize,
}

impl Environment {
    pub(crate) fn new(number: usize, setup: Arc<Setup>, logs: Logs) -> Self {
        Self {
            number,
            setup,
            logs,
            sandbox: OnceLock::new(),
            waking: tokio::sync::Mutex::default(),
            up: Mutex::default(),
            initialised: AtomicBool::new(false),
            starts: AtomicUsize::new(0),
        }
    }

    /// Returns how many processes were started here.
    pub(crate) fn starts(&self) -> usize {
        self.starts.load(Ordering::Relaxed)
    }

    /// Returns the process, if it runs.
    pub(crate) fn bootstrap(&self) -> Option<Arc<Bootstrap>> {
        self.up().clone().filter(|bootstrap| bootstrap.process.is_alive())
    }

    /// Thaws the process, or starts one.
    pub(crate) async fn wake(&self) -> Result<Awake, Failure> {
        let _waking = self.waking.lock().await;
        if let Some(bootstrap) = self.bootstrap() {
            bootstrap.process.thaw();
            return Ok(Awake { bootstrap, init: None, begun: Instant::now() });
        }
        self.prepare().await?;
        if !self.initialised.swap(true, Ordering::Relaxed) {
            let begun = Instant::now();
            self.say(Source::Platform, "INIT_START Runtime Version: provided (emulated)");
            match self.start(self.setup.init_limit).await {
                Ok(bootstrap) => {
                    return Ok(Awake { bootstrap, init: Some(begun.elapsed()), begun: Instant::now() });
                }
                Err(failure) => self.report_init(&failure, begun.elapsed()),
            }
        }
        let begun = Instant::now();
        let bootstrap = self.start(self.setup.timeout).await?;
        Ok(Awake { bootstrap, init: None, begun })
    }

    /// Kills the process; the next invocation starts another one.
    pub(crate) fn reset(&self) {
        if let Some(bootstrap) = self.up().take() {
            bootstrap.process.kill();
        }
    }

    pub(crate) fn say(&self, source: Source, text: &str) {
        for line in text.lines() {
            self.logs.write(self.number, source, line.to_owned());
        }
    }

    /// Makes the machine, if it is not there yet.
    async fn prepare(&self) -> Result<(), Failure> {
        if self.sandbox.get().is_some() {
            return Ok(());
        }
        let setup = Arc::clone(&self.setup);
        let opened = tokio::task::spawn_blocking(move || Sandbox::open(&setup)).await;
        let opened = opened.map_err(|error| Failure::Machine(error.to_string()))?;
        let (sandbox, why) = opened.map_err(|error| Failure::Machine(error.to_string()))?;
        if let Some(why) = why {
            let advice = "run as root for a read-only package and a private /tmp";
            self.say(Source::Platform, &format!("EMULATOR the function is not isolated: {why}; {advice}"));
        }
        // `waking` is locked, so that nothing else has set it.
        let _ = self.sandbox.set(sandbox);
        Ok(())
    }

    /// Starts a process and waits until it asks for an invocation.
    async fn start(&self, limit: Duration) -> Result<Arc<Bootstrap>, Failure> {
        let end = Instant::now() + limit;
        let bootstrap = Arc::new(self.spawn().await.map_err(|error| Failure::Machine(error.to_string()))?);
        *self.up() = Some(Arc::clone(&bootstrap));
        let ready = tokio::time::timeout_at(end, self.ready(&bootstrap)).await;
        let ready = ready.unwrap_or(Err(Failure::Timeout(limit)));
        if let Err(failure) = ready {
            self.reset();
            return Err(failure);
        }
        Ok(bootstrap)
    }

    async fn ready(&self, bootstrap: &Bootstrap) -> Result<(), Failure> {
        loop {
            let readiness = tokio::select! {
                biased; // a process that reports an error ends, too
                readiness = bootstrap.queue.until(|now| now.waiting > 0 || now.restoring || now.failed.is_some()) => readiness,
                how = bootstrap.gone() => return Err(Failure::Exited(how)),
            };
            if let Some(error) = readiness.failed {
                return Err(Failure::Function(error));
            }
            if readiness.waiting > 0 {
                return Ok(());
            }
            // Lambda would take the snapshot here; the emulator restores it at once.
            bootstrap.process.freeze();
            self.say(Source::Platform, "RESTORE_START Runtime Version: provided (emulated)");
            bootstrap.process.thaw();
            bootstrap.queue.restore();
        }
    }

    async fn spawn(&self) -> std::io::Result<Bootstrap> {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let sandbox = self.sandbox.get().ok_or_else(|| std::io::Error::other("there is no machine"))?;
        let variables = variable::all(&self.setup, sandbox.task_root(), listener.local_addr()?);
        let (process, output) = Process::spawn(&mut sandbox.command(&variables))?;
        self.starts.fetch_add(1, Ordering::Relaxed);
        self.listen(output)?;
        let queue = Arc::new(InvocationQueue::new(self.setup.capacity()));
        let api = tokio::spawn(api::serve(listener, Arc::clone(&queue))).abort_handle();
        Ok(Bootstrap { process, queue, api })
    }

    /// Copies the output of the process to the log.
    fn listen(&self, output: Output) -> std::io::Result<()> {
        let stdout = pipe::Receiver::from_owned_fd(output.stdout.into())?;
        let stderr = pipe::Receiver::from_owned_fd(output.stderr.into())?;
        tokio::spawn(copy(stdout, self.logs.clone(), self.number, Source::Stdout));
        tokio::spawn(copy(stderr, self.logs.clone(), self.number, Source::Stderr));
        Ok(())
    }

    fn report_init(&self, failure: &Failure, duration: Duration) {
        let status = match failure.status() {
            crate::log::Status::Timeout => "timeout".to_owned(),
            crate::log::Status::Error(kind) => format!("error\tError Type: {kind}"),
        };
        let duration = clock::milliseconds(duration);
        self.say(
            Source::Platform,
            &format!("INIT_REPORT Init Duration: {duration}\tPhase: init\tStatus: {status}"),
        );
    }

    fn up(&self) -> MutexGuard<'_, Option<Arc<Bootstrap>>> {
        self.up.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn copy(from: impl AsyncRead + Unpin, logs: Logs, environment: usize, source: Source) {
    let mut lines = BufReader::new(from).split(b'\n');
    // A pipe that cannot be read has no writer any more.
    while let Ok(Some(line)) = lines.next_segment().await {
        logs.write(environment, source, String::from_utf8_lossy(&line).into_owned());
    }
}

//! Measures one process from its start: the first answer, the warm ones, its memory.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use measure::process::Process;
use serde::{Deserialize, Serialize};

use crate::contender::{Contender, Way};
use crate::log::Log;
use crate::phases::Phases;
use crate::runtime_api::RuntimeApi;
use crate::web::Web;
use crate::{answer, event};

/// Warm requests end after this time, whatever their number: an answer that stalls takes 44 ms.
const WARM_TIME: Duration = Duration::from_secs(2);

/// The time in which a process falls asleep before its CPU clock is read.
const SETTLE: Duration = Duration::from_millis(2);

/// A connection by which a process is called.
pub(crate) trait Endpoint {
    /// Waits until the process can be called.
    fn ready(&mut self) -> anyhow::Result<()>;

    /// Sends a request and waits for the last byte of the answer.
    fn ask(&mut self) -> anyhow::Result<Asked>;
}

/// A request and its answer.
pub(crate) struct Asked {
    pub(crate) sent: Instant,
    /// The time of the last byte.
    pub(crate) answered: Instant,
    pub(crate) answer: Vec<u8>,
}

/// The times and the memory of one run. CPU time is that of all of the contender's processes.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Run {
    /// The time from the start to the last byte of the first answer.
    pub(crate) cold_ms: f64,
    pub(crate) cold_cpu_ms: f64,
    /// The time from the start until the process could be called.
    pub(crate) init_ms: f64,
    /// The time from the first request to the last byte of its answer.
    pub(crate) answer_ms: f64,
    pub(crate) warm: Warm,
    pub(crate) rss_kib: u64,
    pub(crate) dirty_kib: u64,
    /// The phases of the calls, if the process logs them.
    pub(crate) phases: Option<Phases>,
}

/// The requests after the first.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Warm {
    pub(crate) requests: usize,
    pub(crate) min_us: f64,
    pub(crate) p50_us: f64,
    pub(crate) cpu_us: f64,
}

/// Starts `contender`, calls it once and then `warm` times, and ends it.
///
/// # Errors
/// Fails when it does not start, does not answer, or answers wrongly.
pub(crate) fn once(contender: &Contender, warm: usize) -> anyhow::Result<Run> {
    let log = Log::open(&contender.log)?;
    let run = match contender.way {
        Way::RuntimeApi => {
            let api = RuntimeApi::listen(event::of(&contender.workload))?;
            let address = api.address()?;
            measure(contender, warm, api, || contender.start(address, &log))
        }
        Way::Http(address) => {
            let web = Web::new(address, contender.workload.request(address));
            measure(contender, warm, web, || contender.start(address, &log))
        }
    };
    // Its processes have ended, whether it was measured or failed.
    log.end()?;
    let run = run.with_context(|| format!("{}; see {}", contender.name, contender.log.display()))?;
    Ok(Run { phases: Phases::read(&contender.log)?, ..run })
}

/// Starts `contender`, calls it once, and returns the body of its answer.
///
/// # Errors
/// As [`once`].
pub(crate) fn first_answer(contender: &Contender) -> anyhow::Result<Vec<u8>> {
    let mut api = RuntimeApi::listen(event::of(&contender.workload))?;
    let log = Log::open(&contender.log)?;
    let _processes = contender.start(api.address()?, &log)?;
    api.ready()?;
    answer::body(&api.ask()?.answer)
}

fn measure(
    contender: &Contender,
    warm: usize,
    mut endpoint: impl Endpoint,
    start: impl FnOnce() -> anyhow::Result<Vec<Process>>,
) -> anyhow::Result<Run> {
    let started = Instant::now();
    let processes = start()?;
    endpoint.ready()?;
    let ready = Instant::now();
    let first = endpoint.ask()?;
    let cold_cpu = cpu(&processes)?;
    check(contender, &first.answer)?;
    let warm = warm_requests(contender, warm, &mut endpoint, &processes)?;
    let vitals = processes.iter().map(Process::vitals).collect::<Result<Vec<_>, _>>()?;
    Ok(Run {
        cold_ms: millis(first.answered - started),
        cold_cpu_ms: millis(cold_cpu),
        init_ms: millis(ready - started),
        answer_ms: millis(first.answered - first.sent),
        warm,
        rss_kib: vitals.iter().map(|vitals| vitals.rss_kib).sum(),
        dirty_kib: vitals.iter().map(|vitals| vitals.dirty_kib).sum(),
        phases: None,
    })
}

fn warm_requests(
    contender: &Contender,
    most: usize,
    endpoint: &mut impl Endpoint,
    processes: &[Process],
) -> anyhow::Result<Warm> {
    endpoint.ready()?;
    let before = cpu(processes)?;
    let start = Instant::now();
    let (mut times, mut answers) = (Vec::with_capacity(most), Vec::with_capacity(most));
    while times.len() < most && start.elapsed() < WARM_TIME {
        let asked = endpoint.ask()?;
        times.push(1e3 * millis(asked.answered - asked.sent));
        answers.push(asked.answer);
        endpoint.ready()?;
    }
    let used = cpu(processes)? - before;
    answers.iter().try_for_each(|answer| check(contender, answer))?;
    times.sort_by(f64::total_cmp);
    let requests = times.len();
    ensure!(requests > 0, "no time for warm requests");
    let cpu_us = 1e3 * millis(used) / requests as f64;
    Ok(Warm { requests, min_us: times[0], p50_us: times[requests / 2], cpu_us })
}

/// Compares an answer with the contender's workload.
///
/// # Errors
/// Fails on any other answer.
pub(crate) fn check(contender: &Contender, answer: &[u8]) -> anyhow::Result<()> {
    match contender.way {
        Way::RuntimeApi => contender.workload.check(&answer::body(answer)?),
        Way::Http(_) => contender.workload.check(answer),
    }
}

/// Returns the CPU time of the processes. The kernel updates a process's clock when the process goes to sleep, so this
/// waits for that.
fn cpu(processes: &[Process]) -> anyhow::Result<Duration> {
    std::thread::sleep(SETTLE);
    processes.iter().map(Process::cpu).sum()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

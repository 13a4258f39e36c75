//! Measures every contender under every workload, in turns.

use std::time::Duration;

use anyhow::Context;

use crate::contender::Contender;
use crate::options::Options;
use crate::sample::{Connections, Sample};
use measure::connection::Connection;
use measure::machine::Machine;
use measure::process::Vitals;
use measure::workload::Workload;

/// The time that each pair runs before anything counts; Node compiles its hot code meanwhile.
const WARM_UP: Duration = Duration::from_millis(1500);

/// The contender that answers a constant to any request.
pub(crate) const FLOOR: &str = "floor";

/// The measurements of all contenders.
pub(crate) struct Results {
    pub(crate) machine: Machine,
    pub(crate) contenders: Vec<ContenderResult>,
    /// The samples of each workload.
    pub(crate) workloads: Vec<WorkloadResult>,
}

/// The state of a contender's process before the first and after the last round.
pub(crate) struct ContenderResult {
    pub(crate) name: &'static str,
    pub(crate) idle: Vitals,
    pub(crate) after: Vitals,
}

/// The samples of one workload.
pub(crate) struct WorkloadResult {
    pub(crate) workload: &'static str,
    pub(crate) explanation: &'static str,
    /// By contender, then by round.
    pub(crate) samples: Vec<Vec<Sample>>,
}

/// Checks that all contenders give the right answers.
///
/// # Errors
/// Fails at the first wrong answer; the text tells the contender, the workload and the answer.
pub(crate) fn check(contenders: &[Contender], workloads: &[Workload]) -> anyhow::Result<()> {
    for contender in contenders.iter().filter(|contender| contender.name != FLOOR) {
        let mut connection = Connection::open(contender.address)?;
        for workload in workloads {
            connection.send(&workload.request(contender.address))?;
            let body = connection.receive().with_context(|| contender.name)?;
            workload.check(&body).with_context(|| contender.name)?;
        }
    }
    Ok(())
}

/// Runs all rounds. Each round starts with another contender, so that none is always behind the same one.
///
/// # Errors
/// Fails when a contender ends or answers with a status other than 200.
pub(crate) fn run(
    contenders: &mut [Contender],
    workloads: &[Workload],
    options: &Options,
) -> anyhow::Result<Results> {
    let mut machine = Machine::look();
    let idle =
        contenders.iter().map(|contender| contender.process.vitals()).collect::<Result<Vec<_>, _>>()?;
    let mut connections = contenders.iter().map(Connections::open).collect::<Result<Vec<_>, _>>()?;
    let mut measured = Vec::new();
    for workload in workloads.iter().filter(|workload| workload.name.contains(&options.only)) {
        eprintln!("{}: {} rounds", workload.name, options.rounds);
        measured.push(measure(contenders, &mut connections, workload, options, &mut machine)?);
    }
    machine.finish();
    let results = contenders.iter().zip(idle).map(|(contender, idle)| {
        anyhow::Ok(ContenderResult { name: contender.name, idle, after: contender.process.vitals()? })
    });
    Ok(Results { machine, contenders: results.collect::<Result<_, _>>()?, workloads: measured })
}

fn measure(
    contenders: &[Contender],
    connections: &mut [Connections],
    workload: &Workload,
    options: &Options,
    machine: &mut Machine,
) -> anyhow::Result<WorkloadResult> {
    let requests: Vec<_> = contenders.iter().map(|contender| workload.request(contender.address)).collect();
    for (at, contender) in contenders.iter().enumerate() {
        connections[at].sample(contender, &requests[at], WARM_UP / 2)?;
    }
    let mut samples = vec![Vec::with_capacity(options.rounds); contenders.len()];
    for round in 0..options.rounds {
        machine.measure();
        for turn in 0..contenders.len() {
            let at = (round + turn) % contenders.len();
            samples[at].push(connections[at].sample(&contenders[at], &requests[at], options.sample)?);
        }
    }
    Ok(WorkloadResult { workload: workload.name, explanation: workload.explanation, samples })
}

//! Every contender under every workload, taking turns.

use std::time::Duration;

use anyhow::Context;

use crate::contender::Contender;
use crate::options::Options;
use crate::sample::{Lines, Sample};
use measure::connection::Connection;
use measure::machine::Machine;
use measure::process::Vitals;
use measure::workload::Workload;

/// How long each pair runs before anything counts; Node compiles its hot code meanwhile.
const WARM_UP: Duration = Duration::from_millis(1500);

/// The contender that answers a constant, whatever it is asked.
pub(crate) const FLOOR: &str = "floor";

/// Everything that was measured.
pub(crate) struct Results {
    pub(crate) machine: Machine,
    pub(crate) contenders: Vec<Standing>,
    /// One for each workload.
    pub(crate) boards: Vec<Board>,
}

/// A contender after the last round.
pub(crate) struct Standing {
    pub(crate) name: &'static str,
    pub(crate) idle: Vitals,
    pub(crate) after: Vitals,
}

/// The samples of one workload.
pub(crate) struct Board {
    pub(crate) workload: &'static str,
    pub(crate) explanation: &'static str,
    /// By contender, then by round.
    pub(crate) samples: Vec<Vec<Sample>>,
}

/// Sees to it that all contenders give the right answers.
///
/// # Errors
/// Says which contender failed, at what, and how.
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

/// Plays all rounds. Each round starts with another contender, so that none is always behind the same one.
///
/// # Errors
/// Fails when a contender ends or answers with anything but a 200.
pub(crate) fn play(
    contenders: &mut [Contender],
    workloads: &[Workload],
    options: &Options,
) -> anyhow::Result<Results> {
    let mut machine = Machine::look();
    let idle =
        contenders.iter().map(|contender| contender.process.vitals()).collect::<Result<Vec<_>, _>>()?;
    let mut lines = contenders.iter().map(Lines::open).collect::<Result<Vec<_>, _>>()?;
    let mut boards = Vec::new();
    for workload in workloads.iter().filter(|workload| workload.name.contains(&options.only)) {
        eprintln!("{}: {} rounds", workload.name, options.rounds);
        boards.push(board(contenders, &mut lines, workload, options, &mut machine)?);
    }
    machine.finish();
    let standings = contenders.iter().zip(idle).map(|(contender, idle)| {
        anyhow::Ok(Standing { name: contender.name, idle, after: contender.process.vitals()? })
    });
    Ok(Results { machine, contenders: standings.collect::<Result<_, _>>()?, boards })
}

fn board(
    contenders: &[Contender],
    lines: &mut [Lines],
    workload: &Workload,
    options: &Options,
    machine: &mut Machine,
) -> anyhow::Result<Board> {
    let requests: Vec<_> = contenders.iter().map(|contender| workload.request(contender.address)).collect();
    for (at, contender) in contenders.iter().enumerate() {
        lines[at].sample(contender, &requests[at], WARM_UP / 2)?;
    }
    let mut samples = vec![Vec::with_capacity(options.rounds); contenders.len()];
    for round in 0..options.rounds {
        machine.measure();
        for turn in 0..contenders.len() {
            let at = (round + turn) % contenders.len();
            samples[at].push(lines[at].sample(&contenders[at], &requests[at], options.sample)?);
        }
    }
    Ok(Board { workload: workload.name, explanation: workload.explanation, samples })
}

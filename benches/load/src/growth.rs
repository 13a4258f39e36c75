//! Measures the memory that a new server holds after more and more calls.

use measure::process::Vitals;
use measure::workload::Workload;

use crate::contender;
use crate::options::Options;
use crate::sample::Connections;

/// The calls after which memory is measured first.
const FIRST: usize = 1_000;

/// The memory of a server after a number of calls.
pub(crate) struct Growth {
    pub(crate) calls: usize,
    pub(crate) vitals: Vitals,
}

/// Starts toolcell, and calls its tools in turn, after each answer the next one: on all connections. Measures after each
/// power of ten, and after the last call.
///
/// # Errors
/// Fails when it does not start, or answers with a status other than 200.
pub(crate) fn measure(workloads: &[Workload], options: &Options) -> anyhow::Result<Vec<Growth>> {
    let Some(program) = options.toolcell.as_ref().filter(|_| options.calls >= FIRST) else {
        return Ok(Vec::new());
    };
    eprintln!("memory: {} calls", options.calls);
    let contender = contender::start_toolcell(program, options)?;
    let mut connections = Connections::open(&contender)?;
    let requests: Vec<_> = workloads.iter().map(|workload| workload.request(contender.address)).collect();
    let powers = std::iter::successors(Some(FIRST), |calls| calls.checked_mul(10));
    let steps = powers.take_while(|calls| *calls < options.calls).chain([options.calls]);
    let (mut growth, mut made) = (Vec::new(), 0);
    for calls in steps {
        connections.call_in_turn(&requests, calls - made)?;
        made = calls;
        growth.push(Growth { calls, vitals: contender.process.vitals()? });
    }
    Ok(growth)
}

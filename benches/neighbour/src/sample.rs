//! Measures the neighbour's calls for a moment.

use std::net::SocketAddr;
use std::time::Instant;

use measure::connection::Connection;
use measure::workload::Workload;
use serde::Serialize;

/// Calls before the first measured one.
const WARM_UP: usize = 50;

/// The latency of calls one after the other, in milliseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Sample {
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) max_ms: f64,
}

/// Calls often enough that everything is loaded.
///
/// # Errors
/// Fails on a wrong answer.
pub(crate) fn warm_up(address: SocketAddr, workload: &Workload) -> anyhow::Result<()> {
    let mut connection = Connection::open(address)?;
    for _ in 0..WARM_UP {
        connection.send(&workload.request(address))?;
        workload.check(&connection.receive()?)?;
    }
    Ok(())
}

impl Sample {
    /// Makes `calls`, one after the other, and checks every answer.
    ///
    /// # Errors
    /// Fails on a wrong answer, and when none comes.
    pub(crate) fn take(address: SocketAddr, workload: &Workload, calls: usize) -> anyhow::Result<Self> {
        let request = workload.request(address);
        let mut connection = Connection::open(address)?;
        let mut times = Vec::with_capacity(calls);
        for _ in 0..calls {
            let start = Instant::now();
            connection.send(&request)?;
            let body = connection.receive()?;
            times.push(start.elapsed().as_secs_f64() * 1e3);
            workload.check(&body)?;
        }
        times.sort_by(f64::total_cmp);
        let at = |part: f64| times[((times.len() - 1) as f64 * part).round() as usize];
        Ok(Sample { p50_ms: at(0.5), p99_ms: at(0.99), max_ms: at(1.0) })
    }
}

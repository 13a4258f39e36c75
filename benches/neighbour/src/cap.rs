//! Measures how far an attack goes beyond the limits of its call: its time, its answer, its lines of the log, its memory.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use measure::connection::Connection;
use measure::workload;
use serde::Serialize;
use serde_json::{Value, json};

use crate::server::Server;

/// The limits of the plugin `capped` in `benches/neighbour.toml`: its own deadline, and defaults.
const DEADLINE: Duration = Duration::from_millis(250);
const OUTPUT_BYTES: usize = 6 << 20;
const NOTIFICATIONS: usize = 1000;
const LOG_BYTES: u64 = 64 << 10;
const MEMORY_BYTES: u64 = 64 << 20;

/// The bytes that each notification counts for.
const NOTIFICATION_BYTES: usize = 1 << 10;

/// The calls of an attack in one round, one after the other.
const CALLS: usize = 20;

/// The clients that then attack at the same time, each as often as this.
const TOGETHER: usize = 8;
const CALLS_TOGETHER: usize = 3;

/// An attack, and the limit at which it ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    pub(crate) name: &'static str,
    tool: &'static str,
    arguments: fn() -> Value,
    end: End,
}

/// The end of an attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// At the deadline.
    Deadline,
    /// At the deadline; until then, events are sent.
    DeadlineWithEvents,
    /// Before the deadline.
    Earlier,
}

const fn attempt(name: &'static str, tool: &'static str, arguments: fn() -> Value, end: End) -> Attempt {
    Attempt { name, tool, arguments, end }
}

impl Attempt {
    /// Every attempt. Answers are as large as the limit lets them be.
    pub(crate) const ALL: [Self; 12] = [
        attempt("endless loop", "capped_spin", || json!({}), End::Deadline),
        attempt("endless loop after an event", "capped_report_then_spin", || json!({}), End::Deadline),
        attempt("sleep of an hour", "capped_sleep", || json!({ "milliseconds": "3600000" }), End::Deadline),
        attempt(
            "events without end",
            "capped_flood_notifications",
            || json!({ "times": u32::MAX }),
            End::DeadlineWithEvents,
        ),
        attempt(
            "messages without end",
            "capped_flood_log",
            || json!({ "times": u32::MAX }),
            End::DeadlineWithEvents,
        ),
        attempt(
            "prints without end",
            "capped_flood_stdout",
            || json!({ "bytes": u64::MAX.to_string() }),
            End::Deadline,
        ),
        attempt(
            "memory without end",
            "capped_allocate",
            || json!({ "bytes": u64::MAX.to_string() }),
            End::Earlier,
        ),
        attempt("recursion without end", "capped_recurse", || json!({}), End::Earlier),
        attempt("panic", "capped_panic", || json!({}), End::Earlier),
        attempt(
            "letters up to the limit",
            "capped_huge_text",
            || json!({ "bytes": "6290000" }),
            End::Earlier,
        ),
        attempt(
            "control characters up to it",
            "capped_control_text",
            || json!({ "characters": "1048000" }),
            End::Earlier,
        ),
        attempt("numbers up to it", "capped_huge_list", || json!({ "items": "280000" }), End::Earlier),
    ];
}

/// Describes the cost of an attack in one round.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Excess {
    /// The times from the deadline to the end of the answer, for calls that come one after the other.
    pub(crate) late_ms: Vec<f64>,
    /// The same for calls of several clients at a time.
    pub(crate) late_together_ms: Vec<f64>,
    /// The largest answer, as a multiple of the limit.
    pub(crate) answer: f64,
    /// The lines of the log, as a multiple of the limit.
    pub(crate) log: f64,
    /// The memory of the server during a call, as a multiple of the limit.
    pub(crate) memory: f64,
}

/// Measures one attack on a server of its own.
///
/// # Errors
/// Fails when no answer comes.
pub(crate) fn measure(server: &Server, attempt: Attempt) -> anyhow::Result<Excess> {
    let mut excess = Excess::default();
    one(server.address, attempt)?; // everything is loaded
    for _ in 0..CALLS {
        let (log, memory) = (server.log_bytes()?, server.process.reset_peak()?);
        let (late_ms, answer) = one(server.address, attempt)?;
        let grown = server.process.peak_kib()?.saturating_sub(memory) << 10;
        excess.late_ms.push(late_ms);
        let events =
            if attempt.end == End::DeadlineWithEvents { NOTIFICATIONS * NOTIFICATION_BYTES } else { 0 };
        let allowed = OUTPUT_BYTES + events;
        excess.answer = excess.answer.max(answer as f64 / allowed as f64);
        excess.log = excess.log.max((server.log_bytes()? - log) as f64 / LOG_BYTES as f64);
        excess.memory = excess.memory.max(grown as f64 / MEMORY_BYTES as f64);
    }
    excess.late_together_ms = together(server.address, attempt)?;
    if attempt.end == End::Earlier {
        (excess.late_ms, excess.late_together_ms) = (Vec::new(), Vec::new());
    }
    Ok(excess)
}

/// Attacks once; returns the milliseconds from the deadline to the end of the answer, and the bytes of the answer.
fn one(address: SocketAddr, attempt: Attempt) -> anyhow::Result<(f64, usize)> {
    let request = workload::reporting_call(attempt.tool, &(attempt.arguments)()).request(address);
    let mut connection = Connection::open(address)?;
    let start = Instant::now();
    connection.send(&request)?;
    let body = connection.receive().context(attempt.name)?;
    Ok(((start.elapsed().as_secs_f64() - DEADLINE.as_secs_f64()) * 1e3, body.len()))
}

fn together(address: SocketAddr, attempt: Attempt) -> anyhow::Result<Vec<f64>> {
    let client = move || {
        let times: anyhow::Result<Vec<_>> =
            (0..CALLS_TOGETHER).map(|_| Ok(one(address, attempt)?.0)).collect();
        times
    };
    let clients: Vec<_> = (0..TOGETHER).map(|_| thread::spawn(client)).collect();
    let mut times = Vec::new();
    for client in clients {
        times.extend(client.join().map_err(|_| anyhow::anyhow!("a client panicked"))??);
    }
    Ok(times)
}

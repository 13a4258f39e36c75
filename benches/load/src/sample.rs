//! Measures one contender under one workload for a moment.

use std::time::{Duration, Instant};

use anyhow::Context;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use serde::Serialize;

use crate::contender::Contender;
use measure::connection::Connection;

/// The number of busy connections in the loaded half of a sample.
pub(crate) const CONNECTIONS: usize = 16;

/// The measurements of one moment, in microseconds and calls per second.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Sample {
    /// One connection, one call after the other.
    pub(crate) alone: Alone,
    /// [`CONNECTIONS`] connections, each sending its next call at once.
    pub(crate) loaded: Loaded,
}

/// Calls one after the other.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Alone {
    pub(crate) calls: usize,
    pub(crate) min_us: f64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    pub(crate) calls_per_s: f64,
    /// CPU time of the server process per call.
    pub(crate) cpu_us: f64,
}

/// Calls side by side.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Loaded {
    pub(crate) calls: usize,
    pub(crate) calls_per_s: f64,
    /// CPU time of the server process per call.
    pub(crate) cpu_us: f64,
}

/// The connections to one contender, opened once.
pub(crate) struct Connections(Vec<Connection>);

impl Connections {
    /// Connects to a contender.
    ///
    /// # Errors
    /// Fails when it no longer listens.
    pub(crate) fn open(contender: &Contender) -> anyhow::Result<Self> {
        let connections = (0..CONNECTIONS).map(|_| Connection::open(contender.address));
        Ok(Connections(connections.collect::<Result<_, _>>()?))
    }

    /// Sends `request` for `time` over one connection, then for `time` over all.
    ///
    /// # Errors
    /// Fails when a response has a status other than 200.
    pub(crate) fn sample(
        &mut self,
        contender: &Contender,
        request: &[u8],
        time: Duration,
    ) -> anyhow::Result<Sample> {
        let alone = self.alone(contender, request, time);
        let loaded = self.loaded(contender, request, time);
        let context = || format!("{} while under load", contender.name);
        Ok(Sample { alone: alone.with_context(context)?, loaded: loaded.with_context(context)? })
    }

    /// Sends `calls` requests, each of them in turn, over all connections.
    ///
    /// # Errors
    /// Fails when a response has a status other than 200.
    pub(crate) fn call_in_turn(&mut self, requests: &[Vec<u8>], calls: usize) -> anyhow::Result<()> {
        let mut sent = 0;
        while sent < calls {
            let together = self.0.len().min(calls - sent);
            for (at, connection) in self.0[..together].iter_mut().enumerate() {
                connection.send(&requests[(sent + at) % requests.len()])?;
            }
            for connection in &mut self.0[..together] {
                connection.skip()?;
            }
            sent += together;
        }
        Ok(())
    }

    fn alone(&mut self, contender: &Contender, request: &[u8], time: Duration) -> anyhow::Result<Alone> {
        let connection = &mut self.0[0];
        let mut latencies = Vec::with_capacity(64 * 1024);
        let cpu = contender.process.cpu()?;
        let start = Instant::now();
        let mut before = start;
        while before.duration_since(start) < time {
            connection.send(request)?;
            connection.skip()?;
            let now = Instant::now();
            latencies.push(micros(now.duration_since(before)));
            before = now;
        }
        let (elapsed, cpu) = (before.duration_since(start), contender.process.cpu()? - cpu);
        let calls = latencies.len();
        latencies.sort_by(f64::total_cmp);
        Ok(Alone {
            calls,
            min_us: latencies[0],
            p50_us: latencies[calls / 2],
            p99_us: latencies[calls * 99 / 100],
            calls_per_s: calls as f64 / elapsed.as_secs_f64(),
            cpu_us: micros(cpu) / calls as f64,
        })
    }

    fn loaded(&mut self, contender: &Contender, request: &[u8], time: Duration) -> anyhow::Result<Loaded> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        for (at, connection) in self.0.iter().enumerate() {
            epoll.add(connection, EpollEvent::new(EpollFlags::EPOLLIN, at as u64))?;
        }
        let cpu = contender.process.cpu()?;
        let start = Instant::now();
        for connection in &mut self.0 {
            connection.send(request)?;
        }
        let (mut calls, mut waiting) = (0, self.0.len());
        let mut events = [EpollEvent::empty(); CONNECTIONS];
        while waiting > 0 {
            let ready = epoll.wait(&mut events, EpollTimeout::from(30_000_u16))?;
            anyhow::ensure!(ready > 0, "no answer");
            let more = start.elapsed() < time;
            for event in &events[..ready] {
                let connection = &mut self.0[event.data() as usize];
                connection.skip()?;
                calls += 1;
                if more {
                    connection.send(request)?;
                } else {
                    waiting -= 1;
                }
            }
        }
        let (elapsed, cpu) = (start.elapsed(), contender.process.cpu()? - cpu);
        Ok(Loaded {
            calls,
            calls_per_s: calls as f64 / elapsed.as_secs_f64(),
            cpu_us: micros(cpu) / calls as f64,
        })
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

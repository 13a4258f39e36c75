//! Measures a number of GETs of one contender.

use std::time::Instant;

use serde::Serialize;

use crate::contender::Contender;
use crate::upstream::{Upstream, Version};

/// The time of each GET, in microseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Sample {
    /// Wall time, with the server's part.
    pub(crate) wall_us: f64,
    /// CPU time of the contender's process.
    pub(crate) cpu_us: f64,
}

impl Sample {
    /// Lets a contender send GETs, and checks how many bytes came.
    ///
    /// # Errors
    /// Fails on a wrong answer, and when the contender ends.
    pub(crate) fn take(
        contender: &mut Contender,
        upstream: &Upstream,
        version: Version,
        bytes: usize,
        gets: u32,
    ) -> anyhow::Result<Self> {
        let cpu = contender.process.cpu()?;
        let start = Instant::now();
        contender.pull(upstream, version, bytes, gets)?;
        let wall = start.elapsed();
        let cpu = contender.process.cpu()?.saturating_sub(cpu);
        let each_us = |time: std::time::Duration| time.as_secs_f64() * 1e6 / f64::from(gets);
        Ok(Sample { wall_us: each_us(wall), cpu_us: each_us(cpu) })
    }
}

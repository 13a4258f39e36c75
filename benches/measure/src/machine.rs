//! How much the machine itself moved while the contenders were measured.

use std::fs;
use std::hint::black_box;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::summary::Summary;

/// Steps of the yardstick; a few milliseconds.
const STEPS: u64 = 4_000_000;

/// A spread of the yardstick computation above this makes wall times doubtful.
const NOISY: f64 = 0.15;

/// What the machine is, and what else happened on it.
#[derive(Debug, Deserialize, Serialize)]
pub struct Machine {
    /// Processors that this process may use.
    pub cpus: usize,
    /// Name of the processor.
    pub model: String,
    /// Average load over a minute, before the first round.
    pub load_before: String,
    /// The same after the last round.
    pub load_after: String,
    /// Milliseconds that one and the same computation took, once in each round.
    pub yardstick_ms: Vec<f64>,
}

impl Machine {
    /// Looks at the machine before the first round.
    ///
    /// Files are written back first: pages of a program that was just built count as dirty memory otherwise.
    #[must_use]
    pub fn look() -> Self {
        nix::unistd::sync();
        let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        Machine {
            cpus: std::thread::available_parallelism().map_or(0, usize::from),
            model: model.map_or_else(|| "unknown".into(), |(_, name)| name.trim().into()),
            load_before: load(),
            load_after: String::new(),
            yardstick_ms: Vec::new(),
        }
    }

    /// Takes the time of the fixed computation.
    pub fn measure(&mut self) {
        let start = Instant::now();
        let mut state = 1_u64;
        for step in 0..STEPS {
            state = black_box(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(step));
        }
        black_box(state);
        self.yardstick_ms.push(start.elapsed().as_secs_f64() * 1e3);
    }

    /// Looks once more after the last round.
    pub fn finish(&mut self) {
        self.load_after = load();
    }

    /// What a reader of the tables has to know of the machine, as a paragraph.
    #[must_use]
    pub fn describe(&self) -> String {
        let yardstick = Summary::of(self.yardstick_ms.iter().copied());
        let noise = yardstick.spread();
        let advice = if noise > NOISY {
            " The machine was noisy: read the CPU columns and the ratios, not the latencies."
        } else {
            ""
        };
        format!(
            "Machine: {} CPUs, {}; load {} before, {} after. One and the same computation took {:.1} ms \
             ({:.1}-{:.1}): a spread of {:.0} %.{advice}",
            self.cpus,
            self.model,
            self.load_before,
            self.load_after,
            yardstick.median,
            yardstick.min,
            yardstick.max,
            100.0 * noise,
        )
    }
}

fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or_default().into()
}

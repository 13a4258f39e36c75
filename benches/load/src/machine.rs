//! How much the machine itself moved while the contenders were measured.

use std::fs;
use std::hint::black_box;
use std::time::Instant;

use serde::Serialize;

/// Steps of the yardstick; a few milliseconds.
const STEPS: u64 = 4_000_000;

/// What the machine is, and what else happened on it.
#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    pub(crate) cpus: usize,
    pub(crate) model: String,
    pub(crate) load_before: String,
    pub(crate) load_after: String,
    /// Milliseconds that one and the same computation took, once in each round.
    pub(crate) yardstick_ms: Vec<f64>,
}

impl Machine {
    /// Looks at the machine before the first round.
    pub(crate) fn look() -> Self {
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
    pub(crate) fn measure(&mut self) {
        let start = Instant::now();
        let mut state = 1_u64;
        for step in 0..STEPS {
            state = black_box(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(step));
        }
        black_box(state);
        self.yardstick_ms.push(start.elapsed().as_secs_f64() * 1e3);
    }

    /// Looks once more after the last round.
    pub(crate) fn finish(&mut self) {
        self.load_after = load();
    }
}

fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or_default().into()
}

//! Describes the machine, and how steady its speed was while the contenders were measured.

use std::fs;
use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::summary::Summary;

/// Steps of the yardstick computation, which takes a few milliseconds.
const STEPS: u64 = 4_000_000;

/// The spread of the yardstick computation above which wall times are doubtful.
const NOISY: f64 = 0.15;

/// The machine and its load.
#[derive(Debug, Deserialize, Serialize)]
pub struct Machine {
    /// The number of processors that this process may use.
    pub cpus: usize,
    /// The release of the system's kernel.
    pub kernel: String,
    /// The day of the first round.
    pub date: String,
    /// The name of the processor.
    pub model: String,
    /// The average load over a minute, before the first round.
    pub load_before: String,
    /// The average load over a minute, after the last round.
    pub load_after: String,
    /// The milliseconds that the same computation took in each round.
    pub yardstick_ms: Vec<f64>,
}

impl Machine {
    /// Reads the state of the machine before the first round.
    ///
    /// Writes files back first: otherwise pages of a program that was just built count as dirty memory.
    #[must_use]
    pub fn look() -> Self {
        nix::unistd::sync();
        let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        Machine {
            cpus: std::thread::available_parallelism().map_or(0, usize::from),
            kernel: kernel_version(&fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default()),
            date: today(),
            model: model.map_or_else(|| "unknown".into(), |(_, name)| name.trim().into()),
            load_before: load(),
            load_after: String::new(),
            yardstick_ms: Vec::new(),
        }
    }

    /// Measures the time of the yardstick computation.
    pub fn measure(&mut self) {
        let start = Instant::now();
        let mut state = 1_u64;
        for step in 0..STEPS {
            state = black_box(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(step));
        }
        black_box(state);
        self.yardstick_ms.push(start.elapsed().as_secs_f64() * 1e3);
    }

    /// Reads the load after the last round.
    pub fn finish(&mut self) {
        self.load_after = load();
    }

    /// Returns a paragraph about the machine, for readers of the tables.
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
            "Machine on {}: {} CPUs, {}, Linux {}; load {} before, {} after. One and the same computation took {:.1} ms \
             ({:.1}-{:.1}): a spread of {:.0} %.{advice}",
            self.date,
            self.cpus,
            self.model,
            self.kernel,
            self.load_before,
            self.load_after,
            yardstick.median,
            yardstick.min,
            yardstick.max,
            100.0 * noise,
        )
    }
}

fn today() -> String {
    let date = Command::new("date").args(["--utc", "+%F"]).output();
    date.map_or_else(|_| "an unknown day".into(), |date| String::from_utf8_lossy(&date.stdout).trim().into())
}

fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or_default().into()
}

/// Returns the version in a release of the kernel, without what its builder appended: `6.18.44` of `6.18.44-cloud-amd64`.
fn kernel_version(release: &str) -> String {
    release.chars().take_while(|letter| letter.is_ascii_digit() || *letter == '.').collect()
}

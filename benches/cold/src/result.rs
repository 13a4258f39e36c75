//! Sums up every run of every contender: medians, ratios against the bare hello, and the JSON file.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use measure::machine::Machine;
use measure::summary::Summary;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::language::Sizes;
use crate::phases::Phases;
use crate::run::Run;

/// Name of the JSON file.
const FILE: &str = "cold.json";

/// The runs of all contenders.
#[derive(Deserialize)]
pub(crate) struct Results {
    pub(crate) machine: Machine,
    pub(crate) contenders: Vec<ContenderResult>,
}

/// The runs of one contender.
#[derive(Deserialize)]
pub(crate) struct ContenderResult {
    pub(crate) name: String,
    pub(crate) what: String,
    pub(crate) runs: Vec<Run>,
    /// The name of the bare hello that it is compared with.
    pub(crate) reference: String,
    /// The sizes of a plugin that is measured alone.
    #[serde(default)]
    pub(crate) sizes: Option<Sizes>,
}

pub(crate) type Metric = fn(&Run) -> f64;

pub(crate) const COLD_MS: Metric = |run| run.cold_ms;
pub(crate) const COLD_CPU_MS: Metric = |run| run.cold_cpu_ms;
pub(crate) const INIT_MS: Metric = |run| run.init_ms;
pub(crate) const ANSWER_MS: Metric = |run| run.answer_ms;
pub(crate) const WARM_MIN_US: Metric = |run| run.warm.min_us;
pub(crate) const WARM_P50_US: Metric = |run| run.warm.p50_us;
pub(crate) const WARM_CPU_US: Metric = |run| run.warm.cpu_us;
pub(crate) const RSS_MB: Metric = |run| run.rss_kib as f64 / 1024.0;
pub(crate) const DIRTY_MB: Metric = |run| run.dirty_kib as f64 / 1024.0;

const METRICS: [(&str, Metric); 9] = [
    ("cold_ms", COLD_MS),
    ("cold_cpu_ms", COLD_CPU_MS),
    ("init_ms", INIT_MS),
    ("answer_ms", ANSWER_MS),
    ("warm_min_us", WARM_MIN_US),
    ("warm_p50_us", WARM_P50_US),
    ("warm_cpu_us", WARM_CPU_US),
    ("rss_mb", RSS_MB),
    ("dirty_mb", DIRTY_MB),
];

impl ContenderResult {
    /// Sums up a metric over all rounds.
    pub(crate) fn of(&self, metric: Metric) -> Summary {
        Summary::of(self.runs.iter().map(metric))
    }

    /// Returns the ratio of this contender's median to another's.
    pub(crate) fn against(&self, other: &ContenderResult, metric: Metric) -> f64 {
        self.of(metric).median / other.of(metric).median
    }

    /// Returns the medians of a phase, in microseconds: of the first call, and of the warm ones, which may lack it.
    pub(crate) fn phase(&self, name: &str) -> Option<(f64, f64)> {
        let phases = self.runs.iter().filter_map(|run| run.phases.as_ref());
        let of = |pick: fn(&Phases) -> &std::collections::BTreeMap<String, f64>| {
            let times: Vec<f64> =
                phases.clone().filter_map(|phases| pick(phases).get(name).copied()).collect();
            (!times.is_empty()).then(|| Summary::of(times).median)
        };
        Some((of(|phases| &phases.first)?, of(|phases| &phases.warm).unwrap_or_default()))
    }

    /// Returns the median of a phase of the adoption of a release, in microseconds.
    pub(crate) fn release_phase(&self, name: &str) -> Option<f64> {
        let phases = self.runs.iter().filter_map(|run| run.phases.as_ref());
        let times: Vec<f64> = phases.filter_map(|phases| phases.release.get(name).copied()).collect();
        (!times.is_empty()).then(|| Summary::of(times).median)
    }
}

impl Results {
    /// Returns the contender of that name, if it took part.
    pub(crate) fn named(&self, name: &str) -> Option<&ContenderResult> {
        self.contenders.iter().find(|contender| contender.name == name)
    }

    /// Returns the bare hello that a contender is compared with, whose answer is as long.
    pub(crate) fn bare_hello(&self, contender: &ContenderResult) -> Option<&ContenderResult> {
        self.named(&contender.reference)
    }

    /// Writes every run and every summary to `directory`.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub(crate) fn write(&self, directory: &Path) -> anyhow::Result<PathBuf> {
        let contenders: Vec<Value> = self.contenders.iter().map(|contender| self.json(contender)).collect();
        let document = json!({ "machine": self.machine, "contenders": contenders });
        let file = directory.join(FILE);
        let text = serde_json::to_string_pretty(&document)?;
        fs::write(&file, text + "\n").with_context(|| format!("cannot write {}", file.display()))?;
        Ok(file)
    }

    /// Reads a file that [`Results::write`] wrote.
    ///
    /// # Errors
    /// Fails on a file that is missing or has another form.
    pub(crate) fn read(file: &Path) -> anyhow::Result<Self> {
        let text = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} is not a result file", file.display()))
    }

    fn json(&self, contender: &ContenderResult) -> Value {
        let summary = METRICS.map(|(name, metric)| {
            let ratio = self.bare_hello(contender).map(|hello| contender.against(hello, metric));
            (name.to_owned(), json!({ "value": contender.of(metric), "x_bare_hello": ratio }))
        });
        let summary: Map<String, Value> = summary.into_iter().collect();
        json!({
            "name": contender.name, "what": contender.what, "reference": contender.reference,
            "summary": summary, "runs": contender.runs,
            "sizes": contender.sizes,
        })
    }
}

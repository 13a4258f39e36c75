//! Every trial of every contender: medians, ratios against the bare hello, and the JSON file.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use measure::machine::Machine;
use measure::summary::Summary;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::contender::BARE_HELLO;
use crate::language::Sizes;
use crate::phases::Phases;
use crate::trial::Trial;

/// Name of the JSON file.
const FILE: &str = "cold.json";

/// Everything that was measured.
#[derive(Deserialize)]
pub(crate) struct Results {
    pub(crate) machine: Machine,
    pub(crate) contenders: Vec<Standing>,
}

/// A contender after the last round.
#[derive(Deserialize)]
pub(crate) struct Standing {
    pub(crate) name: String,
    pub(crate) what: String,
    pub(crate) trials: Vec<Trial>,
    /// Of a plugin that is measured alone.
    #[serde(default)]
    pub(crate) sizes: Option<Sizes>,
}

pub(crate) type Metric = fn(&Trial) -> f64;

pub(crate) const COLD_MS: Metric = |trial| trial.cold_ms;
pub(crate) const COLD_CPU_MS: Metric = |trial| trial.cold_cpu_ms;
pub(crate) const INIT_MS: Metric = |trial| trial.init_ms;
pub(crate) const ANSWER_MS: Metric = |trial| trial.answer_ms;
pub(crate) const WARM_MIN_US: Metric = |trial| trial.warm.min_us;
pub(crate) const WARM_P50_US: Metric = |trial| trial.warm.p50_us;
pub(crate) const WARM_CPU_US: Metric = |trial| trial.warm.cpu_us;
pub(crate) const RSS_MB: Metric = |trial| trial.rss_kib as f64 / 1024.0;
pub(crate) const DIRTY_MB: Metric = |trial| trial.dirty_kib as f64 / 1024.0;

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

impl Standing {
    /// A metric over all rounds.
    pub(crate) fn of(&self, metric: Metric) -> Summary {
        Summary::of(self.trials.iter().map(metric))
    }

    /// This contender's median in terms of another's.
    pub(crate) fn against(&self, other: &Standing, metric: Metric) -> f64 {
        self.of(metric).median / other.of(metric).median
    }

    /// The medians of the phases: of the first call, and of the warm ones.
    pub(crate) fn phase(&self, name: &str) -> Option<(f64, f64)> {
        let phases = self.trials.iter().filter_map(|trial| trial.phases.as_ref());
        let of = |pick: fn(&Phases) -> &std::collections::BTreeMap<String, f64>| {
            let times: Vec<f64> =
                phases.clone().filter_map(|phases| pick(phases).get(name).copied()).collect();
            (!times.is_empty()).then(|| Summary::of(times).median)
        };
        Some((of(|phases| &phases.first)?, of(|phases| &phases.warm)?))
    }
}

impl Results {
    /// The contender of that name, if it took part.
    pub(crate) fn named(&self, name: &str) -> Option<&Standing> {
        self.contenders.iter().find(|contender| contender.name == name)
    }

    /// Whom the others are compared with.
    pub(crate) fn bare_hello(&self) -> Option<&Standing> {
        self.named(BARE_HELLO)
    }

    /// Writes every trial and every summary to `directory`.
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

    /// Reads what [`Results::write`] wrote.
    ///
    /// # Errors
    /// Fails on a file that is missing or of another form.
    pub(crate) fn read(file: &Path) -> anyhow::Result<Self> {
        let text = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} is of another form", file.display()))
    }

    fn json(&self, contender: &Standing) -> Value {
        let summary = METRICS.map(|(name, metric)| {
            let ratio = self.bare_hello().map(|hello| contender.against(hello, metric));
            (name.to_owned(), json!({ "value": contender.of(metric), "x_bare_hello": ratio }))
        });
        let summary: Map<String, Value> = summary.into_iter().collect();
        json!({
            "name": contender.name, "what": contender.what, "summary": summary, "trials": contender.trials,
            "sizes": contender.sizes,
        })
    }
}

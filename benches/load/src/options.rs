//! Reads the command line of the driver.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};

const USAGE: &str =
    "usage: load [--floor FILE] [--rmcp FILE] [--toolcell FILE --bundle DIR] [--node FILE --script FILE]
            [--rounds N] [--sample-ms N] [--calls N] [--only TEXT] [--out DIR]";

/// The contenders, and how long they are measured.
pub(crate) struct Options {
    pub(crate) floor: Option<PathBuf>,
    pub(crate) rmcp: Option<PathBuf>,
    pub(crate) toolcell: Option<PathBuf>,
    pub(crate) bundle: PathBuf,
    pub(crate) node: Option<PathBuf>,
    pub(crate) script: PathBuf,
    /// The number of rounds; each measures every contender under every workload once.
    pub(crate) rounds: usize,
    /// The duration of one sample.
    pub(crate) sample: Duration,
    /// The number of calls after which the memory of toolcell is measured; none if 0.
    pub(crate) calls: usize,
    /// The text that a workload's name must contain.
    pub(crate) only: String,
    /// The folder for the JSON file and the servers' logs.
    pub(crate) out: PathBuf,
}

impl Options {
    /// Reads the arguments that follow the program's name.
    ///
    /// # Errors
    /// Fails on an unknown option, a missing value, or an invalid number.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut options = Options::default();
        while let Some(name) = arguments.next() {
            let value = arguments.next().with_context(|| format!("{name} needs a value\n{USAGE}"))?;
            options.set(&name, value)?;
        }
        Ok(options)
    }

    fn set(&mut self, name: &str, value: String) -> anyhow::Result<()> {
        match name {
            "--floor" => self.floor = Some(value.into()),
            "--rmcp" => self.rmcp = Some(value.into()),
            "--toolcell" => self.toolcell = Some(value.into()),
            "--bundle" => self.bundle = value.into(),
            "--node" => self.node = Some(value.into()),
            "--script" => self.script = value.into(),
            "--rounds" => self.rounds = number(name, &value)?.max(1),
            "--sample-ms" => self.sample = Duration::from_millis(number(name, &value)?.max(1) as u64),
            "--calls" => self.calls = number(name, &value)?,
            "--only" => self.only = value,
            "--out" => self.out = value.into(),
            _ => bail!("unknown option {name}\n{USAGE}"),
        }
        Ok(())
    }
}

impl Default for Options {
    fn default() -> Self {
        Options {
            floor: None,
            rmcp: None,
            toolcell: None,
            bundle: "bundle".into(),
            node: None,
            script: "benches/node-baseline/server.mjs".into(),
            rounds: 15,
            sample: Duration::from_millis(250),
            calls: 1_000_000,
            only: String::new(),
            out: "target/bench".into(),
        }
    }
}

fn number(name: &str, value: &str) -> anyhow::Result<usize> {
    value.parse().with_context(|| format!("{name} {value}: expected a whole number"))
}

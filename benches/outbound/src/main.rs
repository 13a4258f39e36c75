//! Measures what a request of a plugin costs: a GET to a server over TLS, over a kept connection, against the same GET by
//! reqwest in a native program.
//!
//! In each round, every contender sends the same GETs, one after the other. A ratio compares samples of the same round;
//! the report shows the median over rounds with its range.
//!
//! ```text
//! upstream    the servers, in this process: one of HTTP/1.1, one of HTTP/2
//! contender   a program that sends GETs: toolcell with a plugin, or reqwest
//! sample      some GETs -> wall time and CPU time of each
//! report      the table and the JSON file
//! ```

mod contender;
mod report;
mod sample;
mod upstream;

use std::path::PathBuf;

use anyhow::{Context, bail};
use measure::machine::Machine;

use contender::Contender;
use report::{Report, Row};
use sample::Sample;
use upstream::{Upstream, Version};

const USAGE: &str =
    "usage: outbound --toolcell FILE --plugin FILE --reqwest FILE [--rounds N] [--gets N] [--out DIR]";

/// The bytes of the responses' bodies.
const SIZES: [usize; 2] = [1 << 10, 64 << 10];

/// The programs, and how much is measured.
struct Options {
    toolcell: PathBuf,
    plugin: PathBuf,
    reqwest: PathBuf,
    rounds: usize,
    /// The GETs of one sample.
    gets: u32,
    out: PathBuf,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut options = Options {
            toolcell: "target/release/toolcell".into(),
            plugin: "tests/fixtures/target/wasm32-wasip2/release/outbound.wasm".into(),
            reqwest: "target/benches/release/reqwest-baseline".into(),
            rounds: 15,
            gets: 1000,
            out: "target/bench".into(),
        };
        while let Some(name) = arguments.next() {
            let value = arguments.next().with_context(|| format!("{name} needs a value\n{USAGE}"))?;
            match name.as_str() {
                "--toolcell" => options.toolcell = value.into(),
                "--plugin" => options.plugin = value.into(),
                "--reqwest" => options.reqwest = value.into(),
                "--rounds" => options.rounds = value.parse().context(USAGE)?,
                "--gets" => options.gets = value.parse().context(USAGE)?,
                "--out" => options.out = value.into(),
                _ => bail!("unknown option {name}\n{USAGE}"),
            }
        }
        Ok(options)
    }
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse(std::env::args().skip(1))?;
    let folder = options.out.join("outbound");
    std::fs::create_dir_all(&folder)?;
    let upstream = Upstream::start(&folder)?;
    let mut contenders = Contender::start_all(&options, &upstream, &folder)?;
    let mut machine = Machine::look();
    let mut rows = rows(contenders.len());
    for row in &rows {
        for contender in &mut contenders {
            contender.pull(&upstream, row.version, row.bytes, options.gets).context(contender.name)?;
        }
    }
    for round in 0..options.rounds {
        eprintln!("round {} of {}", round + 1, options.rounds);
        machine.measure();
        for row in &mut rows {
            measure(row, round, &mut contenders, &upstream, options.gets)?;
        }
    }
    machine.finish();
    let names = contenders.iter().map(|contender| contender.name).collect();
    let report = Report { machine, contenders: names, gets: options.gets, rows };
    report.print();
    report.write(&options.out)
}

/// Makes a row for each version of HTTP and size.
fn rows(contenders: usize) -> Vec<Row> {
    let all = Version::ALL.into_iter().flat_map(|version| SIZES.map(|bytes| (version, bytes)));
    all.map(|(version, bytes)| Row { version, bytes, samples: vec![Vec::new(); contenders] }).collect()
}

/// Takes a sample of every contender. Each round starts with another one.
fn measure(
    row: &mut Row,
    round: usize,
    contenders: &mut [Contender],
    upstream: &Upstream,
    gets: u32,
) -> anyhow::Result<()> {
    let count = contenders.len();
    for turn in 0..count {
        let at = (round + turn) % count;
        let contender = &mut contenders[at];
        let sample = Sample::take(contender, upstream, row.version, row.bytes, gets);
        row.samples[at].push(sample.context(contender.name)?);
    }
    Ok(())
}

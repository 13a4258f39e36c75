//! `make bench`: the same requests to every contender, side by side in one run.
//!
//! Machines are shared and their speed drifts, so nothing is measured once or on its own: the
//! contenders take turns within each round, a ratio is taken within a round, and what is reported is
//! the median over rounds with its range. CPU time is the server process's own, which a busy machine
//! moves far less than wall time.
//!
//! ```text
//! options     the command line
//! contender   a server: its process, started and listening
//! sample      one contender under one workload for a moment -> numbers
//! tournament  all of them, in rounds
//! report      the table and the JSON file
//! ```
//!
//! Requests and right answers, clocks and medians are in `measure`, shared with the cold start bench.

mod contender;
mod options;
mod report;
mod sample;
mod tournament;

use measure::workload;
use options::Options;

fn main() -> anyhow::Result<()> {
    let options = Options::parse(std::env::args().skip(1))?;
    let mut contenders = contender::start_all(&options)?;
    let workloads = workload::all();
    tournament::check(&contenders, &workloads)?;
    let results = tournament::play(&mut contenders, &workloads, &options)?;
    drop(contenders);
    report::print(&results);
    report::write(&results, &options.out)
}

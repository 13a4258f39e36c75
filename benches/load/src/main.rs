//! Runs `make bench`: sends the same requests to every contender, side by side.
//!
//! Machines are shared and their speed drifts, so nothing is measured once or on its own: the contenders take turns
//! within each round, a ratio is taken within a round, and the report shows the median over rounds with its range. CPU
//! time is that of the server process, which a busy machine changes far less than wall time.
//!
//! ```text
//! options     the command line
//! contender   a server: its process, started and listening
//! sample      one contender under one workload for a moment -> numbers
//! rounds      all contenders under all workloads, in rounds
//! growth      the memory of a new server after more and more calls
//! report      the table and the JSON file
//! ```
//!
//! Requests and expected answers, clocks and medians are in `measure`, which the cold start bench shares.

mod contender;
mod growth;
mod options;
mod report;
mod rounds;
mod sample;

use measure::workload;
use options::Options;

fn main() -> anyhow::Result<()> {
    let options = Options::parse(std::env::args().skip(1))?;
    let mut contenders = contender::start_all(&options)?;
    let workloads = workload::all();
    rounds::check(&contenders, &workloads)?;
    let results = rounds::run(&mut contenders, &workloads, &options)?;
    drop(contenders);
    let growth = growth::measure(&workloads, &options)?;
    report::print(&results, &growth);
    report::write(&results, &growth, &options.out)
}

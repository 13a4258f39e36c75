//! Measures cold starts: from starting a process to the last byte of its first answer.
//!
//! The bench serves the Runtime API of Lambda to every contender, in interleaved rounds, and asks each process a few
//! hundred times more while it runs. Files are in the page cache, so that the numbers are the work of the process and
//! not of a disk.
//!
//! ```text
//! options      the command line
//! contender    a function under measurement: programs, environment, the request and how it arrives
//! store        objects of S3 on loopback
//! releases     what is published there, and the functions that follow it
//! environment  the variables that Lambda sets
//! event        a request as a Function URL event
//! runtime_api  the Runtime API: sends events, takes answers
//! web          a server that is called over HTTP, without Lambda
//! answer       the body within an answer to the Runtime API
//! run          one process: its first answer, the warm ones, its memory -> numbers
//! log          the log of a process, read through a pipe
//! phases       the time of each phase of a call, from toolcell's own log
//! profile      what a contender does in each phase, in counts: instructions, system calls, page faults, bytes
//! rounds       all contenders, in rounds
//! result       medians and ratios against the bare hello; the JSON file
//! table        the result as Markdown
//! language     the same plugin in every language, as Markdown
//! ```

mod answer;
mod contender;
mod environment;
mod event;
mod language;
mod log;
mod options;
mod phases;
mod profile;
mod releases;
mod result;
mod rounds;
mod run;
mod runtime_api;
mod store;
mod table;
mod web;

use options::Task;
use result::Results;

fn main() -> anyhow::Result<()> {
    match Task::parse(std::env::args().skip(1))? {
        Task::Run(options) => {
            let contenders = contender::all(&options)?;
            let results = rounds::run(&contenders, &options)?;
            let file = results.write(&options.out)?;
            println!("{}", table::render(&results));
            eprintln!("\nEvery run: {}", file.display());
        }
        Task::Profile(options) => {
            let contenders = contender::all(&options)?;
            let (profile, file) = profile::take(&contenders, &options.out)?;
            println!("{}", profile.render());
            eprintln!("\nEvery count: {}", file.display());
        }
        Task::Languages(file) => println!("{}", language::render(&Results::read(&file)?)),
        Task::Report(file) => println!("{}", table::render(&Results::read(&file)?)),
    }
    Ok(())
}

//! The cold start bench: from starting a process to the last byte of its first answer.
//!
//! It plays the Runtime API of Lambda towards every contender, in interleaved rounds, and asks each process a
//! few hundred times more while it is there. Files are in the page cache: what is measured is the work of the
//! process, not that of a disk.
//!
//! ```text
//! options      the command line
//! contender    who is measured: programs, environment, the request, the way it reaches them
//! environment  the variables that Lambda sets
//! event        a request as a Function URL event
//! runtime_api  the Runtime API: hands out events, takes answers
//! web          a server that is asked over HTTP, without Lambda
//! answer       the body within an answer to the Runtime API
//! trial        one process: its first answer, the warm ones, its memory -> numbers
//! phases       where the time of a call went, by toolcell's own log
//! tournament   all contenders, in rounds
//! standing     medians and ratios against the bare hello; the JSON file
//! table        the same as Markdown
//! language     plugins that differ in their language alone, as Markdown
//! ```

mod answer;
mod contender;
mod environment;
mod event;
mod language;
mod options;
mod phases;
mod runtime_api;
mod standing;
mod table;
mod tournament;
mod trial;
mod web;

use options::Task;
use standing::Results;

fn main() -> anyhow::Result<()> {
    match Task::parse(std::env::args().skip(1))? {
        Task::Run(options) => {
            let contenders = contender::all(&options)?;
            let results = tournament::play(&contenders, &options)?;
            let file = results.write(&options.out)?;
            println!("{}\nEvery trial: {}", table::render(&results), file.display());
        }
        Task::Languages(file) => println!("{}", language::render(&Results::read(&file)?)),
        Task::Report(file) => println!("{}", table::render(&Results::read(&file)?)),
    }
    Ok(())
}

//! `toolcell test`: plays a plugin's golden cases, and says where what comes back is not what was expected.
//!
//! ```text
//! case (cases/*.json) ──┐
//! bundle (compiled once) ──> client: request, questions, answers ──> diff ──> report
//! grant (copies) ───────┤                                          └─> golden
//! exchange (the network) ┘ <── record
//! ```
//!
//! Every case has a server of its own, reached as any client reaches it but for the socket; randomness and wall clock
//! are what the case says.

mod answer;
mod bucket;
mod bundle;
mod case;
mod client;
mod content;
mod diff;
mod exchange;
mod golden;
mod grant;
mod grant_copy;
mod json;
mod new_case;
mod pretty;
mod principal;
mod prompter;
mod reading;
mod record;
mod report;
mod runner;
mod secret;
mod state;
mod timestamp;

use std::path::Path;

use crate::manifest;
use crate::ui::exit::Exit;
use crate::ui::format::Format;
use crate::ui::problem::{Problem, Result};
use crate::ui::progress::Progress;
use crate::ui::terminal::Terminal;

use bundle::CaseBundle;
use case::Case;
use record::{Recorder, UseNetwork};
use runner::CaseRunner;

pub(crate) use new_case::{NewCase, NewCaseError};

/// The plugin to test.
#[derive(Clone, Copy, Debug)]
pub struct TestRequest<'a> {
    /// The plugin's directory.
    pub plugin: &'a Path,
    /// The only case to play, by name.
    pub case: Option<&'a str>,
    /// Tells whether responses are compared or recorded.
    pub mode: Mode,
    /// The ports of this machine that requests may reach which are recorded.
    pub loopback: &'a [u16],
    /// The output format.
    pub format: Format,
}

/// Tells whether responses are compared with the cases or recorded in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It is compared with what the cases expect.
    Compare,
    /// It is what the cases expect from now on; what they do not answer is asked here, if this is a terminal, and the
    /// requests of new cases are sent.
    Update,
}

/// Plays the cases of a plugin and prints how they went.
///
/// # Errors
/// The plugin or a case is refused.
pub fn run(request: &TestRequest<'_>, progress: &dyn Progress, terminal: &Terminal) -> Result<Exit> {
    let manifest = manifest::read(request.plugin)?;
    let cases = case::read_all(request.plugin, request.case)?;
    let is_recording = request.mode == Mode::Update && cases.iter().any(Case::is_to_be_recorded);
    let use_network = if is_recording { UseNetwork::Recorded } else { UseNetwork::Never };
    let recorder = Recorder { plugin: request.plugin, loopback: request.loopback, use_network };
    let bundle = CaseBundle::build(request.plugin, &manifest, &recorder, progress)?;
    cases.iter().try_for_each(|case| bundle.refuse_unknown(case))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime
        .map_err(|error| Problem::internal("toolcell test", "cannot start").found(error.to_string()))?;
    let runner = CaseRunner { bundle, runtime, plugin: request.plugin, mode: request.mode };
    let mut reports = Vec::new();
    for case in cases {
        let report = runner.examine(case)?;
        if request.format == Format::Text {
            terminal.print(report::text(&report, terminal));
        }
        reports.push(report);
    }
    match request.format {
        Format::Json => terminal.print(report::json(request.plugin, &reports)),
        Format::Text => terminal.print(report::summary(&reports)),
    }
    Ok(if reports.iter().all(|report| report.faults.is_empty()) { Exit::Done } else { Exit::Found })
}

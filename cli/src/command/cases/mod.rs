//! `toolcell test`: plays a plugin's golden cases, and says where what comes back is not what was expected.
//!
//! ```text
//! case (cases/*.json) ──┐
//! bundle (compiled once) ──> client: request, questions, answers ──> diff ──> report
//! grant (copies) ───────┘                                          └─> golden
//! ```
//!
//! Every case has a server of its own, reached as any client reaches it but for the socket; randomness and wall clock
//! are what the case says.

mod answer;
mod bundle;
mod case;
mod client;
mod diff;
mod golden;
mod grant;
mod grant_copy;
mod json;
mod pretty;
mod principal;
mod prompter;
mod report;
mod timestamp;

use std::io::IsTerminal as _;
use std::path::Path;

use tokio::runtime::Runtime;

use crate::manifest;
use crate::ui::exit::Exit;
use crate::ui::format::Format;
use crate::ui::problem::{Problem, Result};
use crate::ui::progress::Progress;
use crate::ui::terminal::Terminal;

use answer::Question;
use bundle::CaseBundle;
use case::{Case, Response};
use client::{CaseEnd, CaseResult};
use prompter::Prompter;
use report::{CaseReport, Fault, Golden};

/// The plugin to test.
#[derive(Clone, Copy, Debug)]
pub struct TestRequest<'a> {
    /// The plugin's directory.
    pub plugin: &'a Path,
    /// The only case to play, by name.
    pub case: Option<&'a str>,
    /// Tells whether responses are compared or recorded.
    pub mode: Mode,
    /// The ports of this machine that the plugin may reach.
    pub loopback: &'a [u16],
    /// The output format.
    pub format: Format,
}

/// Tells whether responses are compared with the cases or recorded in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It is compared with what the cases expect.
    Compare,
    /// It is what the cases expect from now on; what they do not answer is asked here, if this is a terminal.
    Update,
}

/// Plays the cases of a plugin and prints how they went.
///
/// # Errors
/// The plugin or a case is refused.
pub fn run(request: &TestRequest<'_>, progress: &dyn Progress, terminal: &Terminal) -> Result<Exit> {
    let manifest = manifest::read(request.plugin)?;
    let cases = case::read_all(request.plugin, request.case)?;
    let bundle = CaseBundle::build(request.plugin, &manifest, progress)?.with_loopback(request.loopback);
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

/// Runs cases and judges what comes back.
struct CaseRunner<'a> {
    bundle: CaseBundle,
    runtime: Runtime,
    plugin: &'a Path,
    mode: Mode,
}

impl CaseRunner<'_> {
    fn examine(&self, mut case: Case) -> Result<CaseReport> {
        let answered_before = case.answers.len();
        let result = self.run(&mut case)?;
        let mut faults = Vec::new();
        let mut golden = Golden::Kept;
        let unused = case.answers.keys().filter(|key| !result.used.contains(*key)).cloned();
        let unused: Vec<String> = unused.collect();
        match result.ended {
            CaseEnd::Unfit(text) => faults.push(Fault::Unfit(text)),
            CaseEnd::Asks(questions) => faults.push(Fault::asks(&case, questions)),
            CaseEnd::Answered(found) => {
                let fault = mismatch(&case, &found);
                let is_new = fault.is_some() || case.answers.len() > answered_before;
                if self.mode == Mode::Update && is_new {
                    golden::write(&mut case, &found)?;
                    golden = Golden::Written;
                } else {
                    faults.extend(fault);
                }
                // A call that stopped earlier might have asked.
                faults.extend((!unused.is_empty()).then_some(Fault::NeverAsked(unused)));
            }
        }
        Ok(CaseReport { name: case.name, golden, faults })
    }

    /// Plays a case; where it asks and somebody is there to answer, again with the answers.
    fn run(&self, case: &mut Case) -> Result<CaseResult> {
        loop {
            let result = self.run_once(case)?;
            match &result.ended {
                CaseEnd::Asks(questions) if self.mode == Mode::Update && self.record(case, questions)? => {}
                _ => return Ok(result),
            }
        }
    }

    fn run_once(&self, case: &Case) -> Result<CaseResult> {
        let granted = grant_copy::make(case, self.plugin)?;
        let service = self.bundle.service(case, &granted.grants)?;
        self.runtime.block_on(client::run(&service, self.bundle.catalog(), case))
    }

    /// Has somebody at the terminal answer the questions; whether all of them are answered now.
    fn record(&self, case: &mut Case, questions: &[Question]) -> Result<bool> {
        if !std::io::stdin().is_terminal() {
            return Ok(false);
        }
        let mut prompter = Prompter { input: &mut std::io::stdin().lock(), output: &mut std::io::stderr() };
        for question in questions {
            let answer = prompter.ask(&case.name, question).map_err(|error| {
                Problem::internal("toolcell test", "cannot ask on the terminal").found(error.to_string())
            })?;
            let Some(answer) = answer else { return Ok(false) };
            case.answers.insert(question.key.clone(), json::written(&answer));
        }
        Ok(true)
    }
}

fn mismatch(case: &Case, found: &Response) -> Option<Fault> {
    let Some(expected) = &case.expected else { return Some(Fault::New(found.clone())) };
    if expected.key() == found.key() && expected.value() == found.value() {
        return None;
    }
    Some(Fault::Differs { expected: expected.clone(), found: found.clone() })
}

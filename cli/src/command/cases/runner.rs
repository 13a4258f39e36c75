//! Runs cases, and judges what comes back.

use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::Arc;

use tokio::runtime::Runtime;
use toolcell_host::sandbox::tape::{Tape, Unmatched};

use super::Mode;
use super::answer::Question;
use super::bundle::{CaseBundle, Setting};
use super::case::{Case, Response};
use super::client::{self, CaseEnd, CaseResult};
use super::golden::Outcome;
use super::prompter::Prompter;
use super::record::{Draft, Recording};
use super::report::{CaseReport, Fault, Golden};
use super::secret::{RealValues, Values};
use super::state::State;
use super::{bucket, golden, grant_copy, json};
use crate::ui::problem::{Problem, Result};

/// Runs the cases of a plugin.
pub(super) struct CaseRunner<'a> {
    /// The plugin's bundle.
    pub(super) bundle: CaseBundle,
    /// Waits for what the server does.
    pub(super) runtime: Runtime,
    /// The plugin's directory.
    pub(super) plugin: &'a Path,
    /// Tells whether files are updated.
    pub(super) mode: Mode,
}

/// How a case went.
struct Played {
    result: CaseResult,
    tape: Arc<Tape>,
    /// The entries of the plugin's buckets in the end.
    state: State,
}

impl CaseRunner<'_> {
    /// Runs a case, and compares what comes back, or writes it down.
    ///
    /// # Errors
    /// A grant cannot be given, or a file cannot be read or written.
    pub(super) fn examine(&self, mut case: Case) -> Result<CaseReport> {
        let answered_before = case.answers.len();
        let mut recording = None;
        if self.mode == Mode::Update && case.is_to_be_recorded() {
            match self.record(&mut case)? {
                Ok(recorded) => recording = Some(recorded),
                Err(fault) => {
                    return Ok(CaseReport { name: case.name, golden: Golden::Kept, faults: vec![fault] });
                }
            }
        }
        let played = self.run(&mut case)?;
        let has_news = case.answers.len() > answered_before || recording.is_some();
        let (golden, faults) = match faults_on_the_way(&case, &played) {
            faults if faults.is_empty() => self.judge(&mut case, played, has_news, recording.as_ref())?,
            faults => (Golden::Kept, faults),
        };
        Ok(CaseReport { name: case.name, golden, faults })
    }

    /// Compares what comes back at the end, or writes it down.
    fn judge(
        &self,
        case: &mut Case,
        played: Played,
        has_news: bool,
        recording: Option<&Recording>,
    ) -> Result<(Golden, Vec<Fault>)> {
        let used = played.result.used;
        let unasked: Vec<String> = case.answers.keys().filter(|key| !used.contains(*key)).cloned().collect();
        let found = match played.result.ended {
            CaseEnd::Unfit(text) => return Ok((Golden::Kept, vec![Fault::Unfit(text)])),
            CaseEnd::Asks(questions) => return Ok((Golden::Kept, vec![Fault::asks(case, questions)])),
            CaseEnd::Answered(found) => found,
        };
        // A call that stopped earlier might have asked, and sent more.
        let mut faults: Vec<Fault> =
            (!unasked.is_empty()).then_some(Fault::NeverAsked(unasked)).into_iter().collect();
        faults.extend(Fault::never_sent(case, &played.tape));
        let differs: Vec<Fault> =
            mismatch(case, &found).into_iter().chain(other_state(case, &played.state)).collect();
        if self.mode == Mode::Update && (!differs.is_empty() || has_news) {
            golden::write(case, &Outcome { found: &found, state: &played.state, recorded: recording })?;
            return Ok((Golden::Written, faults));
        }
        faults.splice(0..0, differs);
        Ok((Golden::Kept, faults))
    }

    /// Records the requests of a case.
    fn record(&self, case: &mut Case) -> Result<std::result::Result<Recording, Fault>> {
        let secrets = self.runtime.block_on(RealValues::read(self.plugin, &case.secrets))?;
        let mut draft = Draft::new(secrets);
        loop {
            let tape = Tape::new(draft.known.clone(), Unmatched::IsRecorded);
            let Played { result, tape, .. } = self.run_once(case, tape, &draft.secrets().values)?;
            let failed = draft.add(tape.recorded());
            if !failed.is_empty() {
                return Ok(Err(Fault::NotRecorded(failed)));
            }
            match result.ended {
                CaseEnd::Asks(questions) if self.prompt(case, &questions)? => {}
                CaseEnd::Asks(questions) => return Ok(Err(Fault::asks(case, questions))),
                CaseEnd::Unfit(text) => return Ok(Err(Fault::Unfit(text))),
                CaseEnd::Answered(_) => break,
            }
        }
        let (recording, exchanges) = draft.finish()?;
        case.exchanges = Some(exchanges);
        Ok(Ok(recording))
    }

    /// Plays a case; where it asks and somebody is there to answer, again with the answers.
    fn run(&self, case: &mut Case) -> Result<Played> {
        loop {
            let tape = Tape::new(case.exchanges.clone().unwrap_or_default(), Unmatched::Fails);
            let played = self.run_once(case, tape, &case.secrets)?;
            match &played.result.ended {
                CaseEnd::Asks(questions) if self.mode == Mode::Update && self.prompt(case, questions)? => {}
                _ => return Ok(played),
            }
        }
    }

    fn run_once(&self, case: &Case, tape: Tape, secrets: &Values) -> Result<Played> {
        let granted = grant_copy::make(case, self.plugin)?;
        let (tape, plugin) = (Arc::new(tape), self.bundle.plugin());
        let store = Arc::new(self.runtime.block_on(bucket::fill(case, plugin))?);
        let setting = Setting { grants: &granted.grants, secrets, tape: &tape, store: &store };
        let service = self.bundle.service(case, &setting)?;
        let result = self.runtime.block_on(client::run(&service, self.bundle.catalog(), case))?;
        let state = self.runtime.block_on(bucket::read(case, plugin, &*store))?;
        Ok(Played { result, tape, state })
    }

    /// Has somebody at the terminal answer the questions; whether all of them are answered now.
    fn prompt(&self, case: &mut Case, questions: &[Question]) -> Result<bool> {
        if self.mode != Mode::Update || !std::io::stdin().is_terminal() {
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

/// Lists the faults of a run that explain its result, and so are told in place of it.
fn faults_on_the_way(case: &Case, played: &Played) -> Vec<Fault> {
    let mut faults: Vec<Fault> = Fault::unanswered(case, &played.tape).into_iter().collect();
    if !faults.is_empty() {
        faults.extend(Fault::never_sent(case, &played.tape));
    }
    let repeated = played.tape.repeated();
    faults.extend((!repeated.is_empty()).then_some(Fault::SentAgain(repeated)));
    faults
}

fn mismatch(case: &Case, found: &Response) -> Option<Fault> {
    let Some(expected) = &case.expected else { return Some(Fault::New(found.clone())) };
    if expected.key() == found.key() && expected.value() == found.value() {
        return None;
    }
    Some(Fault::Differs { expected: expected.clone(), found: found.clone() })
}

/// Compares what the plugin's buckets hold in the end with what the case says.
fn other_state(case: &Case, found: &State) -> Option<Fault> {
    let expected = case.expected_state.as_ref().unwrap_or(&case.state).alive(case.replay.now_ms);
    let [expected, found] = expected.beside(found);
    (expected != found).then_some(Fault::State { expected, found })
}

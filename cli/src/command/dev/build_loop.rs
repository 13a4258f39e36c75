//! Notices what has changed, builds it, and says what became of it.
//!
//! One thread, one build at a time. Requests are answered by others meanwhile.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::list_changes::Change;
use super::session::{Built, Outcome, Stage};
use super::sources::{Bench, Freshness, inputs};
use super::status::{Board, Meanwhile, Repeat, duration};
use super::watch::{Watch, nearest};
use crate::builder::{BuildStatus, Inputs};
use crate::bundle::open;
use crate::ui::problem::Result;
use crate::ui::terminal::{Terminal, counted};

/// How often a plugin is tried again whose compiler was missing.
const RETRY: Duration = Duration::from_secs(5);

/// What builds the plugins of one server.
pub(super) struct Workshop {
    stage: Stage,
    /// The configuration's file as it was last read, good or bad.
    read: Inputs,
    benches: BTreeMap<String, Bench>,
    queue: VecDeque<(String, Why)>,
    /// Plugins whose newest edition was built and does not fit.
    refused: BTreeSet<String>,
    watch: Watch,
    board: Board,
}

/// Why a plugin is built.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Why {
    /// The server has just started, or the plugin is new in its configuration.
    New,
    /// A file has changed.
    Changed(PathBuf),
    /// A program was missing, and perhaps is no longer.
    Retry,
}

impl Why {
    /// Whether an error that was told is told again.
    fn repeat(&self) -> Repeat {
        match self {
            Why::Changed(_) => Repeat::Told,
            Why::New | Why::Retry => Repeat::Untold,
        }
    }
}

impl Workshop {
    /// Watches everything that a stage is made of. Every plugin is to be built, those first that are served already:
    /// most of them are as they should be.
    ///
    /// # Errors
    /// The system gives no watcher.
    pub(super) fn new(stage: Stage, terminal: Terminal) -> Result<Self> {
        let names = stage.plugins().keys().cloned();
        let (at_once, later): (Vec<_>, Vec<_>) = names.partition(|name| stage.serves(name));
        let queue = at_once.into_iter().chain(later).map(|name| (name, Why::New)).collect();
        let bench = |(name, settings): (&String, _)| (name.clone(), Bench::of(settings));
        let benches = stage.plugins().iter().map(bench).collect();
        let (watch, board) = (Watch::new()?, Board::new(terminal));
        let read = config_inputs(&stage);
        let mut workshop = Self { stage, read, benches, queue, refused: BTreeSet::new(), watch, board };
        workshop.watch_folders();
        Ok(workshop)
    }

    /// Builds what has to be built, for ever; begins with what there was to say of the start.
    pub(super) fn work(mut self, start: &Outcome) -> ! {
        self.tell(start, None, Repeat::Untold);
        loop {
            if let Some((name, why)) = self.queue.pop_front() {
                self.build(&name, &why);
            }
            // A directory that has just come may have been filled before it was watched.
            let mut changed = self.wait();
            while !changed.is_empty() {
                self.look(&changed);
                changed = self.watch_folders();
            }
        }
    }

    /// Waits for a change, but not while there is something to build.
    fn wait(&mut self) -> BTreeSet<PathBuf> {
        if !self.queue.is_empty() {
            return self.watch.wait(Some(Duration::ZERO));
        }
        let missing = self.board.missing();
        let changed = self.watch.wait((!missing.is_empty()).then_some(RETRY));
        if changed.is_empty() {
            self.queue.extend(missing.into_iter().map(|name| (name, Why::Retry)));
        }
        changed
    }

    /// Looks at everything that has to do with these directories.
    fn look(&mut self, changed: &BTreeSet<PathBuf>) {
        let read = config_inputs(&self.stage);
        if read.files != self.read.files {
            self.read = read;
            self.reload();
        } else if !self.granted().is_disjoint(changed)
            && let Ok(outcome) = self.stage.settle()
        {
            self.tell(&outcome, None, Repeat::Untold);
        }
        for (name, settings) in self.stage.plugins() {
            let bench = self.benches.entry(name.clone()).or_default();
            if bench.folders().is_disjoint(changed) {
                continue;
            }
            if let Some(file) = bench.look(settings) {
                self.queue.retain(|(queued, _)| queued != name);
                self.queue.push_front((name.clone(), Why::Changed(file)));
            }
        }
    }

    /// Watches the directories that anything depends on; gives those that are new.
    fn watch_folders(&mut self) -> BTreeSet<PathBuf> {
        let mut folders = self.granted();
        folders.extend(self.read.folders.iter().cloned());
        folders.extend(self.benches.values().flat_map(|bench| bench.folders().iter().cloned()));
        self.watch.set(&folders)
    }

    /// Where directories are, or will be, that were granted to a plugin which does not fit.
    fn granted(&self) -> BTreeSet<PathBuf> {
        let base = open::base(self.stage.file());
        let refused = self.stage.plugins().iter().filter(|(name, _)| self.refused.contains(*name));
        let directories = refused.flat_map(|(_, settings)| &settings.grants.directories);
        directories.filter_map(|directory| nearest(&base.join(&directory.host))).collect()
    }

    fn reload(&mut self) {
        let file = self.stage.file().display().to_string();
        let (outcome, moved) = match self.stage.reload() {
            Ok(reloaded) => reloaded,
            Err(problem) => return self.board.bad(&file, problem, Meanwhile::AsBefore, Repeat::Told),
        };
        for name in moved {
            self.board.clear(&name);
            self.refused.remove(&name);
            self.queue.retain(|(queued, _)| *queued != name);
            self.benches.remove(&name);
            if let Some(settings) = self.stage.plugins().get(&name) {
                self.benches.insert(name.clone(), Bench::of(settings));
                self.queue.push_back((name, Why::New));
            }
        }
        self.tell(&outcome, Some((&file, "read again")), Repeat::Told);
    }

    /// Builds one plugin and serves it.
    fn build(&mut self, name: &str, why: &Why) {
        let Some(settings) = self.stage.plugins().get(name).cloned() else { return };
        self.announce(name, why);
        let (started, before) = (Instant::now(), inputs(&settings.source));
        let again = self.stage.serves(name);
        let built = self.stage.build(name);
        let took = duration(started.elapsed());
        let bench = self.benches.entry(name.to_owned()).or_default();
        if bench.built(&before, inputs(&settings.source)) == Freshness::Stale {
            self.queue.push_front((name.to_owned(), why.clone()));
        }
        match built {
            Ok(Built::Put(made, outcome)) => {
                let text = format!("{} in {took}", verb(made, again));
                self.tell(&outcome, Some((name, &text)), why.repeat());
            }
            Ok(Built::Same(made)) => {
                self.refused.remove(name);
                if self.board.fails(name) || matches!(why, Why::Changed(_)) {
                    self.board.good(name, &format!("{} in {took}, the same as before", verb(made, true)));
                }
            }
            Err(problem) => {
                self.refused.remove(name);
                self.board.bad(name, problem, self.meanwhile(name), why.repeat());
            }
        }
        self.watch_folders();
    }

    fn announce(&self, name: &str, why: &Why) {
        match why {
            Why::Changed(file) => {
                let folder = std::env::current_dir().and_then(std::fs::canonicalize).unwrap_or_default();
                let file = file.strip_prefix(folder).unwrap_or(file);
                self.board.whisper(name, &format!("{} has changed", file.display()));
            }
            Why::New if !self.stage.serves(name) => self.board.whisper(name, "building"),
            Why::New | Why::Retry => {}
        }
    }

    /// Says what became of plugins, of `subject` first.
    fn tell(&mut self, outcome: &Outcome, subject: Option<(&str, &str)>, repeat: Repeat) {
        let refused: BTreeSet<String> = outcome.refused.keys().cloned().collect();
        let recovered = &std::mem::replace(&mut self.refused, refused) - &self.refused;
        recovered.iter().for_each(|name| self.board.clear(name));
        let subject = subject.filter(|(name, _)| !self.refused.contains(*name));
        if let Some((name, text)) = subject {
            let has = self.stage.has(name).unwrap_or_else(|| counted(self.stage.count(), "plugin"));
            let lists = outcome.changes.get(name).map(Change::lists).unwrap_or_default();
            self.board.good(name, &format!("{text}, {has}{lists}"));
        }
        let changed: BTreeSet<String> = outcome.changes.keys().cloned().collect();
        for name in changed.union(&recovered).filter(|name| Some(name.as_str()) != subject.map(|one| one.0)) {
            let lists = outcome.changes.get(name).map(Change::lists).unwrap_or_default();
            let has = self.stage.has(name).unwrap_or_else(|| "no longer served".to_owned());
            self.board.say(name, &format!("{has}{lists}"));
        }
        for (name, problem) in &outcome.refused {
            self.board.bad(name, problem.clone(), self.meanwhile(name), repeat);
        }
    }

    fn meanwhile(&self, name: &str) -> Meanwhile {
        if self.stage.serves(name) { Meanwhile::LastGood } else { Meanwhile::LeftOut }
    }
}

fn config_inputs(stage: &Stage) -> Inputs {
    let mut inputs = Inputs::default();
    inputs.add(stage.file());
    inputs
}

fn verb(made: BuildStatus, again: bool) -> String {
    let verb = match made {
        BuildStatus::Built => "built",
        BuildStatus::UpToDate | BuildStatus::Prebuilt => "loaded",
    };
    if again { format!("{verb} again") } else { verb.to_owned() }
}

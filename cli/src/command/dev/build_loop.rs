//! Notices what has changed, builds it, and says what became of it.
//!
//! One thread, one build at a time. Requests are answered by others meanwhile.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::list_changes::ListChange;
use super::session::{Rebuilt, ServiceUpdate, Session};
use super::sources::{Freshness, Sources, inputs};
use super::status::{Fallback, Repeat, Status, duration};
use super::watch::{Watch, nearest};
use super::workbench::Feed;
use crate::builder::{BuildStatus, Inputs};
use crate::bundle::open;
use crate::command::secrets;
use crate::ui::problem::Result;
use crate::ui::terminal::{Terminal, counted};

/// The interval between retries of a plugin whose compiler is missing.
const RETRY: Duration = Duration::from_secs(5);

/// The loop that builds the plugins of one server.
pub(super) struct BuildLoop {
    session: Session,
    /// The configuration's file as it was last read, good or bad.
    read: Inputs,
    sources: BTreeMap<String, Sources>,
    queue: VecDeque<(String, BuildReason)>,
    /// Plugins whose newest version was built and does not fit.
    refused: BTreeSet<String>,
    watch: Watch,
    status: Status,
}

/// The reason for a build.
#[derive(Clone, Debug, PartialEq, Eq)]
enum BuildReason {
    /// The server has just started, or the plugin is new in its configuration.
    New,
    /// A file has changed.
    Changed(PathBuf),
    /// A program was missing, and perhaps is no longer.
    Retry,
}

impl BuildReason {
    /// Tells whether to report a known error again.
    fn repeat(&self) -> Repeat {
        match self {
            BuildReason::Changed(_) => Repeat::Told,
            BuildReason::New | BuildReason::Retry => Repeat::Untold,
        }
    }
}

impl BuildLoop {
    /// Watches everything that a session is made of. Every plugin is to be built, those first that are served already:
    /// most of them are as they should be.
    ///
    /// # Errors
    /// The system gives no watcher.
    pub(super) fn new(session: Session, terminal: Terminal, feed: Feed) -> Result<Self> {
        let names = session.plugins().keys().cloned();
        let (at_once, later): (Vec<_>, Vec<_>) = names.partition(|name| session.serves(name));
        let queue = at_once.into_iter().chain(later).map(|name| (name, BuildReason::New)).collect();
        let sources = |(name, settings): (&String, _)| (name.clone(), Sources::of(settings));
        let sources = session.plugins().iter().map(sources).collect();
        let (watch, status) = (Watch::new()?, Status::new(terminal, feed));
        let read = config_inputs(&session);
        let mut build_loop = Self { session, read, sources, queue, refused: BTreeSet::new(), watch, status };
        build_loop.watch_folders();
        Ok(build_loop)
    }

    /// Builds what has to be built, for ever; begins with what there was to say of the start.
    pub(super) fn work(mut self, start: &ServiceUpdate) -> ! {
        self.tell(start, None, Repeat::Untold);
        loop {
            if let Some((name, reason)) = self.queue.pop_front() {
                self.build(&name, &reason);
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
        let missing = self.status.missing();
        let changed = self.watch.wait((!missing.is_empty()).then_some(RETRY));
        if changed.is_empty() {
            self.queue.extend(missing.into_iter().map(|name| (name, BuildReason::Retry)));
        }
        changed
    }

    /// Looks at everything that has to do with these directories.
    fn look(&mut self, changed: &BTreeSet<PathBuf>) {
        let read = config_inputs(&self.session);
        if read.files != self.read.files {
            self.read = read;
            self.reload();
        } else if !self.granted().is_disjoint(changed)
            && let Ok(update) = self.session.settle()
        {
            self.tell(&update, None, Repeat::Untold);
        }
        for (name, settings) in self.session.plugins() {
            let sources = self.sources.entry(name.clone()).or_default();
            if sources.folders().is_disjoint(changed) {
                continue;
            }
            if let Some(file) = sources.look(settings) {
                self.queue.retain(|(queued, _)| queued != name);
                self.queue.push_front((name.clone(), BuildReason::Changed(file)));
            }
        }
    }

    /// Watches the directories that anything depends on; gives those that are new.
    fn watch_folders(&mut self) -> BTreeSet<PathBuf> {
        let mut folders = self.granted();
        folders.extend(self.read.folders.iter().cloned());
        folders.extend(self.sources.values().flat_map(|sources| sources.folders().iter().cloned()));
        self.watch.set(&folders)
    }

    /// Returns the granted directories of plugins that do not fit.
    fn granted(&self) -> BTreeSet<PathBuf> {
        let base = open::base(self.session.file());
        let refused = self.session.plugins().iter().filter(|(name, _)| self.refused.contains(*name));
        let directories = refused.flat_map(|(_, settings)| &settings.grants.directories);
        directories.filter_map(|directory| nearest(&base.join(&directory.host))).collect()
    }

    fn reload(&mut self) {
        let file = self.session.file().display().to_string();
        let (update, moved) = match self.session.reload() {
            Ok(reloaded) => reloaded,
            Err(problem) => return self.status.bad(&file, problem, Fallback::AsBefore, Repeat::Told),
        };
        for name in moved {
            self.status.clear(&name);
            self.refused.remove(&name);
            self.queue.retain(|(queued, _)| *queued != name);
            self.sources.remove(&name);
            if let Some(settings) = self.session.plugins().get(&name) {
                self.sources.insert(name.clone(), Sources::of(settings));
                self.queue.push_back((name, BuildReason::New));
            }
        }
        self.tell(&update, Some((&file, "read again")), Repeat::Told);
    }

    /// Builds one plugin and serves it.
    fn build(&mut self, name: &str, reason: &BuildReason) {
        let Some(settings) = self.session.plugins().get(name).cloned() else { return };
        self.announce(name, reason);
        let (started, before) = (Instant::now(), inputs(&settings.source));
        let again = self.session.serves(name);
        let built = self.session.build(name);
        let took = duration(started.elapsed());
        let sources = self.sources.entry(name.to_owned()).or_default();
        if sources.built(&before, inputs(&settings.source)) == Freshness::Stale {
            self.queue.push_front((name.to_owned(), reason.clone()));
        }
        match built {
            Ok(Rebuilt::Replaced(status, update)) => {
                let text = format!("{} in {took}", verb(status, again));
                self.tell(&update, Some((name, &text)), reason.repeat());
            }
            Ok(Rebuilt::Unchanged(status)) => {
                self.refused.remove(name);
                if self.status.fails(name) || matches!(reason, BuildReason::Changed(_)) {
                    self.status.good(name, &format!("{} in {took}, the same as before", verb(status, true)));
                }
            }
            Err(problem) => {
                self.refused.remove(name);
                self.status.bad(name, problem, self.fallback(name), reason.repeat());
            }
        }
        self.watch_folders();
    }

    fn announce(&self, name: &str, reason: &BuildReason) {
        match reason {
            BuildReason::Changed(file) => {
                let folder = std::env::current_dir().and_then(std::fs::canonicalize).unwrap_or_default();
                let file = file.strip_prefix(folder).unwrap_or(file);
                self.status.note_dim(name, &format!("{} has changed", file.display()));
            }
            BuildReason::New if !self.session.serves(name) => self.status.note_dim(name, "building"),
            BuildReason::New | BuildReason::Retry => {}
        }
    }

    /// Says what became of plugins, of `subject` first.
    fn tell(&mut self, update: &ServiceUpdate, subject: Option<(&str, &str)>, repeat: Repeat) {
        self.status.served();
        let refused: BTreeSet<String> = update.refused.keys().cloned().collect();
        let recovered = &std::mem::replace(&mut self.refused, refused) - &self.refused;
        recovered.iter().for_each(|name| self.status.clear(name));
        let subject = subject.filter(|(name, _)| !self.refused.contains(*name));
        if let Some((name, text)) = subject {
            let has = self.session.has(name).unwrap_or_else(|| counted(self.session.count(), "plugin"));
            let lists = update.changes.get(name).map(ListChange::lists).unwrap_or_default();
            self.status.good(name, &format!("{text}, {has}{lists}"));
        }
        let changed: BTreeSet<String> = update.changes.keys().cloned().collect();
        for name in changed.union(&recovered).filter(|name| Some(name.as_str()) != subject.map(|one| one.0)) {
            let lists = update.changes.get(name).map(ListChange::lists).unwrap_or_default();
            let has = self.session.has(name).unwrap_or_else(|| "no longer served".to_owned());
            self.status.say(name, &format!("{has}{lists}"));
        }
        for (name, problem) in &update.refused {
            self.status.bad(name, problem.clone(), self.fallback(name), repeat);
        }
    }

    fn fallback(&self, name: &str) -> Fallback {
        if self.session.serves(name) { Fallback::LastGood } else { Fallback::LeftOut }
    }
}

fn config_inputs(session: &Session) -> Inputs {
    let mut inputs = Inputs::default();
    inputs.add(session.file());
    inputs.add(&secrets::path(session.file()));
    inputs
}

fn verb(status: BuildStatus, again: bool) -> String {
    let verb = match status {
        BuildStatus::Built => "built",
        BuildStatus::UpToDate | BuildStatus::Prebuilt => "loaded",
    };
    if again { format!("{verb} again") } else { verb.to_owned() }
}

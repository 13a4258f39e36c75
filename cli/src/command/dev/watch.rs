//! Says in which directories something has changed.
//!
//! Directories are watched one by one, since below a plugin's there may be others with a hundred thousand files that
//! no build reads. What really has changed is found out by whoever asks: an editor writes a file in many ways.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use notify::event::{EventKind, ModifyKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher, WatcherKind};

use crate::ui::problem::{Problem, Result};

/// Silence after which a change is complete: editors write, rename and set times within a few milliseconds.
const QUIET: Duration = Duration::from_millis(60);

/// Longest wait for that silence.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Directories that are watched.
pub(super) struct Watch {
    watcher: RecommendedWatcher,
    events: Receiver<notify::Result<Event>>,
    watched: BTreeSet<PathBuf>,
}

impl Watch {
    /// Watches nothing yet.
    ///
    /// # Errors
    /// The system gives no watcher.
    pub(super) fn new() -> Result<Self> {
        let (tell, events) = mpsc::channel();
        let watcher = notify::recommended_watcher(tell).map_err(|error| {
            Problem::internal("toolcell dev", "cannot watch files")
                .found(error.to_string())
                .next("on Linux, raise fs.inotify.max_user_instances")
        })?;
        Ok(Self { watcher, events, watched: BTreeSet::new() })
    }

    /// Watches these directories and no others; gives those that it did not watch before.
    pub(super) fn set(&mut self, folders: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
        for gone in &self.watched - folders {
            self.forget(&gone);
        }
        let new = folders - &self.watched;
        for folder in &new {
            // One that has just gone is seen by whoever looks for its files.
            if let Err(error) = self.add(folder) {
                tracing::warn!(folder = %folder.display(), %error, "not watched: changes in it are not seen");
            }
        }
        self.watched.clone_from(folders);
        new
    }

    fn add(&mut self, folder: &Path) -> notify::Result<()> {
        self.watcher.watch(folder, RecursiveMode::NonRecursive)?;
        // kqueue tells of a directory what comes into it and goes, not what is written to.
        if RecommendedWatcher::kind() == WatcherKind::Kqueue {
            let files = folder.read_dir()?.flatten().map(|entry| entry.path()).filter(|path| path.is_file());
            files.for_each(|file| drop(self.watcher.watch(&file, RecursiveMode::NonRecursive)));
        }
        Ok(())
    }

    fn forget(&mut self, folder: &Path) {
        // The system forgets a directory by itself when it is removed.
        drop(self.watcher.unwatch(folder));
        self.watched.remove(folder);
    }

    /// Waits until something has changed and is quiet again, at most for `limit`; gives the directories.
    pub(super) fn wait(&mut self, limit: Option<Duration>) -> BTreeSet<PathBuf> {
        let mut changed = BTreeSet::new();
        let deadline = limit.map(|limit| Instant::now() + limit);
        while changed.is_empty() {
            match self.next(deadline) {
                Some(event) => changed.append(&mut self.folders(event)),
                None => return changed,
            }
        }
        let patience = Instant::now() + LONGEST_WAIT;
        while let Some(event) = self.next(Some(patience.min(Instant::now() + QUIET))) {
            changed.append(&mut self.folders(event));
        }
        changed
    }

    fn next(&self, deadline: Option<Instant>) -> Option<notify::Result<Event>> {
        let Some(deadline) = deadline else { return self.events.recv().ok() };
        self.events.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok()
    }

    /// The directories that an event is about.
    fn folders(&mut self, event: notify::Result<Event>) -> BTreeSet<PathBuf> {
        let event = match event {
            Ok(event) if !event.need_rescan() => event,
            // Events were lost: anything may have changed.
            Ok(_) | Err(_) => return self.watched.clone(),
        };
        if matches!(event.kind, EventKind::Access(_)) {
            return BTreeSet::new();
        }
        if matches!(event.kind, EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_))) {
            // Another directory may come in the place of one that has gone.
            event.paths.iter().filter(|path| !path.is_file()).for_each(|path| self.forget(path));
        }
        let parents = event.paths.iter().filter_map(|path| path.parent()).map(Path::to_path_buf);
        parents.chain(event.paths.iter().cloned()).collect()
    }
}

/// The directory `path` itself, or the nearest above it that is there.
pub(super) fn nearest(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    let folder = path.ancestors().find(|above| above.is_dir())?;
    folder.canonicalize().ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const LONG: Option<Duration> = Some(Duration::from_secs(20));

    fn watch(folder: &Path) -> Watch {
        let mut watch = Watch::new().unwrap();
        watch.set(&BTreeSet::from([folder.to_path_buf()]));
        watch
    }

    #[test]
    fn a_file_that_is_replaced_by_renaming_is_seen() {
        let directory = tempfile::tempdir().unwrap();
        let folder = directory.path().canonicalize().unwrap();
        fs::write(folder.join("a"), "1").unwrap();
        let mut watch = watch(&folder);
        fs::write(folder.join(".a.swp"), "2").unwrap();
        fs::rename(folder.join(".a.swp"), folder.join("a")).unwrap();
        assert!(watch.wait(LONG).contains(&folder));
    }

    #[test]
    fn reading_files_is_no_change() {
        let directory = tempfile::tempdir().unwrap();
        let folder = directory.path().canonicalize().unwrap();
        fs::write(folder.join("a"), "1").unwrap();
        let mut watch = watch(&folder);
        fs::read(folder.join("a")).unwrap();
        assert_eq!(watch.wait(Some(Duration::from_millis(200))), BTreeSet::new());
    }

    #[test]
    fn a_directory_that_comes_back_under_its_name_is_watched_again() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        let inner = root.join("src");
        fs::create_dir(&inner).unwrap();
        let all = BTreeSet::from([root, inner.clone()]);
        let mut watch = watch(&inner);
        watch.set(&all);
        fs::remove_dir(&inner).unwrap();
        fs::create_dir(&inner).unwrap();
        assert!(watch.wait(LONG).contains(&inner));
        assert_eq!(watch.set(&all), BTreeSet::from([inner.clone()]));
        fs::write(inner.join("a"), "1").unwrap();
        assert!(watch.wait(LONG).contains(&inner));
    }
}

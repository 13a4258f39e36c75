//! Tracks the source files of one plugin and tells when a build is needed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::watch::nearest;
use crate::builder::Inputs;
use crate::{config, manifest};

/// Builds in a row that change a file before the file counts as made by them. Once could be an editor's doing while
/// the build ran, and twice an author's who is quick.
const OUTPUT_BUILDS: u32 = 3;

/// A plugin's files as they were last seen.
#[derive(Debug, Default)]
pub(super) struct Sources {
    seen: Inputs,
    /// Files that changed while the plugin was built: in how many builds in a row.
    changed: BTreeMap<PathBuf, u32>,
}

/// Tells whether the last build used the current files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Freshness {
    /// It has.
    Current,
    /// Something changed while it ran.
    Stale,
}

impl Sources {
    /// The files of a plugin as they are now.
    pub(super) fn of(settings: &config::PluginConfig) -> Self {
        Self { seen: inputs(&settings.source), changed: BTreeMap::new() }
    }

    /// The directories in which its files are, or will be.
    pub(super) fn folders(&self) -> &BTreeSet<PathBuf> {
        &self.seen.folders
    }

    /// Looks at the files again; says which one has changed, if any.
    pub(super) fn look(&mut self, settings: &config::PluginConfig) -> Option<PathBuf> {
        let now = inputs(&settings.source);
        let changed = difference(&self.seen, &now).next();
        self.seen = now;
        changed
    }

    /// Takes note of a build: the files before it are those that it has read, those after it may be its own doing.
    pub(super) fn built(&mut self, before: &Inputs, after: Inputs) -> Freshness {
        let streak = |file: PathBuf| (self.changed.get(&file).map_or(1, |builds| builds + 1), file);
        let changed = difference(before, &after).map(streak).map(|(builds, file)| (file, builds)).collect();
        self.changed = changed;
        self.seen = after;
        match self.changed.values().any(|builds| *builds < OUTPUT_BUILDS) {
            true => Freshness::Stale,
            false => Freshness::Current,
        }
    }
}

/// Everything that the build of a plugin can read, as far as its manifest can be read.
pub(super) fn inputs(source: &Path) -> Inputs {
    let mut inputs = match (source.is_dir(), manifest::read(source)) {
        (true, Ok(manifest)) => Inputs::of(&manifest),
        (true, Err(_)) => Inputs::within(source),
        (false, _) => Inputs::default(),
    };
    if !source.is_dir() {
        inputs.add(source);
        inputs.folders.extend(nearest(source));
    }
    for file in own_log() {
        inputs.files.remove(&file);
    }
    inputs
}

/// Returns the files that this program's output goes to: output about one build must not start the next.
fn own_log() -> impl Iterator<Item = PathBuf> {
    ["/dev/stdout", "/dev/stderr"].into_iter().filter_map(|stream| fs::canonicalize(stream).ok())
}

/// Files that came, went or changed.
fn difference(before: &Inputs, after: &Inputs) -> impl Iterator<Item = PathBuf> {
    let changed = |file: &PathBuf, digest: &[u8; 32]| before.files.get(file) != Some(digest);
    let came = after.files.iter().filter(move |(file, digest)| changed(file, digest));
    let went = before.files.iter().filter(|(file, _)| !after.files.contains_key(*file));
    let files: Vec<PathBuf> = came.chain(went).map(|(file, _)| file.clone()).collect();
    files.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(files: &[(&str, u8)]) -> Inputs {
        let files = files.iter().map(|(file, content)| (PathBuf::from(file), [*content; 32])).collect();
        Inputs { files, folders: BTreeSet::new() }
    }

    #[test]
    fn a_file_that_is_saved_while_a_build_runs_is_built_once_more() {
        let mut sources = Sources::default();
        let (before, after) = (files(&[("a", 1)]), files(&[("a", 2)]));
        assert_eq!(sources.built(&before, after.clone()), Freshness::Stale);
        assert_eq!(sources.built(&after, after.clone()), Freshness::Current);
    }

    #[test]
    fn a_build_that_writes_beside_its_source_does_not_go_on_for_ever() {
        let mut sources = Sources::default();
        let at = |stamp| files(&[("a", 1), ("out.o", stamp)]);
        assert_eq!(sources.built(&files(&[("a", 1)]), at(1)), Freshness::Stale);
        assert_eq!(sources.built(&at(1), at(2)), Freshness::Stale);
        for stamp in 2..9 {
            assert_eq!(sources.built(&at(stamp), at(stamp + 1)), Freshness::Current, "{stamp}");
        }
        let both = files(&[("a", 2), ("out.o", 10)]);
        assert_eq!(sources.built(&at(9), both), Freshness::Stale, "the source changed meanwhile");
    }
}

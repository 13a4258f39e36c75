//! Everything that a build of a plugin can read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::manifest::Manifest;

/// Directories whose content comes from a build, an installation or calls, and golden cases, which no build reads.
const NO_SOURCE: [&str; 10] = [
    "target",
    "node_modules",
    ".venv",
    ".git",
    ".toolcell",
    "bundle",
    "cases",
    "__pycache__",
    ".zig-cache",
    "zig-out",
];

/// The file that `toolcell build` writes beside `toolcell.toml`.
const LOCK: &str = "toolcell.lock";

/// Source files, and the directories that they are in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inputs {
    /// Digests of files by their canonical path.
    pub files: BTreeMap<PathBuf, [u8; 32]>,
    /// Canonical paths of directories; a file that comes into one of them is an input too.
    pub folders: BTreeSet<PathBuf>,
}

impl Inputs {
    /// The source files of a plugin: its directory and its WIT, without a component that the build writes.
    pub fn of(manifest: &Manifest) -> Self {
        let mut inputs = Self::within(&manifest.directory);
        inputs.collect(&manifest.wit);
        match (&manifest.build, fs::canonicalize(&manifest.component)) {
            (Some(_), Ok(component)) => drop(inputs.files.remove(&component)),
            _ => inputs.add(&manifest.component),
        }
        inputs
    }

    /// The files of a directory.
    pub fn within(directory: &Path) -> Self {
        let mut inputs = Self::default();
        inputs.collect(directory);
        inputs
    }

    /// One file, and the directory that it is in, even if it is not there.
    pub fn add(&mut self, file: &Path) {
        if let (Ok(path), Ok(content)) = (fs::canonicalize(file), fs::read(file)) {
            self.files.insert(path, Sha256::digest(content).into());
        }
        let folder = std::path::absolute(file).ok().and_then(|file| file.parent().map(Path::to_path_buf));
        self.folders.extend(folder.and_then(|folder| fs::canonicalize(folder).ok()));
    }

    fn collect(&mut self, directory: &Path) {
        let Ok(folder) = fs::canonicalize(directory) else { return };
        // A link may lead to where it stands.
        if !self.folders.insert(folder) {
            return;
        }
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if !path.is_dir() {
                if name == LOCK {
                    continue;
                }
                if let (Ok(path), Ok(content)) = (fs::canonicalize(&path), fs::read(&path)) {
                    self.files.insert(path, Sha256::digest(content).into());
                }
            } else if !NO_SOURCE.iter().any(|no_source| name == **no_source) {
                self.collect(&path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest;

    fn names(inputs: &Inputs, root: &Path) -> Vec<String> {
        let root = fs::canonicalize(root).unwrap();
        let relative = |path: &PathBuf| path.strip_prefix(&root).unwrap().display().to_string();
        inputs.files.keys().map(relative).collect()
    }

    fn plugin(build: &str) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let made = [
            "p/out/x.wasm",
            "p/target/o",
            "p/src/node_modules/b",
            "p/.toolcell/state.redb",
            "p/toolcell.lock",
        ];
        let files = ["p/src/a.c", "wit/world.wit"].into_iter().chain(made);
        for file in files {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        let text = format!("name = \"x\"\nwit = \"../wit\"\ncomponent = \"out/x.wasm\"\n{build}");
        fs::write(root.path().join("p/plugin.toml"), text).unwrap();
        root
    }

    #[test]
    fn what_a_build_makes_is_no_input_and_wit_is_one_wherever_it_is() {
        let root = plugin("[build]\ncommand = \"make\"\n");
        let inputs = Inputs::of(&manifest::read(&root.path().join("p")).unwrap());
        assert_eq!(names(&inputs, root.path()), ["p/plugin.toml", "p/src/a.c", "wit/world.wit"]);
    }

    #[test]
    fn a_component_that_nobody_makes_here_is_an_input() {
        let root = plugin("");
        let inputs = Inputs::of(&manifest::read(&root.path().join("p")).unwrap());
        assert!(names(&inputs, root.path()).contains(&"p/out/x.wasm".to_owned()), "{inputs:?}");
    }

    #[test]
    fn a_link_to_a_directory_above_ends_the_walk() {
        let root = plugin("");
        std::os::unix::fs::symlink(root.path(), root.path().join("p/src/up")).unwrap();
        assert!(names(&Inputs::within(root.path()), root.path()).contains(&"p/src/a.c".to_owned()));
    }
}

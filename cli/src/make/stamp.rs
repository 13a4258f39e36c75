//! Whether anything has changed since a component was made.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::job::Job;

/// Directories whose content comes from a build or an installation, and golden cases, which no build reads.
const NO_SOURCE: [&str; 9] =
    ["target", "node_modules", ".venv", ".git", "bundle", "cases", "__pycache__", ".zig-cache", "zig-out"];

/// Whether the component is there and was made from these very files.
pub(super) fn is_current(job: &Job<'_>) -> bool {
    job.manifest.component.is_file() && fs::read_to_string(file(job)).is_ok_and(|written| written == of(job))
}

/// Remembers what the component was made from; one that cannot be written costs a build, nothing else.
pub(super) fn write(job: &Job<'_>) {
    if let Err(error) = fs::write(file(job), of(job)) {
        tracing::warn!(%error, "build stamp");
    }
}

fn file(job: &Job<'_>) -> PathBuf {
    job.scratch.join("stamp")
}

/// A digest of everything that a build can read: files of the plugin and its WIT, the recipe, this program.
fn of(job: &Job<'_>) -> String {
    let mut files = BTreeMap::new();
    collect(&job.directory, &mut files);
    collect(&job.manifest.wit, &mut files);
    if let Ok(component) = fs::canonicalize(&job.manifest.component) {
        files.remove(&component);
    }
    let mut sum = Sha256::new();
    sum.update(format!("{} {:?}", env!("CARGO_PKG_VERSION"), job.recipe));
    for (path, digest) in files {
        sum.update(path.as_os_str().as_encoded_bytes());
        sum.update(digest);
    }
    sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn collect(directory: &Path, files: &mut BTreeMap<PathBuf, [u8; 32]>) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() {
            if !NO_SOURCE.iter().any(|no_source| name == **no_source) {
                collect(&path, files);
            }
        } else if let (Ok(path), Ok(content)) = (fs::canonicalize(&path), fs::read(&path)) {
            files.insert(path, Sha256::digest(content).into());
        }
    }
}

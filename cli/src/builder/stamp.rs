//! Tells whether anything has changed since a component was built.

use std::fs;
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};
use toolcell_host::digest::Digest;

use super::inputs::Inputs;
use super::job::Job;

/// Tells whether the component is there and was made from these very files.
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

/// A digest of everything that a build can read: files of the plugin and its WIT, `[build]`, this program.
fn of(job: &Job<'_>) -> String {
    let mut sum = Sha256::new();
    sum.update(format!("{} {:?}", env!("CARGO_PKG_VERSION"), job.config));
    for (path, digest) in Inputs::of(job.manifest).files {
        sum.update(path.as_os_str().as_encoded_bytes());
        sum.update(digest);
    }
    Digest(sum.finalize().into()).to_string()
}

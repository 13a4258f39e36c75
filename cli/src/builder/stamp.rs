//! Tells whether anything has changed since a component was built.

use std::fs;
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};
use toolcell_host::digest::Digest;

use super::inputs::Inputs;
use super::job::Job;
use crate::ui::write::write_atomically;

/// Tells whether the component that is there was made from these very files.
pub(super) fn is_current(job: &Job<'_>, source: &Digest) -> bool {
    let written = fs::read_to_string(file(job)).ok();
    written.is_some_and(|written| Some(written) == text(job, source))
}

/// Remembers what the component was made from: the files as they were before the build, since an editor may have changed
/// them meanwhile. A stamp that cannot be written costs a build, nothing else.
pub(super) fn write(job: &Job<'_>, source: &Digest) {
    let Some(text) = text(job, source) else { return };
    if let Err(problem) = write_atomically(&file(job), text.as_bytes()) {
        tracing::warn!(%problem, "build stamp");
    }
}

/// Returns the text of a stamp: the digests of source and component; `None` without a component.
fn text(job: &Job<'_>, source: &Digest) -> Option<String> {
    let component = fs::read(&job.manifest.component).ok()?;
    Some(format!("{source} {}", Digest::of(&component)))
}

fn file(job: &Job<'_>) -> PathBuf {
    job.scratch.join("stamp")
}

/// Returns a digest of everything that a build can read: files of the plugin and its WIT, `[build]`, this program.
pub(super) fn source(job: &Job<'_>) -> Digest {
    let mut sum = Sha256::new();
    sum.update(format!("{} {:?}", env!("CARGO_PKG_VERSION"), job.config));
    for (path, digest) in Inputs::of(job.manifest).files {
        sum.update(path.as_os_str().as_encoded_bytes());
        sum.update(digest);
    }
    Digest(sum.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest;

    #[test]
    fn a_stamp_is_of_the_source_before_the_build_and_of_its_component() {
        let root = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(root.path().join(name), text).unwrap();
        write(
            "plugin.toml",
            "name = \"x\"\nwit = \"w.wit\"\ncomponent = \"x.wasm\"\nbuild.language = \"c\"\n",
        );
        write("a.c", "1st");
        let manifest = manifest::read(root.path()).unwrap();
        let job = Job::new(&manifest, manifest.build.as_ref().unwrap()).unwrap();
        let is_current = || is_current(&job, &source(&job));
        let before = source(&job);
        write("a.c", "2nd"); // while it is built
        write("x.wasm", "of the 1st");
        super::write(&job, &before);
        assert!(!is_current(), "the component is not made of what is there");
        super::write(&job, &source(&job));
        assert!(is_current());
        write("x.wasm", "of another build");
        assert!(!is_current());
        fs::remove_file(root.path().join("x.wasm")).unwrap();
        assert!(!is_current());
    }
}

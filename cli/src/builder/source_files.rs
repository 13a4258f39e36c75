//! Finds source files by pattern: `src/*.c`.

use std::fs;
use std::path::{Path, PathBuf};

use super::job::Job;
use crate::ui::problem::{Problem, Result};

/// Files of the plugin that match one of `[build]`'s patterns, else of `usual`; sorted, relative to its directory.
///
/// # Errors
/// A pattern matches nothing.
pub(super) fn files(job: &Job<'_>, usual: &[&str]) -> Result<Vec<PathBuf>> {
    let given = &job.config.sources;
    let patterns: Vec<&str> =
        if given.is_empty() { usual.to_vec() } else { given.iter().map(String::as_str).collect() };
    let mut files = Vec::new();
    for pattern in patterns {
        let mut found = matching(&job.directory, pattern);
        if found.is_empty() {
            return Err(Problem::refused(
                job.manifest.origin.place("build.sources"),
                "does not match any file of the plugin",
            )
            .found(pattern)
            .expected("an existing file, or a pattern such as src/*.c")
            .next("correct the pattern, or write the file"));
        }
        found.sort();
        files.append(&mut found);
    }
    files.dedup();
    Ok(files)
}

/// A `*` stands for any letters of the last part of a path.
fn matching(directory: &Path, pattern: &str) -> Vec<PathBuf> {
    let path = Path::new(pattern);
    let last = path.file_name().unwrap_or_default().to_string_lossy();
    let Some((start, end)) = last.split_once('*') else {
        return directory.join(path).is_file().then(|| path.to_path_buf()).into_iter().collect();
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    let entries = fs::read_dir(directory.join(folder)).into_iter().flatten().flatten();
    let fits =
        |name: &str| name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end);
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| fits(name)).map(|name| folder.join(name)).collect()
}

//! Listing.

use std::fs;
use std::path::PathBuf;

use crate::root::{self, Root};
use crate::{Entry, EntryKind, FileError};

/// Lists the directory `path`, sorted by path.
///
/// # Errors
/// Why it could not be listed.
pub(crate) fn list(root: &Root, path: &str) -> Result<Vec<Entry>, FileError> {
    let place = root.locate(path)?;
    let named = |cause: std::io::Error| root::error(path, &cause);
    if !fs::metadata(&place).map_err(named)?.is_dir() {
        return Err(FileError::NotADirectory(path.to_owned()));
    }
    let mut entries = Vec::new();
    for entry in fs::read_dir(&place).map_err(named)? {
        entries.push(describe(root, &entry.map_err(named)?.path())?);
    }
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(entries)
}

fn describe(root: &Root, place: &PathBuf) -> Result<Entry, FileError> {
    let path = root.name(place);
    // Of the entry itself, not of what a link points to.
    let metadata = fs::symlink_metadata(place).map_err(|cause| root::error(&path, &cause))?;
    let (kind, size) = match metadata.file_type() {
        kind if kind.is_file() => (EntryKind::File, metadata.len()),
        kind if kind.is_dir() => (EntryKind::Directory, 0),
        _ => (EntryKind::Other, 0),
    };
    Ok(Entry { path, kind, size })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::list;
    use crate::root::Root;
    use crate::{EntryKind, FileError};

    /// The folder that `make serve` grants.
    pub(crate) fn sample() -> Root {
        Root::new(concat!(env!("CARGO_MANIFEST_DIR"), "/sample-data"))
    }

    #[test]
    fn a_directory_is_listed_in_order_with_paths_that_the_other_tools_take() {
        let entries = list(&sample(), "recipes").unwrap();
        let paths: Vec<_> = entries.iter().map(|entry| entry.path.as_str()).collect();
        assert_eq!(paths, ["recipes/lentil-soup.md", "recipes/pancakes.md"]);
        assert!(entries.iter().all(|entry| entry.kind == EntryKind::File && entry.size > 0));
    }

    #[test]
    fn the_root_is_a_dot() {
        let entries = list(&sample(), ".").unwrap();
        assert!(entries.iter().any(|entry| entry.path == "recipes" && entry.kind == EntryKind::Directory));
    }

    #[test]
    fn a_file_is_no_directory() {
        assert!(matches!(list(&sample(), "notes.txt"), Err(FileError::NotADirectory(_))));
    }
}

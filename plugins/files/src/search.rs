//! Searching.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::root::{self, Root};
use crate::{FileError, Hit, SearchResult};

/// Characters of a line that a hit shows.
const MAX_LINE_CHARACTERS: usize = 200;

/// The pattern to find in each line.
pub(crate) struct Wanted {
    text: String,
    ignore_case: bool,
}

impl Wanted {
    /// Looks for `text`.
    pub(crate) fn new(text: &str, ignore_case: bool) -> Self {
        let text = if ignore_case { text.to_lowercase() } else { text.to_owned() };
        Self { text, ignore_case }
    }

    fn is_in(&self, line: &str) -> bool {
        if self.ignore_case { line.to_lowercase().contains(&self.text) } else { line.contains(&self.text) }
    }
}

/// Searches the file `path`, or every file below it.
///
/// # Errors
/// Why `path` itself cannot be searched. What cannot be read below it is skipped and counted.
pub(crate) fn search(
    root: &Root,
    path: &str,
    wanted: &Wanted,
    max_hits: usize,
) -> Result<SearchResult, FileError> {
    let place = root.locate(path)?;
    let mut found = SearchResult { hits: Vec::new(), more: false, files: 0, skipped: 0 };
    if !fs::metadata(&place).map_err(|cause| root::error(path, &cause))?.is_dir() {
        let text = root::read(&place, path)?;
        add_hits(&mut found, path, &text, wanted, max_hits);
        return Ok(found);
    }
    let mut places = BTreeSet::from([place]);
    while let Some(place) = places.pop_first() {
        if found.more {
            break;
        }
        visit(root, &place, &mut places, &mut found, wanted, max_hits);
    }
    Ok(found)
}

fn visit(
    root: &Root,
    place: &Path,
    places: &mut BTreeSet<PathBuf>,
    found: &mut SearchResult,
    wanted: &Wanted,
    max_hits: usize,
) {
    let name = root.name(place);
    match fs::symlink_metadata(place).map(|metadata| metadata.file_type()) {
        Ok(kind) if kind.is_dir() => match fs::read_dir(place) {
            Ok(entries) => places.extend(entries.flatten().map(|entry| entry.path())),
            Err(_) => found.skipped += 1,
        },
        Ok(kind) if kind.is_file() => match root::read(place, &name) {
            Ok(text) => add_hits(found, &name, &text, wanted, max_hits),
            Err(_) => found.skipped += 1,
        },
        _ => found.skipped += 1,
    }
}

fn add_hits(found: &mut SearchResult, path: &str, text: &str, wanted: &Wanted, max_hits: usize) {
    found.files += 1;
    for (index, line) in text.lines().enumerate().filter(|(_, line)| wanted.is_in(line)) {
        if found.hits.len() == max_hits {
            found.more = true;
            return;
        }
        let text = line.chars().take(MAX_LINE_CHARACTERS).collect();
        found.hits.push(Hit { path: path.to_owned(), line: index as u32 + 1, text });
    }
}

#[cfg(test)]
mod tests {
    use super::{Wanted, search};
    use crate::FileError;
    use crate::directory::tests::sample;

    fn found(text: &str, path: &str, ignore_case: bool, max_hits: usize) -> (Vec<(String, u32)>, bool) {
        let result = search(&sample(), path, &Wanted::new(text, ignore_case), max_hits).unwrap();
        (result.hits.into_iter().map(|hit| (hit.path, hit.line)).collect(), result.more)
    }

    #[test]
    fn every_file_below_a_directory_is_searched_in_order() {
        let (hits, more) = found("salt", ".", true, 50);
        assert_eq!(hits, [("recipes/lentil-soup.md".to_owned(), 9), ("recipes/pancakes.md".to_owned(), 6)]);
        assert!(!more);
    }

    #[test]
    fn case_counts_if_asked_for() {
        assert!(found("SALT", ".", false, 50).0.is_empty());
        assert_eq!(found("SALT", ".", true, 50).0.len(), 2);
    }

    #[test]
    fn hits_up_to_the_limit_are_all_and_one_more_is_announced() {
        assert_eq!(found("salt", ".", true, 2).0.len(), 2);
        assert!(!found("salt", ".", true, 2).1);
        assert_eq!(found("salt", ".", true, 1).0.len(), 1);
        assert!(found("salt", ".", true, 1).1);
    }

    #[test]
    fn files_that_are_no_text_are_skipped_and_counted() {
        let result = search(&sample(), ".", &Wanted::new("salt", true), 50).unwrap();
        assert_eq!((result.files, result.skipped), (3, 1));
    }

    #[test]
    fn a_single_file_that_cannot_be_read_is_an_error() {
        let missing = search(&sample(), "none.txt", &Wanted::new("salt", true), 50);
        assert!(matches!(missing, Err(FileError::NotFound(path)) if path == "none.txt"));
    }
}

//! The granted directory: the only place where paths are opened.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

/// The largest page that is read, so that a call stays within its memory.
const MAX_PAGE_BYTES: u64 = 1 << 20;

/// A directory of pages.
pub(crate) struct Library {
    directory: PathBuf,
}

/// A page.
pub(crate) struct Page {
    /// Relative to the library, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) modified: Option<SystemTime>,
}

impl Page {
    /// The first heading, or the path where there is none.
    pub(crate) fn title(&self) -> &str {
        self.text.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or(&self.path).trim()
    }
}

impl Library {
    /// The library at `directory`, an absolute path.
    pub(crate) fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    /// Paths of all pages, in order. Symbolic links are not followed.
    ///
    /// # Errors
    /// Why a directory could not be read.
    pub(crate) fn paths(&self) -> io::Result<Vec<String>> {
        let mut paths = Vec::new();
        let mut places = BTreeSet::from([self.directory.clone()]);
        while let Some(place) = places.pop_first() {
            let kind = fs::symlink_metadata(&place)?.file_type();
            if kind.is_dir() {
                for entry in fs::read_dir(&place)? {
                    places.insert(entry?.path());
                }
            } else if kind.is_file() && is_page(&place) {
                let path = place.strip_prefix(&self.directory).unwrap_or(&place);
                paths.push(path.to_string_lossy().into_owned());
            }
        }
        Ok(paths)
    }

    /// All pages, in order of their paths; those that cannot be read are left out.
    ///
    /// # Errors
    /// Why a directory could not be read.
    pub(crate) fn pages(&self) -> io::Result<Vec<Page>> {
        Ok(self.paths()?.iter().filter_map(|path| self.page(path)).collect())
    }

    /// The page at `path`, which a client may have made up; nothing where there is none, or where it leads outside.
    pub(crate) fn page(&self, path: &str) -> Option<Page> {
        let inside = Path::new(path).components().all(|component| matches!(component, Component::Normal(_)));
        if !inside || !is_page(Path::new(path)) {
            return None;
        }
        let file = File::open(self.directory.join(path)).ok()?;
        let metadata = file.metadata().ok()?;
        if !metadata.is_file() || metadata.len() > MAX_PAGE_BYTES {
            return None;
        }
        let mut text = String::new();
        file.take(MAX_PAGE_BYTES).read_to_string(&mut text).ok()?;
        Some(Page { path: path.to_owned(), text, modified: metadata.modified().ok() })
    }
}

fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Library, MAX_PAGE_BYTES};

    /// The folder that `make serve` grants.
    pub(crate) fn sample() -> Library {
        Library::new(concat!(env!("CARGO_MANIFEST_DIR"), "/sample-data"))
    }

    #[test]
    fn pages_of_all_folders_are_listed_in_order() {
        assert_eq!(sample().paths().unwrap(), ["guides/alerts.md", "guides/backup.md", "index.md"]);
    }

    #[test]
    fn a_page_is_called_by_its_first_heading() {
        assert_eq!(sample().page("guides/backup.md").unwrap().title(), "Backups");
    }

    #[test]
    fn what_leads_outside_or_is_no_page_is_not_there() {
        for path in ["../README.md", "guides/../../README.md", "/etc/hosts.md", "guides", "none.md", ".", ""]
        {
            assert!(sample().page(path).is_none(), "{path}");
        }
        assert!(Library::new(env!("CARGO_MANIFEST_DIR")).page("Cargo.toml").is_none());
    }

    #[test]
    fn a_page_of_the_largest_size_is_read_and_a_larger_one_is_not() {
        let directory = std::env::temp_dir().join(format!("toolcell-docs-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let file = |name: &str, bytes: u64| std::fs::write(directory.join(name), vec![b'a'; bytes as usize]);
        file("fits.md", MAX_PAGE_BYTES).unwrap();
        file("larger.md", MAX_PAGE_BYTES + 1).unwrap();
        let library = Library::new(&directory);
        assert_eq!(library.page("fits.md").unwrap().text.len() as u64, MAX_PAGE_BYTES);
        assert!(library.page("larger.md").is_none());
        std::fs::remove_dir_all(directory).unwrap();
    }
}

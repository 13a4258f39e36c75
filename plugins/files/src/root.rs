//! The granted directory: the only place where paths are opened.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Component, Path, PathBuf};

use crate::FileError;

/// The largest file that is read, so that a call stays within its memory.
pub(crate) const MAX_FILE_BYTES: u64 = 4 << 20;

/// A directory that all paths are relative to.
pub(crate) struct Root {
    directory: PathBuf,
}

impl Root {
    /// The root at `directory`, an absolute path.
    pub(crate) fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    /// Resolves `path` without looking at the file.
    ///
    /// The host keeps the plugin inside its grants in any case; this check only makes for a clear error.
    ///
    /// # Errors
    /// [`FileError::Outside`] where `path` is absolute or leads out of the root.
    pub(crate) fn locate(&self, path: &str) -> Result<PathBuf, FileError> {
        let mut inside = PathBuf::new();
        for component in Path::new(path).components() {
            let stays = match component {
                Component::CurDir => true,
                Component::Normal(name) => {
                    inside.push(name);
                    true
                }
                Component::ParentDir => inside.pop(),
                Component::RootDir | Component::Prefix(_) => false,
            };
            if !stays {
                return Err(FileError::Outside(path.to_owned()));
            }
        }
        Ok(if inside.as_os_str().is_empty() { self.directory.clone() } else { self.directory.join(inside) })
    }

    /// How a place in the root is named towards the client.
    pub(crate) fn name(&self, place: &Path) -> String {
        place.strip_prefix(&self.directory).unwrap_or(place).to_string_lossy().into_owned()
    }

    /// Reads a text file.
    ///
    /// # Errors
    /// Why it could not be read.
    pub(crate) fn read(&self, path: &str) -> Result<String, FileError> {
        let place = self.locate(path)?;
        read(&place, path)
    }
}

/// Reads the text file at `place`, which errors call `path`.
pub(crate) fn read(place: &Path, path: &str) -> Result<String, FileError> {
    let named = |cause: io::Error| error(path, &cause);
    if fs::metadata(place).map_err(named)?.is_dir() {
        return Err(FileError::NotAFile(path.to_owned()));
    }
    let mut bytes = Vec::new();
    // One byte more than allowed tells a file that is too large from one that just fits.
    File::open(place).map_err(named)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(named)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(FileError::TooLarge(path.to_owned()));
    }
    String::from_utf8(bytes).map_err(|_| FileError::NotText(path.to_owned()))
}

/// Translates a system error on `path` for the client.
pub(crate) fn error(path: &str, cause: &io::Error) -> FileError {
    let path = path.to_owned();
    match cause.kind() {
        ErrorKind::NotFound => FileError::NotFound(path),
        ErrorKind::NotADirectory => FileError::NotADirectory(path),
        ErrorKind::IsADirectory => FileError::NotAFile(path),
        ErrorKind::PermissionDenied => FileError::Denied(path),
        other => FileError::Failed((path, other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_FILE_BYTES, Root};
    use crate::FileError;
    use crate::directory::tests::sample;

    #[test]
    fn a_path_within_the_root_may_go_up_and_down() {
        assert_eq!(
            sample().read("recipes/../recipes/./pancakes.md").unwrap().lines().next(),
            Some("# Pancakes")
        );
    }

    #[test]
    fn a_path_that_leaves_the_root_is_outside() {
        for path in ["../Cargo.toml", "recipes/../../Cargo.toml", "/etc/passwd"] {
            assert!(matches!(sample().read(path), Err(FileError::Outside(named)) if named == path));
        }
    }

    #[test]
    fn each_kind_of_failure_has_its_error() {
        assert!(matches!(sample().read("recipes/none.md"), Err(FileError::NotFound(_))));
        assert!(matches!(sample().read("recipes"), Err(FileError::NotAFile(_))));
        assert!(matches!(sample().read("logo.png"), Err(FileError::NotText(_))));
    }

    #[test]
    fn a_file_of_the_largest_size_is_read_and_a_larger_one_is_refused() {
        let directory = std::env::temp_dir().join(format!("toolcell-files-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let file = |name: &str, bytes: u64| std::fs::write(directory.join(name), vec![b'a'; bytes as usize]);
        file("fits", MAX_FILE_BYTES).unwrap();
        file("larger", MAX_FILE_BYTES + 1).unwrap();
        let root = Root::new(&directory);
        assert_eq!(root.read("fits").unwrap().len() as u64, MAX_FILE_BYTES);
        assert!(matches!(root.read("larger"), Err(FileError::TooLarge(_))));
        std::fs::remove_dir_all(directory).unwrap();
    }
}

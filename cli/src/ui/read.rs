//! Reads files up to a limit: what a user names may be huge, or a device that never ends.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// The largest component that is read, in bytes: several times what a Python runtime takes.
pub(crate) const MAX_COMPONENT_BYTES: u64 = 1 << 30;

/// The largest text that is read, in bytes: a manifest, a configuration, a catalog.
pub(crate) const MAX_TEXT_BYTES: u64 = 64 << 20;

/// Reads a file of at most `limit` bytes.
///
/// # Errors
/// The file cannot be read, or is larger.
pub(crate) fn read_at_most(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut bytes = Vec::with_capacity(usize::try_from(length.min(limit)).unwrap_or_default());
    let read = if length > limit { 0 } else { file.take(limit + 1).read_to_end(&mut bytes)? };
    if length > limit || read as u64 > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it is larger than {limit} bytes")));
    }
    Ok(bytes)
}

/// Reads a regular file of at most `limit` bytes: nothing that waits for another program.
///
/// # Errors
/// It is not a regular file, cannot be read, or is larger.
pub(crate) fn read_regular(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    read_at_most(path, limit)
}

/// Reads a regular file of UTF-8 text, of at most [`MAX_TEXT_BYTES`].
///
/// # Errors
/// The same, and bytes that are not UTF-8.
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    io::read_to_string(read_regular(path, MAX_TEXT_BYTES)?.as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_larger_than_the_limit_is_refused_even_if_it_never_ends() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a");
        std::fs::write(&file, "12345").unwrap();
        assert_eq!(read_at_most(&file, 5).unwrap(), b"12345");
        for path in [file.as_path(), Path::new("/dev/zero")] {
            let error = read_at_most(path, 4).unwrap_err();
            assert_eq!(error.to_string(), "it is larger than 4 bytes", "{}", path.display());
        }
        assert_eq!(
            read_regular(Path::new("/dev/zero"), 4).unwrap_err().to_string(),
            "it is not a regular file"
        );
        assert_eq!(read_text(&file).unwrap(), "12345");
        assert_eq!(read_text(Path::new("/dev/zero")).unwrap_err().to_string(), "it is not a regular file");
        File::create(&file).unwrap().set_len(1 << 40).unwrap();
        assert!(read_at_most(&file, MAX_COMPONENT_BYTES).is_err());
    }
}

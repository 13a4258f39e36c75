//! Maps files that are read in place.

use std::fs::File;
use std::io;

use bytes::Bytes;
use memmap2::Mmap;

use super::sealed;

/// Maps a file of the deployment package: nothing is read before somebody looks at it.
///
/// Only those who could also replace the host may be able to write to the file.
///
/// # Errors
///
/// The system cannot map the file.
pub fn mapped(file: &File) -> io::Result<Bytes> {
    map(file)
}

/// Copies bytes of any origin into memory that can no longer change.
///
/// # Errors
///
/// There is no memory for the copy.
pub fn copied(bytes: &[u8]) -> io::Result<Bytes> {
    map(&sealed(c"toolcell-catalog", bytes)?)
}

/// Maps a memory file that is sealed.
pub(super) fn map_sealed(file: &File) -> io::Result<Bytes> {
    map(file)
}

#[allow(
    unsafe_code,
    reason = "the contents of a mapping are as trusted as the file: this module is where trust in it is established"
)]
fn map(file: &File) -> io::Result<Bytes> {
    if file.metadata()?.len() == 0 {
        return Ok(Bytes::new());
    }
    // SAFETY: the file does not change while it is mapped. The callers see to that: `mapped` takes only files of the
    // deployment package, whose writers could replace this program as well and who publish new files by renaming;
    // `copied` and `Arriving` have sealed the memory file against writing, shrinking and growing.
    let mapping = unsafe { Mmap::map(file) }?;
    Ok(Bytes::from_owner(mapping))
}

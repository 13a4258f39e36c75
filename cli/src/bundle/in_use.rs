//! Lets several processes build into and read one directory: each says that it uses the bundle, and files that are no
//! longer named are removed only while none does.
//!
//! The lock is advisory and on the directory itself, so that it adds no file to a bundle. A file system without such locks
//! has none.

use std::fs::{File, TryLockError};
use std::path::Path;

/// A directory that is being written or read; while this lives, nobody removes files from it.
#[derive(Debug)]
pub struct InUse {
    _lock: Option<File>,
}

impl InUse {
    /// Says that a directory is used. Waits while files are being removed.
    pub(crate) fn of(directory: &Path) -> Self {
        let lock = File::open(directory).and_then(|file| file.lock_shared().map(|()| file));
        Self { _lock: lock.ok() }
    }
}

/// Does something while nobody uses a directory; leaves it undone if somebody does.
pub(super) fn unless<T>(directory: &Path, action: impl FnOnce() -> T) -> Option<T> {
    let file = File::open(directory).ok()?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => None,
        Ok(()) | Err(TryLockError::Error(_)) => Some(action()),
    }
}

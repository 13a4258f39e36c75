//! Lets several processes build into and read one directory: each says that it uses the bundle, and files that are no
//! longer named are removed only while none does. On a file system without locks, nothing is removed.

use std::path::Path;

use crate::ui::lock::Lock;

/// A directory that is being written or read; while this lives, nobody removes files from it.
#[derive(Debug)]
pub struct InUse {
    _lock: Option<Lock>,
}

impl InUse {
    /// Says that a directory is used. Waits while files are being removed.
    pub(crate) fn of(directory: &Path) -> Self {
        Self { _lock: Lock::shared(directory) }
    }
}

/// Does something while nobody uses a directory; leaves it undone if somebody does.
pub(super) fn unless<T>(directory: &Path, action: impl FnOnce() -> T) -> Option<T> {
    let _lock = Lock::try_exclusive(directory)?;
    Some(action())
}

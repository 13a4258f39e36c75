//! Lets several processes build into and read one directory: each says that it uses the bundle, and files that are no
//! longer named are removed only while none does.
//!
//! The lock is advisory and on the directory itself, so that it adds no file to a bundle. On a file system without such
//! locks, nothing is removed.

use std::fs::File;
use std::path::Path;

/// A directory that is being written or read; while this lives, nobody removes files from it.
#[derive(Debug)]
pub struct InUse {
    lock: Option<File>,
}

impl InUse {
    /// Says that a directory is used. Waits while files are being removed.
    pub(crate) fn of(directory: &Path) -> Self {
        let lock = File::open(directory).and_then(|file| file.lock_shared().map(|()| file));
        Self { lock: lock.ok() }
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        // A process that another thread has just started still has the file, and would keep a lock that is only closed.
        self.lock.take().map(|lock| lock.unlock());
    }
}

/// Does something while nobody uses a directory; leaves it undone if somebody does.
pub(super) fn unless<T>(directory: &Path, action: impl FnOnce() -> T) -> Option<T> {
    let file = File::open(directory).ok()?;
    file.try_lock().ok()?;
    let done = action();
    let _ = file.unlock();
    Some(done)
}

//! Locks directories between processes. The locks are advisory, and add no file to a directory.

use std::fs::File;
use std::path::Path;

/// A lock on a directory, until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock(File);

impl Lock {
    /// Waits until nobody has an exclusive lock; `None` where there are no locks, or no such directory.
    pub(crate) fn shared(directory: &Path) -> Option<Self> {
        let file = File::open(directory).ok()?;
        file.lock_shared().ok()?;
        Some(Self(file))
    }

    /// Waits until nobody else has a lock; `None` where there are no locks, or no such directory.
    pub(crate) fn exclusive(directory: &Path) -> Option<Self> {
        let file = File::open(directory).ok()?;
        file.lock().ok()?;
        Some(Self(file))
    }

    /// Takes the directory if nobody else has a lock.
    pub(crate) fn try_exclusive(directory: &Path) -> Option<Self> {
        let file = File::open(directory).ok()?;
        file.try_lock().ok()?;
        Some(Self(file))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A process that another thread has just started still has the file, and would keep a lock that is only closed.
        let _ = self.0.unlock();
    }
}

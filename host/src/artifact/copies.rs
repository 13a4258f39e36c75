//! Keeps copies of fetched code in the temporary folder, for the next process of the same environment.
//!
//! No copy is trusted. Its name is the digest of the code, and its bytes are hashed again while they go into memory that
//! can no longer change. So whatever somebody plants there, and whatever a killed process leaves there, costs a fetch
//! ([ADR 36](../../../docs/adr/0036-copies.md)).

use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, FlockOperation, Mode, OFlags, Timespec, Timestamps, UTIME_NOW,
};

use super::CHUNK_BYTES;
use super::arriving::Arriving;
use crate::digest::Digest;

/// The most bytes of all copies together: half of what Lambda's temporary folder holds.
const MAX_BYTES: u64 = 256 << 20;

/// The name of a copy that is not written yet.
const UNFINISHED: &CStr = c"new";

/// Copies of verified code, in a directory of its own that nobody else may use.
#[derive(Debug)]
pub struct Copies {
    directory: PathBuf,
    /// The most bytes of all copies together.
    max_bytes: u64,
    /// Of two tasks of this process, the second one waits.
    writing: tokio::sync::Mutex<()>,
}

/// A copy in the directory.
struct Copy {
    /// The time of its last use, in seconds and nanoseconds since 1970.
    used: (i64, u64),
    name: CString,
    bytes: u64,
}

/// The directory, while this process alone writes to it.
struct Locked(OwnedFd);

/// A copy that is being written; it is removed if it is not finished.
struct Unfinished<'d> {
    directory: &'d OwnedFd,
    file: File,
}

impl Copies {
    /// Keeps copies below the temporary folder `temporary`. Touches nothing yet.
    pub fn below(temporary: &Path) -> Self {
        let user = rustix::process::geteuid().as_raw();
        let directory = temporary.join(format!("toolcell-code-{user}"));
        Self { directory, max_bytes: MAX_BYTES, writing: tokio::sync::Mutex::default() }
    }

    /// Returns a memory file with the code that has the digest `expected` and at most `bytes` bytes, if there is a copy
    /// of it, and the time that its verification took.
    pub(super) async fn find(&self, expected: Digest, bytes: u64) -> Option<(File, Duration)> {
        let copy = open_copy(&self.open().ok()?, expected, bytes).ok()?;
        let code = verified(&copy, expected, bytes).await;
        if code.is_none() {
            tracing::warn!(digest = %expected, "a copy of code in the temporary folder is damaged: the code is fetched");
            return None;
        }
        let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
        // Only the order in which copies are removed depends on it.
        let _ = rustix::fs::futimens(&copy, &Timestamps { last_access: now, last_modification: now });
        code
    }

    /// Keeps a copy of verified code, and removes the copies that were used longest ago if there is no room for it.
    ///
    /// # Errors
    ///
    /// The directory is not this user's alone, another process writes to it, or there is no room. Nothing of the copy
    /// is left then.
    pub(super) async fn keep(&self, digest: Digest, code: &File) -> io::Result<()> {
        let _one = self.writing.lock().await;
        // Whoever writes holds the lock, so what is unfinished was left by a process that was killed.
        let Locked(directory) = &Locked::new(self.open_or_make()?)?;
        make_room(directory, code.metadata()?.len(), self.max_bytes)?;
        let mut copy = Unfinished::new(directory)?;
        let mut chunk = vec![0; CHUNK_BYTES];
        let mut at = 0;
        loop {
            let read = code.read_at(&mut chunk, at)?;
            if read == 0 {
                return copy.finish(digest);
            }
            copy.file.write_all(&chunk[..read])?;
            at += read as u64;
            tokio::task::yield_now().await;
        }
    }

    /// Opens the directory, if nobody else may use it.
    fn open(&self) -> io::Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let directory = rustix::fs::openat(CWD, &self.directory, flags, Mode::empty())?;
        let metadata = rustix::fs::fstat(&directory)?;
        let is_own = metadata.st_uid == rustix::process::geteuid().as_raw();
        if is_own && metadata.st_mode & 0o077 == 0 {
            return Ok(directory);
        }
        Err(io::Error::other(format!("others may use {}", self.directory.display())))
    }

    fn open_or_make(&self) -> io::Result<OwnedFd> {
        match self.open() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                rustix::fs::mkdir(&self.directory, Mode::RWXU)?;
                self.open()
            }
            opened => opened,
        }
    }
}

impl Locked {
    fn new(directory: OwnedFd) -> io::Result<Self> {
        rustix::fs::flock(&directory, FlockOperation::NonBlockingLockExclusive)?;
        Ok(Self(directory))
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        // Closing it is not enough while a program that this process starts still has the descriptor.
        let _ = rustix::fs::flock(&self.0, FlockOperation::Unlock);
    }
}

impl<'d> Unfinished<'d> {
    fn new(directory: &'d OwnedFd) -> io::Result<Self> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(directory, UNFINISHED, flags, Mode::RUSR | Mode::WUSR)?;
        Ok(Self { directory, file: File::from(file) })
    }

    /// Gives the copy its name, in the place of what has it.
    fn finish(self, digest: Digest) -> io::Result<()> {
        Ok(rustix::fs::renameat(self.directory, UNFINISHED, self.directory, digest.to_string())?)
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        // A finished copy has another name by now.
        let _ = rustix::fs::unlinkat(self.directory, UNFINISHED, AtFlags::empty());
    }
}

/// Opens a copy, if it is a file of this user and no larger than it may be.
fn open_copy(directory: &OwnedFd, digest: Digest, bytes: u64) -> io::Result<File> {
    // Without NONBLOCK, opening a pipe waits for its writer.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::openat(directory, digest.to_string(), flags, Mode::empty())?);
    let metadata = file.metadata()?;
    let is_own = metadata.uid() == rustix::process::geteuid().as_raw();
    if metadata.is_file() && is_own && metadata.len() <= bytes {
        return Ok(file);
    }
    Err(io::ErrorKind::InvalidData.into())
}

/// Copies a file into memory that can no longer change, if its bytes have the digest `expected`. Also returns the time
/// that the digest took.
async fn verified(copy: &File, expected: Digest, bytes: u64) -> Option<(File, Duration)> {
    let mut arriving = Arriving::new(c"toolcell-code").ok()?;
    let mut chunk = vec![0; CHUNK_BYTES];
    // The file may grow while it is read.
    let mut copy = copy.take(bytes);
    loop {
        let read = copy.read(&mut chunk).ok()?;
        if read == 0 {
            let hashing = arriving.hashing();
            return Some((arriving.verified(expected).ok()?, hashing));
        }
        arriving.push(&chunk[..read]).ok()?;
        tokio::task::yield_now().await;
    }
}

/// Removes what is not a copy, and the copies that were used longest ago, until `bytes` more make at most `max_bytes` and
/// leave as much free space to others as they take.
fn make_room(directory: &OwnedFd, bytes: u64, max_bytes: u64) -> io::Result<()> {
    if bytes > max_bytes {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut copies = copies(directory)?;
    copies.sort_by_key(|copy| copy.used);
    let mut total: u64 = copies.iter().map(|copy| copy.bytes).sum();
    for copy in copies {
        if total + bytes <= max_bytes && has_space(directory, bytes)? {
            return Ok(());
        }
        rustix::fs::unlinkat(directory, &copy.name, AtFlags::empty())?;
        total -= copy.bytes;
    }
    if has_space(directory, bytes)? { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
}

/// Tells whether the file system has twice as many bytes as a copy takes.
fn has_space(directory: &OwnedFd, bytes: u64) -> io::Result<bool> {
    let system = rustix::fs::fstatvfs(directory)?;
    Ok(system.f_bavail.saturating_mul(system.f_frsize) / 2 >= bytes)
}

/// Lists the copies, and removes everything else that can be removed.
fn copies(directory: &OwnedFd) -> io::Result<Vec<Copy>> {
    let mut copies = Vec::new();
    for entry in Dir::read_from(directory)? {
        let name = entry?.file_name().to_owned();
        if name == *c"." || name == *c".." {
            continue;
        }
        let metadata = rustix::fs::statat(directory, &name, AtFlags::SYMLINK_NOFOLLOW)?;
        let kind = FileType::from_raw_mode(metadata.st_mode);
        if kind == FileType::RegularFile && is_digest(&name) {
            let bytes = u64::try_from(metadata.st_size).unwrap_or_default();
            copies.push(Copy { used: (metadata.st_mtime, metadata.st_mtime_nsec), name, bytes });
            continue;
        }
        let flags = if kind == FileType::Directory { AtFlags::REMOVEDIR } else { AtFlags::empty() };
        // A directory that is not empty stays: it is no copy, and only takes a name.
        let _ = rustix::fs::unlinkat(directory.as_fd(), &name, flags);
    }
    Ok(copies)
}

fn is_digest(name: &CStr) -> bool {
    name.to_str().is_ok_and(|name| name.parse::<Digest>().is_ok())
}

#[cfg(test)]
mod tests;

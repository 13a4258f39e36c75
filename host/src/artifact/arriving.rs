//! Takes an object piece by piece, and hashes it meanwhile.

use std::ffi::CStr;
use std::fs::File;
use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::fs::{MemfdFlags, SealFlags};
use sha2::{Digest as _, Sha256};

use crate::digest::Digest;
use crate::s3::S3Error;

/// The reason why an object was not fetched; the text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The bucket does not hand it out, or not as a whole.
    #[error(transparent)]
    Bucket(Box<S3Error>),
    /// It has another digest than its name.
    #[error(
        "the object {expected} of the bucket has digest {found}: it was damaged or replaced, run `toolcell publish` again"
    )]
    Digest {
        /// The digest of the bytes.
        found: Digest,
        /// The digest that was asked for.
        expected: Digest,
    },
    /// No memory file could hold it.
    #[error("cannot hold an object of the bucket in memory: {0}")]
    Memory(#[from] std::io::Error),
}

impl From<S3Error> for FetchError {
    fn from(error: S3Error) -> Self {
        Self::Bucket(Box::new(error))
    }
}

/// An object of which a part has arrived, in a memory file that nobody else can name.
#[derive(Debug)]
pub(super) struct Arriving {
    file: File,
    hasher: Sha256,
    /// The time that the digest took so far.
    hashing: Duration,
}

impl Arriving {
    /// Starts with nothing.
    ///
    /// # Errors
    ///
    /// There can be no memory file.
    pub(super) fn new(name: &CStr) -> Result<Self, FetchError> {
        Ok(Self { file: memory_file(name)?, hasher: Sha256::new(), hashing: Duration::ZERO })
    }

    /// Appends a piece.
    ///
    /// # Errors
    ///
    /// There is no memory for it.
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<(), FetchError> {
        let start = Instant::now();
        self.hasher.update(piece);
        self.hashing += start.elapsed();
        Ok(self.file.write_all(piece)?)
    }

    /// Returns the time that the digest of all pieces so far took.
    pub(super) fn hashing(&self) -> Duration {
        self.hashing
    }

    /// Returns the memory file, if all pieces together have the digest `expected`; from then on its bytes cannot change.
    ///
    /// Until they are sealed, only this process could change them: it alone has the memory file, and this type alone
    /// writes to it what it hashes.
    ///
    /// # Errors
    ///
    /// The digest differs, or the memory file cannot be sealed.
    pub(super) fn verified(self, expected: Digest) -> Result<File, FetchError> {
        seal(&self.file)?;
        let found = Digest(self.hasher.finalize().into());
        if found != expected {
            return Err(FetchError::Digest { found, expected });
        }
        Ok(self.file)
    }
}

/// Makes an empty memory file that can be sealed.
pub(super) fn memory_file(name: &CStr) -> std::io::Result<File> {
    let memory: OwnedFd = rustix::fs::memfd_create(name, MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
    Ok(File::from(memory))
}

/// Makes sure that a memory file never changes again.
pub(super) fn seal(file: &File) -> std::io::Result<()> {
    let seals = SealFlags::WRITE | SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL;
    Ok(rustix::fs::fcntl_add_seals(file, seals)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands over bytes in pieces of a size.
    fn arrive(bytes: &[u8], size: usize, expected: Digest) -> Result<File, FetchError> {
        let mut arriving = Arriving::new(c"test").unwrap();
        bytes.chunks(size).for_each(|piece| arriving.push(piece).unwrap());
        arriving.verified(expected)
    }

    #[test]
    fn the_pieces_together_have_the_digest() {
        let bytes: Vec<u8> = (0..=255).collect();
        let expected = Digest::of(&bytes);
        for size in [1, 7, 255, 256] {
            let mut file = arrive(&bytes, size, expected).unwrap();
            assert_eq!(super::super::digest(&mut file).unwrap(), expected);
        }
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_refused() {
        let bytes: Vec<u8> = (0..=255).collect();
        let expected = Digest::of(&bytes);
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let error = arrive(&flipped, 100, expected).unwrap_err();
            assert!(matches!(error, FetchError::Digest { .. }), "bit {bit}: {error}");
        }
        for length in 0..bytes.len() {
            assert!(arrive(&bytes[..length], 100, expected).is_err(), "cut at {length}");
        }
    }

    #[test]
    fn what_has_arrived_can_never_change_again() {
        let mut file = arrive(b"code", 3, Digest::of(b"code")).unwrap();
        assert!(file.write_all(b"evil").is_err(), "through the descriptor");
        assert!(file.set_len(0).is_err(), "by cutting");
    }
}

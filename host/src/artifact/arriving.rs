//! Takes machine code piece by piece, and hashes it meanwhile.

use std::ffi::CStr;
use std::fs::File;
use std::io::Write as _;
use std::os::fd::OwnedFd;

use rustix::fs::{MemfdFlags, SealFlags};
use sha2::{Digest as _, Sha256};

use super::{Code, CodeError};
use crate::digest::Digest;

/// Machine code of which a part has arrived, in a memory file that nobody else can name.
#[derive(Debug)]
pub(super) struct Arriving {
    file: File,
    hasher: Sha256,
}

impl Arriving {
    /// Starts with nothing.
    ///
    /// # Errors
    ///
    /// There can be no memory file.
    pub(super) fn new() -> Result<Self, CodeError> {
        Ok(Self { file: memory_file(c"toolcell-code")?, hasher: Sha256::new() })
    }

    /// Appends a piece.
    ///
    /// # Errors
    ///
    /// There is no memory for it.
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<(), CodeError> {
        self.hasher.update(piece);
        Ok(self.file.write_all(piece)?)
    }

    /// Returns the code, if all pieces together have the digest `expected`; from then on its bytes cannot change.
    ///
    /// Until they are sealed, only this process could change them: it alone has the memory file, and this type alone
    /// writes to it what it hashes.
    ///
    /// # Errors
    ///
    /// The digest differs, or the memory file cannot be sealed.
    pub(super) fn verified(self, expected: Digest) -> Result<Code, CodeError> {
        seal(&self.file)?;
        let found = Digest(self.hasher.finalize().into());
        if found != expected {
            return Err(CodeError::Digest { found, expected });
        }
        Ok(Code { file: self.file, name: super::file_name(expected) })
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
    fn arrive(bytes: &[u8], size: usize, expected: Digest) -> Result<Code, CodeError> {
        let mut arriving = Arriving::new().unwrap();
        bytes.chunks(size).for_each(|piece| arriving.push(piece).unwrap());
        arriving.verified(expected)
    }

    #[test]
    fn the_pieces_together_have_the_digest() {
        let bytes: Vec<u8> = (0..=255).collect();
        let expected = Digest::of(&bytes);
        for size in [1, 7, 255, 256] {
            let mut code = arrive(&bytes, size, expected).unwrap();
            assert_eq!(super::super::digest(&mut code.file).unwrap(), expected);
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
            assert!(matches!(error, CodeError::Digest { .. }), "bit {bit}: {error}");
        }
        for length in 0..bytes.len() {
            assert!(arrive(&bytes[..length], 100, expected).is_err(), "cut at {length}");
        }
    }

    #[test]
    fn code_that_has_arrived_can_never_change_again() {
        let mut code = arrive(b"code", 3, Digest::of(b"code")).unwrap();
        assert!(code.file.write_all(b"evil").is_err(), "through the descriptor");
        assert!(code.file.set_len(0).is_err(), "by cutting");
    }
}

//! Loads the precompiled code of a plugin, in one of the only two trusted ways, and maps the catalog likewise.
//!
//! A forged precompiled file is code execution in the host, and wasmtime's own check lets most bit flips
//! through. So code is either [`Code::mapped`] from the deployment package, whose writers could replace the host
//! itself, or verified: bytes of any origin ([`Code::verified`], [`BucketCode`]), in memory that can no longer change,
//! compared with the digest in the catalog.

mod arriving;
mod bucket;
mod copies;
mod mapping;

use std::ffi::CStr;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};

use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt as _};
use rustix::fs::OFlags;
use sha2::{Digest as _, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::digest::Digest;

use arriving::{memory_file, seal};

pub use arriving::FetchError;
pub use bucket::{BucketCode, fetched};
pub use copies::Copies;
pub use mapping::{copied, mapped};

/// The number of bytes hashed at a time.
const CHUNK_BYTES: usize = 64 << 10;

/// Trusted machine code, in an open file.
#[derive(Debug)]
pub struct Code {
    file: File,
    name: PathBuf,
}

/// The reason why code was not loaded; the text is for the operator, never for a client.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    /// The file is missing or cannot be read.
    #[error(
        "cannot open precompiled component `{name}`: {source}; run `toolcell build` to make the bundle again"
    )]
    Open {
        /// The name of the file in the bundle.
        name: String,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The name is a directory, a pipe or a device.
    #[error(
        "precompiled component `{name}` is not a regular file; run `toolcell build` to make the bundle again"
    )]
    NotAFile {
        /// The name of the file in the bundle.
        name: String,
    },
    /// The file is larger than any precompiled component.
    #[error(
        "precompiled component `{name}` is larger than {} bytes; run `toolcell build` to make the bundle again",
        Code::MAX_BYTES
    )]
    TooLarge {
        /// The name of the file in the bundle.
        name: String,
    },
    /// The bytes have another digest than the catalog says.
    #[error(
        "precompiled component has digest {found}, the catalog names {expected}; it was damaged or replaced, run `toolcell build` to make the bundle again"
    )]
    Digest {
        /// The digest of the bytes.
        found: Digest,
        /// The digest in the catalog.
        expected: Digest,
    },
    /// The bucket does not hand it out.
    #[error("cannot fetch a precompiled component: {0}")]
    Fetch(#[from] FetchError),
    /// Nobody has fetched it yet.
    #[error("precompiled component {0} was not fetched")]
    NotFetched(Digest),
    /// No memory file could be created for the bytes.
    #[error("cannot hold a precompiled component in memory: {0}")]
    Memory(#[from] io::Error),
    /// wasmtime refused the file.
    #[error(
        "cannot load precompiled component `{name}`: {reason}; run `toolcell build` with the `toolcell` that belongs to this host"
    )]
    Load {
        /// The name of the file in the bundle.
        name: String,
        /// wasmtime's reason, with its causes.
        reason: String,
    },
}

impl Code {
    /// The largest precompiled component, in bytes: several times what a Python runtime takes.
    pub const MAX_BYTES: u64 = 1 << 30;

    /// Opens the file `name` of the deployment package, without computing its digest.
    ///
    /// Only those who could also replace the host may be able to write to `package`. Links that lead out of it are
    /// not followed.
    ///
    /// # Errors
    ///
    /// The file is missing, unreadable, outside `package`, too large, or not a regular file.
    pub fn mapped(package: &Dir, name: &str) -> Result<Self, CodeError> {
        let open_error = |source| CodeError::Open { name: name.to_owned(), source };
        let mut options = OpenOptions::new();
        // Without NONBLOCK, opening a pipe waits for its writer.
        options.read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed());
        let file = package.open_with(name, &options).map_err(open_error)?;
        let metadata = file.metadata().map_err(open_error)?;
        if !metadata.is_file() {
            return Err(CodeError::NotAFile { name: name.to_owned() });
        }
        if metadata.len() > Self::MAX_BYTES {
            return Err(CodeError::TooLarge { name: name.to_owned() });
        }
        Ok(Self { file: file.into_std(), name: name.into() })
    }

    /// Copies the file `name` of a bundle, if its SHA-256 digest is `expected`: this detects damage, and later changes
    /// of the file have no effect.
    ///
    /// # Errors
    ///
    /// Those of [`Code::mapped`] and [`Code::verified`].
    pub fn copied(bundle: &Dir, name: &str, expected: Digest) -> Result<Self, CodeError> {
        let file = Self::mapped(bundle, name)?.file;
        let mut bytes = Vec::new();
        // The file may grow while it is read.
        file.take(Self::MAX_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > Self::MAX_BYTES {
            return Err(CodeError::TooLarge { name: name.to_owned() });
        }
        Self::verified(&bytes, expected)
    }

    /// Copies bytes of any origin, if their SHA-256 digest is `expected`.
    ///
    /// The memory file with the copy is sealed before it is hashed, so exactly the verified bytes will run.
    ///
    /// # Errors
    ///
    /// The digest differs, or there is no memory for the copy.
    pub fn verified(bytes: &[u8], expected: Digest) -> Result<Self, CodeError> {
        let mut file = sealed(c"toolcell-code", bytes)?;
        let found = digest(&mut file)?;
        if found != expected {
            return Err(CodeError::Digest { found, expected });
        }
        Ok(Self { file, name: file_name(expected) })
    }

    /// Maps the code into the process and makes it executable.
    ///
    /// # Errors
    ///
    /// wasmtime refuses the file: it is damaged, or compiled by another version, with another configuration, or for
    /// another CPU.
    #[allow(
        unsafe_code,
        reason = "wasmtime cannot check machine code; this module is where trust in it is established"
    )]
    pub(crate) fn load(&self, engine: &Engine) -> Result<Component, CodeError> {
        // wasmtime maps by path only. This path leads to the open file itself, even if it was renamed.
        let path = PathBuf::from(format!("/proc/self/fd/{}", self.file.as_raw_fd()));
        // SAFETY: the file holds what `Engine::precompile_component` wrote and does not change while it
        // is mapped. Its constructors see to that: `mapped` reads only the deployment package, whose
        // writers could replace this program as well and who publish new files under new names;
        // `verified` and `Arriving` compared the contents with the catalog's digest and sealed the memory file
        // against writing, shrinking and growing.
        unsafe { Component::deserialize_file(engine, &path) }.map_err(|error| CodeError::Load {
            name: self.name.display().to_string(),
            reason: reason(&error, &path),
        })
    }
}

/// Copies `bytes` into a memory file that can no longer change.
fn sealed(name: &CStr, bytes: &[u8]) -> io::Result<File> {
    let mut file = memory_file(name)?;
    file.write_all(bytes)?;
    seal(&file)?;
    Ok(file)
}

/// Returns the name of a file of machine code in a bundle.
fn file_name(digest: Digest) -> PathBuf {
    format!("{digest}.cwasm").into()
}

/// Hashes a file from its beginning.
fn digest(file: &mut File) -> io::Result<Digest> {
    file.seek(SeekFrom::Start(0))?;
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let read = file.read(&mut chunk)?;
        if read == 0 {
            return Ok(Digest(hasher.finalize().into()));
        }
        hasher.update(&chunk[..read]);
    }
}

/// Returns wasmtime's reasons for refusing a file, without the path, which only this process knows.
fn reason(error: &wasmtime::Error, path: &Path) -> String {
    let path = path.display().to_string();
    let causes: Vec<String> =
        error.chain().map(ToString::to_string).filter(|cause| !cause.contains(&path)).collect();
    causes.join(": ")
}

#[cfg(test)]
mod tests;

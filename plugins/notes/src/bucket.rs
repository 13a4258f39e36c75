//! The bucket of `wasi:keyvalue` in which the caller's notes are. The server gives every caller another one.

use crate::error::NoteError;
use crate::notebook::{Shelf, Swap};
use crate::wasi::keyvalue::atomics::{self, Cas, CasError};
use crate::wasi::keyvalue::store::{self, Error};

/// The name of the bucket in `toolcell.toml`, as requested in `plugin.toml`.
const GRANTED: &str = "default";

/// The open bucket.
pub(crate) struct Bucket(store::Bucket);

impl Bucket {
    /// Opens the bucket of the caller.
    ///
    /// # Errors
    /// [`NoteError::Anonymous`] and [`NoteError::NotGranted`].
    pub(crate) fn open() -> Result<Self, NoteError> {
        Ok(Self(store::open(GRANTED)?))
    }
}

impl Shelf for Bucket {
    type Seen = Cas;

    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, NoteError> {
        Ok(self.0.get(key)?)
    }

    fn look(&self, key: &str) -> Result<Cas, NoteError> {
        Ok(Cas::new(&self.0, key)?)
    }

    fn current(&self, seen: &Cas) -> Result<Option<Vec<u8>>, NoteError> {
        Ok(seen.current()?)
    }

    fn swap(&self, seen: Cas, value: &[u8]) -> Result<Swap<Cas>, NoteError> {
        match atomics::swap(seen, value) {
            Ok(()) => Ok(Swap::Done),
            Err(CasError::CasFailed(newer)) => Ok(Swap::Outdated(newer)),
            Err(CasError::StoreError(error)) => Err(error.into()),
        }
    }

    fn delete(&self, key: &str) -> Result<bool, NoteError> {
        let exists = self.0.exists(key)?;
        self.0.delete(key)?;
        Ok(exists)
    }

    fn keys(&self, cursor: Option<&str>) -> Result<(Vec<String>, Option<String>), NoteError> {
        let page = self.0.list_keys(cursor)?;
        Ok((page.keys, page.cursor))
    }
}

impl From<Error> for NoteError {
    fn from(error: Error) -> Self {
        match error {
            Error::NoSuchStore => Self::NotGranted,
            Error::AccessDenied => Self::Anonymous,
            Error::Other(reason) => Self::Store(reason),
        }
    }
}

//! Writes what a call has kept until its end.

use super::buffer::{Change, Write, Writes};
use super::{Attribution, Keyvalue, no_store};
use crate::state_store::{Increment, Put, StateError};

/// The reason why the writes of a call could not be stored as a whole. A client may read the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// Another call wrote an entry that this one swapped.
    #[error("another call changed the tool's state at the same time; call the tool again")]
    Conflict,
    /// A bucket has no room.
    #[error("the tool's state has no room for what it wrote")]
    Full,
    /// A value is no number, or the sum would be too large, because another call wrote it meanwhile.
    #[error("the tool's state could not be changed")]
    Refused,
    /// The store failed; the log says why.
    #[error("the tool's state could not be stored")]
    Unavailable,
}

impl Keyvalue {
    /// Writes what the call has kept: swaps, then deletes, then the rest. A swap for which there is no room yet follows the
    /// deletes. Stops at the first write that fails.
    ///
    /// # Errors
    /// The reason. Writes before the one that failed have happened.
    pub(in crate::sandbox) async fn commit(&mut self) -> Result<(), CommitError> {
        let Writes { conditional, deletes, others } =
            self.buffer.as_mut().map(|buffer| buffer.take()).unwrap_or_default();
        let (count, mut stored) = (conditional.len() + deletes.len() + others.len(), 0);
        let mut without_room = Vec::new();
        for (key, write) in conditional {
            match self.store_write(&key, write.clone()).await {
                Err(StateError::Full) if !deletes.is_empty() => without_room.push((key, write)),
                result => self.note_stored(result, &mut stored, count)?,
            }
        }
        for (key, write) in deletes.into_iter().chain(without_room).chain(others) {
            let result = self.store_write(&key, write).await;
            self.note_stored(result, &mut stored, count)?;
        }
        Ok(())
    }

    /// Counts a write that was stored, and reports one that was not.
    fn note_stored(
        &self,
        result: Result<(), StateError>,
        stored: &mut usize,
        count: usize,
    ) -> Result<(), CommitError> {
        let Err(error) = result else {
            *stored += 1;
            return Ok(());
        };
        let Attribution { plugin, tool, request } = &*self.attribution;
        tracing::warn!(
            plugin, tool, request, %error, stored, count,
            "the state of a call was not stored as a whole"
        );
        Err(error.into())
    }

    /// Tells the operator that the time of the call was over before everything was written.
    pub(in crate::sandbox) fn report_late(&self) {
        let Attribution { plugin, tool, request } = &*self.attribution;
        tracing::warn!(plugin, tool, request, "the time of a call was over while its state was stored");
    }

    async fn store_write(&self, key: &str, write: Write) -> Result<(), StateError> {
        let store = self.store.as_ref().ok_or_else(no_store)?;
        let Write { change, condition, partition, ttl_ms, .. } = write;
        match change {
            Change::Put(value) => store.put(&partition, key, Put { value, condition, ttl_ms }).await,
            Change::Delete => store.delete(&partition, key, condition).await,
            Change::Add(delta) => {
                store.increment(&partition, key, Increment { delta, ttl_ms }).await.map(drop)
            }
        }
    }
}

impl From<StateError> for CommitError {
    fn from(error: StateError) -> Self {
        match error {
            StateError::Conflict => Self::Conflict,
            StateError::Full => Self::Full,
            StateError::NotANumber | StateError::Overflow => Self::Refused,
            StateError::Unavailable(_) | StateError::Unknown(_) => Self::Unavailable,
        }
    }
}

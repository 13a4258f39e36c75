//! The mark of a collector, which keeps publishers and other collectors away while it is at work.

use std::time::Duration;

use bytes::Bytes;
use toolcell_host::s3::{PutCondition, S3Error};

use super::Repository;
use crate::ui::problem::{Problem, Result};

/// The key of the mark.
const MARK: &str = "collecting";

/// The age from which a mark counts as left behind.
pub(in crate::release) const MARK_LIFE: Duration = Duration::from_secs(3600);

impl Repository {
    /// Tells whether a collector is at work.
    ///
    /// # Errors
    /// The list cannot be read.
    pub async fn is_collecting(&self) -> Result<bool> {
        let marks = self.list(MARK).await?;
        Ok(marks.iter().any(|(_, mark)| self.now() < mark.modified.after(MARK_LIFE)))
    }

    /// Leaves the mark of a collector.
    ///
    /// # Errors
    /// Another collector is at work, or the bucket cannot be written.
    pub async fn put_mark(&self) -> Result<()> {
        if !self.is_collecting().await? {
            self.delete_mark().await?; // it was left behind
        }
        match self.bucket.put(MARK, Bytes::new(), PutCondition::IfAbsent).await {
            Ok(_) => Ok(()),
            Err(S3Error::PreconditionFailed { .. }) => {
                Err(Problem::refused(self.shown(), "is being collected already")
                    .found("another `toolcell gc`")
                    .expected("one collector at a time")
                    .next(
                        "run this command again when it has ended; if it was killed, an hour after it began",
                    ))
            }
            Err(error) => Err(self.unreachable(&error)),
        }
    }

    /// Removes the mark of a collector.
    ///
    /// # Errors
    /// The bucket cannot be written.
    pub async fn delete_mark(&self) -> Result<()> {
        self.bucket.delete(MARK).await.map_err(|error| self.unreachable(&error))
    }
}

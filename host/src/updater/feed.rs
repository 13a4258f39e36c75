//! Reads index and catalog out of the bucket. Believes nothing that is not verified.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;

use super::error::UpdateError;
use crate::artifact::{self, BucketCode, Copies};
use crate::release::{self, ReleaseError, ReleaseIndex, TrustedKeys};
use crate::s3::{Bucket, ETag, GetCondition, S3Error};
use crate::sandbox::engine;
use crate::timestamp::Timestamp;

/// The key of the index, the only object that changes.
const INDEX: &str = "index.json";

/// The releases of a bucket, and who may sign them.
#[derive(Debug)]
pub struct Feed {
    bucket: Bucket,
    keys: TrustedKeys,
    /// Where copies of code are kept, if any are.
    copies: Option<Arc<Copies>>,
}

/// A verified index.
#[derive(Debug)]
pub(super) struct Announced {
    pub(super) release: ReleaseIndex,
    pub(super) tag: Option<ETag>,
    /// The time at which it was asked for.
    pub(super) at: SystemTime,
    /// The time from asking for it to its last byte.
    pub(super) fetch: Duration,
    /// The time that verifying it took.
    pub(super) verify: Duration,
}

/// The answer of a bucket that is asked for its index.
#[derive(Debug)]
pub(super) enum News {
    /// It is the one that the asker has.
    Unchanged,
    /// It is this one.
    Index(Box<Announced>),
    /// It is one that may not be adopted.
    Refused(Option<ETag>, ReleaseError),
}

impl Feed {
    /// Reads the releases of `bucket` that one of `keys` has signed.
    pub fn new(bucket: Bucket, keys: TrustedKeys) -> Self {
        Self { bucket, keys, copies: None }
    }

    /// Keeps copies of the code that is fetched.
    pub(super) fn keep_copies(&mut self, copies: Copies) {
        self.copies = Some(Arc::new(copies));
    }

    /// Makes the code of a release with `plugins` plugins.
    pub(super) fn code(&self, plugins: usize) -> BucketCode {
        BucketCode::new(self.bucket.clone(), self.copies.clone(), plugins)
    }

    /// Fetches and verifies the index, if it is no longer the one with the tag `known`.
    pub(super) async fn index(
        &self,
        known: Option<&ETag>,
        lowest_serial: u64,
        now: SystemTime,
    ) -> Result<News, UpdateError> {
        let start = Instant::now();
        let condition = known.map_or(GetCondition::Always, GetCondition::IfChanged);
        let object = match self.bucket.get(INDEX, condition, ReleaseIndex::MAX_BYTES as u64).await {
            Ok(object) => object,
            Err(S3Error::NotModified { .. }) => return Ok(News::Unchanged),
            Err(error) => return Err(error.into()),
        };
        let tag = object.etag.clone();
        let bytes = object.collect().await?;
        let fetch = start.elapsed();
        let release = release::verify(&bytes, &self.keys, Timestamp::of(now), lowest_serial);
        let verify = start.elapsed() - fetch;
        Ok(match release {
            Ok(release) => News::Index(Box::new(Announced { release, tag, at: now, fetch, verify })),
            Err(error) => News::Refused(tag, error),
        })
    }

    /// Fetches and verifies the catalog of a release for the engine of this host; also returns how much of the time its
    /// verification took.
    pub(super) async fn catalog(&self, release: &ReleaseIndex) -> Result<(Bytes, Duration), UpdateError> {
        let fits = |engine: &_| engine::check(engine).is_ok();
        let entry = release.catalog(fits).ok_or(UpdateError::NoEngine { serial: release.serial })?;
        Ok(artifact::fetched(&self.bucket, entry.digest, entry.bytes).await?)
    }
}

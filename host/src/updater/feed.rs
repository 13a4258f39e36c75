//! Reads index and catalog out of the bucket. Believes nothing that is not verified.

use std::time::SystemTime;

use bytes::Bytes;

use super::error::UpdateError;
use crate::artifact;
use crate::release::{self, ReleaseIndex, TrustedKeys};
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
}

/// A verified index.
#[derive(Debug)]
pub(super) struct Announced {
    pub(super) release: ReleaseIndex,
    pub(super) tag: Option<ETag>,
    /// The time at which it was asked for.
    pub(super) at: SystemTime,
}

/// The answer of a bucket that is asked for its index.
#[derive(Debug)]
pub(super) enum News {
    /// It is the one that the asker has.
    Unchanged,
    /// It is this one.
    Index(Box<Announced>),
}

impl Feed {
    /// Reads the releases of `bucket` that one of `keys` has signed.
    pub fn new(bucket: Bucket, keys: TrustedKeys) -> Self {
        Self { bucket, keys }
    }

    pub(super) fn bucket(&self) -> &Bucket {
        &self.bucket
    }

    /// Fetches and verifies the index, if it is no longer the one with the tag `known`.
    pub(super) async fn index(
        &self,
        known: Option<&ETag>,
        lowest_serial: u64,
        now: SystemTime,
    ) -> Result<News, UpdateError> {
        let condition = known.map_or(GetCondition::Always, GetCondition::IfChanged);
        let object = match self.bucket.get(INDEX, condition, ReleaseIndex::MAX_BYTES as u64).await {
            Ok(object) => object,
            Err(S3Error::NotModified { .. }) => return Ok(News::Unchanged),
            Err(error) => return Err(error.into()),
        };
        let tag = object.etag.clone();
        let bytes = object.collect().await?;
        let release = release::verify(&bytes, &self.keys, Timestamp::of(now), lowest_serial)?;
        Ok(News::Index(Box::new(Announced { release, tag, at: now })))
    }

    /// Fetches and verifies the catalog of a release for the engine of this host.
    pub(super) async fn catalog(&self, release: &ReleaseIndex) -> Result<Bytes, UpdateError> {
        let fits = |engine: &_| engine::check(engine).is_ok();
        let entry = release.catalog(fits).ok_or(UpdateError::NoEngine { serial: release.serial })?;
        Ok(artifact::fetched(&self.bucket, entry.digest, entry.bytes).await?)
    }
}

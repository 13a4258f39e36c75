//! The operations of S3 that releases need, with their conditions.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use bytes::Bytes;
use s3s::dto::{
    DeleteObjectInput, DeleteObjectOutput, ETag, ETagCondition, GetObjectInput, GetObjectOutput,
    HeadObjectInput, HeadObjectOutput, ListObjectsV2Input, ListObjectsV2Output, Object, PutObjectInput,
    PutObjectOutput, Range, StreamingBlob, Timestamp,
};
use s3s::{Body, S3, S3Request, S3Response, S3Result, s3_error};

use super::store::{Store, Version};

/// The most keys in an answer to a list, as in S3.
const MAX_KEYS: i32 = 1000;

/// Answers from the stores of its buckets.
pub(crate) struct Operations {
    buckets: HashMap<&'static str, Arc<Mutex<Store>>>,
}

impl Operations {
    pub(crate) fn of<const BUCKETS: usize>(buckets: [(&'static str, Arc<Mutex<Store>>); BUCKETS]) -> Self {
        Self { buckets: buckets.into() }
    }

    fn store(&self, bucket: &str) -> S3Result<MutexGuard<'_, Store>> {
        let store = self.buckets.get(bucket).ok_or_else(|| s3_error!(NoSuchBucket))?;
        Ok(store.lock().expect("no request has panicked"))
    }

    /// Finds an object, and checks the conditions of a reader.
    fn find(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
        conditions: (Option<&ETagCondition>, Option<&ETagCondition>),
    ) -> S3Result<Version> {
        let store = self.store(bucket)?;
        let found = match version {
            Some(id) => store.version(key, id).ok_or_else(|| s3_error!(NoSuchVersion))?,
            None => store.current(key).ok_or_else(|| s3_error!(NoSuchKey))?,
        };
        let (if_match, if_none_match) = conditions;
        if if_match.is_some_and(|condition| !fits(condition, found)) {
            return Err(s3_error!(PreconditionFailed));
        }
        if if_none_match.is_some_and(|condition| fits(condition, found)) {
            return Err(s3_error!(NotModified));
        }
        Ok(found.clone())
    }
}

impl fmt::Debug for Operations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operations").finish_non_exhaustive()
    }
}

fn fits(condition: &ETagCondition, version: &Version) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(e_tag) => e_tag.value() == version.e_tag,
    }
}

fn blob(bytes: Bytes) -> StreamingBlob {
    StreamingBlob::from(Body::from(bytes))
}

fn length(bytes: &Bytes) -> Option<i64> {
    i64::try_from(bytes.len()).ok()
}

/// Cuts a range out of an object, and describes it.
fn ranged(bytes: &Bytes, range: Range) -> S3Result<(Bytes, String)> {
    let whole = bytes.len();
    let range = range.check(whole as u64).map_err(|_| s3_error!(InvalidRange))?;
    let (start, end) = (range.start as usize, range.end as usize);
    Ok((bytes.slice(start..end), format!("bytes {start}-{}/{whole}", end - 1)))
}

#[async_trait]
impl S3 for Operations {
    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let GetObjectInput { bucket, key, version_id, if_match, if_none_match, range, .. } = request.input;
        let conditions = (if_match.as_ref(), if_none_match.as_ref());
        let found = self.find(&bucket, &key, version_id.as_deref(), conditions)?;
        let (bytes, content_range) = match range {
            None => (found.bytes, None),
            Some(range) => ranged(&found.bytes, range).map(|(bytes, range)| (bytes, Some(range)))?,
        };
        Ok(S3Response::new(GetObjectOutput {
            content_length: length(&bytes),
            body: Some(blob(bytes)),
            content_range,
            e_tag: Some(ETag::Strong(found.e_tag)),
            last_modified: Some(Timestamp::from(found.modified)),
            version_id: Some(found.id),
            ..GetObjectOutput::default()
        }))
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        let HeadObjectInput { bucket, key, version_id, if_match, if_none_match, .. } = request.input;
        let conditions = (if_match.as_ref(), if_none_match.as_ref());
        let found = self.find(&bucket, &key, version_id.as_deref(), conditions)?;
        Ok(S3Response::new(HeadObjectOutput {
            content_length: length(&found.bytes),
            e_tag: Some(ETag::Strong(found.e_tag)),
            last_modified: Some(Timestamp::from(found.modified)),
            version_id: Some(found.id),
            ..HeadObjectOutput::default()
        }))
    }

    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let PutObjectInput { bucket, key, body, if_match, if_none_match, .. } = request.input;
        let mut body = body.map(Body::from).unwrap_or_default();
        // The digest that the client has signed is compared while the body is read.
        let bytes =
            body.store_all_limited(1 << 30).await.map_err(|error| s3_error!(InvalidRequest, "{error}"))?;
        let mut store = self.store(&bucket)?;
        let current = store.current(&key);
        if if_none_match.is_some_and(|condition| current.is_some_and(|current| fits(&condition, current))) {
            return Err(s3_error!(PreconditionFailed));
        }
        match (if_match, current) {
            (Some(_), None) => return Err(s3_error!(NoSuchKey)),
            (Some(condition), Some(current)) if !fits(&condition, current) => {
                return Err(s3_error!(PreconditionFailed));
            }
            _ => {}
        }
        let written = store.put(&key, bytes);
        Ok(S3Response::new(PutObjectOutput {
            e_tag: Some(ETag::Strong(written.e_tag)),
            version_id: Some(written.id),
            ..PutObjectOutput::default()
        }))
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let ListObjectsV2Input { bucket, prefix, continuation_token, start_after, max_keys, .. } =
            request.input;
        let store = self.store(&bucket)?;
        let after = continuation_token.clone().or(start_after).unwrap_or_default();
        let mut keys = store.keys();
        keys.retain(|key| key.starts_with(prefix.as_deref().unwrap_or_default()) && *key > after);
        let room = usize::try_from(max_keys.unwrap_or(MAX_KEYS).min(MAX_KEYS)).unwrap_or_default();
        let is_truncated = keys.len() > room;
        keys.truncate(room);
        let object = |key: &String| store.current(key).map(|version| listed(key, version));
        let contents: Vec<_> = keys.iter().filter_map(object).collect();
        Ok(S3Response::new(ListObjectsV2Output {
            name: Some(bucket),
            prefix,
            key_count: i32::try_from(contents.len()).ok(),
            max_keys: Some(MAX_KEYS),
            contents: Some(contents),
            continuation_token,
            is_truncated: Some(is_truncated),
            next_continuation_token: keys.pop().filter(|_| is_truncated),
            ..ListObjectsV2Output::default()
        }))
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        self.store(&request.input.bucket)?.delete(&request.input.key);
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }
}

fn listed(key: &str, version: &Version) -> Object {
    Object {
        key: Some(key.to_owned()),
        size: length(&version.bytes),
        e_tag: Some(ETag::Strong(version.e_tag.clone())),
        last_modified: Some(Timestamp::from(version.modified)),
        ..Object::default()
    }
}

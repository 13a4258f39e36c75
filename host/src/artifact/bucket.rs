//! Fetches catalogs and machine code from a bucket: code once for each plugin, however many calls wait for it.

use std::ffi::CStr;
use std::fs::File;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Mutex;

use super::arriving::{Arriving, FetchError};
use super::copies::Copies;
use super::{Code, CodeError, file_name, mapping};
use crate::digest::Digest;
use crate::lazy_table::LazyTable;
use crate::s3::{Bucket, GetCondition};

/// The folder of objects that are named by their digest.
const OBJECTS: &str = "objects/";

/// The machine code of the plugins of one catalog, in a bucket. What was fetched stays.
#[derive(Debug)]
pub struct BucketCode {
    bucket: Bucket,
    /// Where copies are kept, if any are.
    copies: Option<Arc<Copies>>,
    plugins: LazyTable<Fetch>,
    /// The code that has come from the bucket and has no copy yet.
    fresh: std::sync::Mutex<Vec<(Digest, Arc<Code>)>>,
}

/// The fetch of one plugin's code.
#[derive(Debug, Default)]
struct Fetch {
    code: OnceLock<Arc<Code>>,
    /// The number of attempts that have failed.
    failures: AtomicU64,
    /// The last failure. Whoever fetches holds the lock.
    last: Mutex<Option<Arc<CodeError>>>,
}

impl BucketCode {
    /// Makes the code of `count` plugins, of which none is fetched yet.
    pub fn new(bucket: Bucket, copies: Option<Arc<Copies>>, count: usize) -> Self {
        Self { bucket, copies, plugins: LazyTable::new(count), fresh: std::sync::Mutex::default() }
    }

    /// Returns the key of the object with a digest.
    fn key(digest: Digest) -> String {
        format!("{OBJECTS}{digest}")
    }

    /// Returns the code of the plugin at `place` if it was fetched.
    pub fn fetched(&self, place: usize) -> Option<Arc<Code>> {
        self.plugin(place).code.get().cloned()
    }

    /// Fetches the code of the plugin at `place`, which has the digest `expected` and `bytes` bytes, if nobody has yet.
    /// Returns how much of the time its verification took. Calls at the same time share one fetch and its failure; a
    /// later call tries again.
    ///
    /// # Errors
    ///
    /// The object cannot be fetched, is too large, or has another digest.
    pub async fn fetch(
        &self,
        place: usize,
        expected: Digest,
        bytes: u64,
    ) -> Result<Duration, Arc<CodeError>> {
        let plugin = self.plugin(place);
        if plugin.code.get().is_some() {
            return Ok(Duration::ZERO);
        }
        let failures = plugin.failures.load(Ordering::Acquire);
        let mut last = plugin.last.lock().await;
        if plugin.code.get().is_some() {
            return Ok(Duration::ZERO);
        }
        if let Some(failure) = &*last
            && plugin.failures.load(Ordering::Acquire) != failures
        {
            return Err(Arc::clone(failure));
        }
        match self.load(expected, bytes).await {
            Ok((code, verifying)) => {
                plugin.code.get_or_init(|| code);
                Ok(verifying)
            }
            Err(error) => {
                let failure = Arc::new(CodeError::from(error));
                *last = Some(Arc::clone(&failure));
                plugin.failures.fetch_add(1, Ordering::Release);
                Err(failure)
            }
        }
    }

    /// Takes code from its copy, or else from the bucket. Also returns how much of the time its verification took.
    async fn load(&self, expected: Digest, bytes: u64) -> Result<(Arc<Code>, Duration), FetchError> {
        let code = |file| Arc::new(Code { file, name: file_name(expected) });
        if let Some(copies) = &self.copies
            && let Some((file, verifying)) = copies.find(expected, bytes).await
        {
            return Ok((code(file), verifying));
        }
        let (file, verifying) = fetch(&self.bucket, c"toolcell-code", expected, bytes).await?;
        let code = code(file);
        if self.copies.is_some() {
            self.fresh().push((expected, Arc::clone(&code)));
        }
        Ok((code, verifying))
    }

    /// Keeps copies of the code that has come from the bucket, for the next process. Call it when an answer is on its
    /// way. That no copy can be kept is told to the log alone.
    pub async fn keep_copies(&self) {
        let Some(copies) = &self.copies else { return };
        loop {
            let Some((digest, code)) = self.fresh().pop() else { return };
            if let Err(error) = copies.keep(digest, &code.file).await {
                tracing::info!(%digest, %error, "no copy of code is kept: the next process fetches it again");
            }
        }
    }

    fn fresh(&self) -> std::sync::MutexGuard<'_, Vec<(Digest, Arc<Code>)>> {
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn plugin(&self, place: usize) -> &Fetch {
        self.plugins.get_or_init(place, Fetch::default)
    }
}

/// Fetches a catalog with the digest `expected`, of `bytes` bytes, into memory that can no longer change. Also returns how
/// much of the time its verification took.
///
/// # Errors
///
/// It cannot be fetched, is too large, or has another digest.
pub async fn fetched(bucket: &Bucket, expected: Digest, bytes: u64) -> Result<(Bytes, Duration), FetchError> {
    let (file, verifying) = fetch(bucket, c"toolcell-catalog", expected, bytes).await?;
    Ok((mapping::map_sealed(&file)?, verifying))
}

/// Fetches the object with the digest `expected`, of at most `bytes` bytes, into a memory file that can no longer change.
/// Also returns how much of the time the digest took.
async fn fetch(
    bucket: &Bucket,
    name: &CStr,
    expected: Digest,
    bytes: u64,
) -> Result<(File, Duration), FetchError> {
    let key = BucketCode::key(expected);
    let mut object = bucket.get(&key, GetCondition::Always, bytes).await?;
    let mut arriving = Arriving::new(name)?;
    while let Some(piece) = object.chunk().await? {
        arriving.push(&piece)?;
    }
    let hashing = arriving.hashing();
    Ok((arriving.verified(expected)?, hashing))
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;
    use crate::aws::testing::{Answer, Server};
    use crate::net::NetError;
    use crate::s3::S3Error;
    use crate::s3::testing::bucket;

    async fn code(answers: Vec<Answer>) -> (BucketCode, Server) {
        let server = Server::start(answers).await;
        (BucketCode::new(bucket(&server), None, 2), server)
    }

    fn gone() -> Answer {
        Answer::of(404, "<Error><Code>NoSuchKey</Code></Error>")
    }

    #[tokio::test]
    async fn twenty_calls_at_once_fetch_once_and_later_ones_never() {
        let (code, server) = code(vec![Answer::ok("code")]).await;
        let expected = Digest::of(b"code");
        assert!(code.fetched(1).is_none());
        let fetched = join_all((0..20).map(|_| code.fetch(1, expected, 4))).await;
        assert!(fetched.iter().all(Result::is_ok));
        assert!(code.fetch(1, expected, 4).await.is_ok() && code.fetched(1).is_some());
        let [request] = &server.requests()[..] else { panic!("{:?}", server.requests()) };
        assert!(request.starts_with(&format!("GET /bucket/prefix/objects/{expected} ")), "{request}");
    }

    #[tokio::test]
    async fn twenty_calls_at_once_share_a_failure_and_the_next_one_tries_again() {
        let (code, server) = code(vec![gone(), Answer::ok("code")]).await;
        let expected = Digest::of(b"code");
        let failed = join_all((0..20).map(|_| code.fetch(0, expected, 4))).await;
        for failure in failed {
            let text = failure.unwrap_err().to_string();
            assert!(
                text.contains("s3://bucket/prefix/objects/") && text.contains("does not exist"),
                "{text}"
            );
        }
        assert_eq!(server.requests().len(), 1);
        assert!(code.fetch(0, expected, 4).await.is_ok());
    }

    #[tokio::test]
    async fn a_call_that_hangs_up_leaves_the_fetch_to_the_next_one() {
        let (code, _server) = code(vec![Answer::ok("code")]).await;
        let expected = Digest::of(b"code");
        let first = tokio::time::timeout(Duration::ZERO, code.fetch(0, expected, 4)).await;
        assert!(first.is_err(), "it was too fast to hang up");
        assert!(code.fetch(0, expected, 4).await.is_ok());
    }

    #[tokio::test]
    async fn an_object_that_is_not_what_the_catalog_names_is_refused() {
        let expected = Digest::of(b"code");
        for body in ["evil", "cod", ""] {
            let (code, _server) = code(vec![Answer::ok(body)]).await;
            let error = code.fetch(0, expected, 4).await.unwrap_err();
            assert!(matches!(*error, CodeError::Fetch(FetchError::Digest { .. })), "{body}: {error}");
            assert!(code.fetched(0).is_none());
        }
        let (long, _server) = code(vec![Answer::ok("codes")]).await;
        let error = long.fetch(0, expected, 4).await.unwrap_err();
        let CodeError::Fetch(FetchError::Bucket(error)) = &*error else { panic!("{error}") };
        assert!(matches!(**error, S3Error::Unreachable { source: NetError::TooLarge { .. }, .. }), "{error}");
    }
}

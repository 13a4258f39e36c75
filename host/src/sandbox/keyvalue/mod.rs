//! Gives a call the buckets that its plugin was granted, within their limits.
//!
//! In a plugin that never asks, each operation takes effect at once. In one that may ask, the writes of a call are kept
//! in a [`Buffer`] until the call returns, because a call that ends in a question runs again from its start.
//! `interface/keyvalue` translates from and to the guest.

mod buffer;
mod commit;
mod error;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::attribution::Attribution;
use super::call_info::CallInfo;
use super::denial::{Denial, MAX_LINES};
use crate::catalog::{BucketGrant, BucketScope, Grants};
use crate::state_store::bucket::{Bucket, Caller, Owner};
use crate::state_store::{
    Condition, Entry, Increment, List, MAX_NAME_BYTES, MAX_PAGE, MAX_VALUE_BYTES, Page, Partition, Put,
    Quota, StateError, StateStore, Value,
};

use buffer::{Buffer, Change};
pub use commit::CommitError;
pub use error::KeyvalueError;

/// The interface that a denial names.
const INTERFACE: &str = "wasi:keyvalue/store";

/// The denial of a bucket that the deployer did not grant.
pub(super) const NO_BUCKET: Denial = Denial::new(INTERFACE, "grants.keyvalue");

/// The denial of a caller's bucket to a caller whom nobody knows.
const ANONYMOUS: Denial =
    Denial::new(INTERFACE, "none: an anonymous caller has no bucket of scope \"caller\"");

/// The buckets of a plugin; the same for all of its calls.
#[derive(Debug)]
pub(super) struct GrantedBuckets {
    plugin: String,
    source: String,
    buckets: BTreeMap<String, BucketGrant>,
}

impl GrantedBuckets {
    /// Returns the buckets that `grants` name; `None` without any.
    pub(super) fn of(plugin: &str, grants: &Grants) -> Option<Arc<Self>> {
        let (plugin, source) = (plugin.to_owned(), grants.state_of.clone());
        let buckets = grants.keyvalue.clone();
        (!buckets.is_empty()).then(|| Arc::new(Self { plugin, source, buckets }))
    }
}

/// The state of one call.
pub(super) struct Keyvalue {
    granted: Arc<GrantedBuckets>,
    store: Option<Arc<dyn StateStore>>,
    /// The writes that wait for the end of the call; `None` if they happen at once.
    buffer: Option<Buffer>,
    spent: BTreeMap<String, Spent>,
    attribution: Arc<Attribution>,
    /// The failures of the store so far.
    failures: AtomicUsize,
}

/// What a call has used of a bucket.
#[derive(Clone, Copy, Debug, Default)]
struct Spent {
    operations: u64,
    bytes: u64,
}

/// A bucket that a guest has opened.
#[derive(Debug)]
pub(super) struct OpenBucket {
    name: String,
    partition: Partition,
    ttl_ms: Option<u64>,
}

/// An entry as a guest saw it, to be swapped if it is still the same.
#[derive(Debug)]
pub(super) struct Seen {
    bucket: Arc<OpenBucket>,
    key: String,
    value: Option<Value>,
    /// Holds as long as no other call has written what it saw of the stored entry.
    condition: Condition,
    /// The number of the call's own write that it saw; 0 for none.
    write: u64,
}

/// The result of a swap.
pub(super) enum Swapped {
    /// It took place.
    Done,
    /// The entry is another one, as seen here.
    Outdated(Box<Seen>),
}

impl Seen {
    /// Returns the value, if there is an entry.
    pub(super) fn value(&self) -> Option<Vec<u8>> {
        self.value.clone().map(|value| value.into_bytes().into())
    }
}

impl Keyvalue {
    /// Makes the state of a call; `is_buffered` keeps its writes until its end.
    pub(super) fn new(
        granted: Arc<GrantedBuckets>,
        store: Option<Arc<dyn StateStore>>,
        is_buffered: bool,
        attribution: Arc<Attribution>,
    ) -> Self {
        let buffer = is_buffered.then(Buffer::default);
        Self { granted, store, buffer, spent: BTreeMap::new(), attribution, failures: AtomicUsize::new(0) }
    }

    /// Opens a bucket for the caller; the denial says why there is none.
    pub(super) fn open(
        &self,
        name: &str,
        info: &CallInfo,
    ) -> Result<Arc<OpenBucket>, (KeyvalueError, Denial)> {
        let GrantedBuckets { plugin, source, buckets } = &*self.granted;
        let grant = buckets.get(name).ok_or((KeyvalueError::NoSuchStore, NO_BUCKET))?;
        let owner = match (grant.scope, &info.principal) {
            (BucketScope::Plugin, _) => Owner::Plugin,
            (BucketScope::Caller, None) => return Err((KeyvalueError::AccessDenied, ANONYMOUS)),
            (BucketScope::Caller, Some(_)) => {
                let CallInfo { principal_kind: kind, issuer, subject, .. } = info;
                Owner::Caller(Caller { kind, issuer, subject })
            }
        };
        let quota = Quota { bytes: grant.size_bytes, keys: grant.keys };
        let partition = Bucket { plugin, source, bucket: name }.partition(owner, Some(quota));
        Ok(Arc::new(OpenBucket { name: name.to_owned(), partition, ttl_ms: grant.ttl_ms }))
    }

    /// Reads a value.
    pub(super) async fn get(
        &mut self,
        bucket: &OpenBucket,
        key: &str,
    ) -> Result<Option<Vec<u8>>, KeyvalueError> {
        self.charge(bucket, key.len())?;
        check_key(key)?;
        let (value, _) = self.value(bucket, key).await?;
        self.charge_value(bucket, value.as_ref())?;
        Ok(value.map(|value| value.into_bytes().into()))
    }

    /// Tells whether there is an entry.
    pub(super) async fn exists(&mut self, bucket: &OpenBucket, key: &str) -> Result<bool, KeyvalueError> {
        Ok(self.get(bucket, key).await?.is_some())
    }

    /// Writes a value.
    pub(super) async fn set(
        &mut self,
        bucket: &OpenBucket,
        key: &str,
        value: Vec<u8>,
    ) -> Result<(), KeyvalueError> {
        self.charge(bucket, key.len() + value.len())?;
        check_key(key)?;
        check_value(&value)?;
        self.put(bucket, key, Value::of(value), Condition::Always).await
    }

    /// Deletes an entry, if there is one.
    pub(super) async fn delete(&mut self, bucket: &OpenBucket, key: &str) -> Result<(), KeyvalueError> {
        self.charge(bucket, key.len())?;
        check_key(key)?;
        if let Some(buffer) = &mut self.buffer {
            buffer.write(&bucket.name, key, bucket, Change::Delete);
            return Ok(());
        }
        let deleted = self.store()?.delete(&bucket.partition, key, Condition::Always).await;
        deleted.map_err(|error| self.failed(error))
    }

    /// Adds to a number, and returns the sum.
    pub(super) async fn increment(
        &mut self,
        bucket: &OpenBucket,
        key: &str,
        delta: i64,
    ) -> Result<i64, KeyvalueError> {
        self.charge(bucket, key.len())?;
        check_key(key)?;
        if self.buffer.is_some() {
            return self.increment_later(bucket, key, delta).await;
        }
        let increment = Increment { delta, ttl_ms: bucket.ttl_ms };
        let sum = self.store()?.increment(&bucket.partition, key, increment).await;
        sum.map_err(|error| self.failed(error))
    }

    /// Keeps an increment for the end of the call. The sum is what it would be now.
    async fn increment_later(
        &mut self,
        bucket: &OpenBucket,
        key: &str,
        delta: i64,
    ) -> Result<i64, KeyvalueError> {
        let number = match self.value(bucket, key).await?.0 {
            None => 0,
            Some(Value::Number(number)) => number,
            Some(Value::Bytes(_)) => return Err(self.failed(StateError::NotANumber)),
        };
        let sum = number.checked_add(delta).ok_or_else(|| self.failed(StateError::Overflow))?;
        let Some(buffer) = &mut self.buffer else { return Ok(sum) };
        let change = match buffer.change(&bucket.name, key) {
            None => Change::Add(delta),
            Some(Change::Add(before)) => {
                Change::Add(before.checked_add(delta).ok_or(KeyvalueError::other("the sum does not fit"))?)
            }
            Some(Change::Put(_) | Change::Delete) => Change::Put(Value::Number(sum)),
        };
        buffer.write(&bucket.name, key, bucket, change);
        Ok(sum)
    }

    /// Lists keys, a page at a time; `after` is a key, or empty for the first page.
    pub(super) async fn list(
        &mut self,
        bucket: &OpenBucket,
        after: Option<&str>,
    ) -> Result<Page, KeyvalueError> {
        let after = after.filter(|after| !after.is_empty());
        self.charge(bucket, after.map_or(0, str::len))?;
        after.map_or(Ok(()), check_key)?;
        let list = List { prefix: "", after, limit: MAX_PAGE };
        let page = self.store()?.list(&bucket.partition, list).await;
        let mut page = page.map_err(|error| self.failed(error))?;
        if let Some(buffer) = &self.buffer {
            buffer.apply(&bucket.name, after, &mut page);
        }
        self.charge_bytes(bucket, page.names.iter().map(String::len).sum())?;
        Ok(page)
    }

    /// Looks at an entry before a swap.
    pub(super) async fn look(
        &mut self,
        bucket: &Arc<OpenBucket>,
        key: String,
    ) -> Result<Seen, KeyvalueError> {
        self.charge(bucket, key.len())?;
        check_key(&key)?;
        let write = self.buffer.as_ref().map_or(0, |buffer| buffer.number(&bucket.name, &key));
        let (value, condition) = self.value(bucket, &key).await?;
        self.charge_value(bucket, value.as_ref())?;
        Ok(Seen { bucket: Arc::clone(bucket), key, value, condition, write })
    }

    /// Writes a value if the entry is still the one that was seen. In a plugin that may ask, only writes of the same call
    /// are noticed now, and those of others at the end of the call.
    pub(super) async fn swap(&mut self, seen: Seen, value: Vec<u8>) -> Result<Swapped, KeyvalueError> {
        let Seen { bucket, key, condition, write, .. } = seen;
        self.charge(&bucket, key.len() + value.len())?;
        check_value(&value)?;
        let is_mine = self.buffer.as_ref().is_none_or(|buffer| buffer.number(&bucket.name, &key) == write);
        let result = match is_mine {
            true => self.put_if(&bucket, &key, Value::of(value), condition).await,
            false => Err(StateError::Conflict),
        };
        match result {
            Ok(()) => Ok(Swapped::Done),
            Err(StateError::Conflict) => Ok(Swapped::Outdated(Box::new(self.look(&bucket, key).await?))),
            Err(error) => Err(self.failed(error)),
        }
    }

    async fn put(
        &mut self,
        bucket: &OpenBucket,
        key: &str,
        value: Value,
        condition: Condition,
    ) -> Result<(), KeyvalueError> {
        let put = self.put_if(bucket, key, value, condition).await;
        put.map_err(|error| self.failed(error))
    }

    async fn put_if(
        &mut self,
        bucket: &OpenBucket,
        key: &str,
        value: Value,
        condition: Condition,
    ) -> Result<(), StateError> {
        if let Some(buffer) = &mut self.buffer {
            buffer.write_if(&bucket.name, key, bucket, Change::Put(value), condition);
            return Ok(());
        }
        let store = self.store.as_ref().ok_or_else(no_store)?;
        store.put(&bucket.partition, key, Put { value, condition, ttl_ms: bucket.ttl_ms }).await
    }

    /// Returns the value that the call sees: what it wrote itself, or what is stored; and the condition under which the
    /// stored entry is still the one that the value was made of.
    async fn value(
        &self,
        bucket: &OpenBucket,
        key: &str,
    ) -> Result<(Option<Value>, Condition), KeyvalueError> {
        let change = self.buffer.as_ref().and_then(|buffer| buffer.change(&bucket.name, key));
        match change {
            Some(Change::Put(value)) => return Ok((Some(value.clone()), Condition::Always)),
            Some(Change::Delete) => return Ok((None, Condition::Always)),
            Some(Change::Add(_)) | None => {}
        }
        let stored = self.stored(bucket, key).await?;
        let condition =
            stored.as_ref().map_or(Condition::Absent, |entry| Condition::Unchanged(entry.version));
        let stored = stored.map(|entry| entry.value);
        let Some(Change::Add(delta)) = change else { return Ok((stored, condition)) };
        let sum = match stored {
            None => Some(*delta),
            Some(Value::Number(number)) => number.checked_add(*delta),
            Some(Value::Bytes(_)) => return Err(self.failed(StateError::NotANumber)),
        };
        let sum = sum.ok_or_else(|| self.failed(StateError::Overflow))?;
        Ok((Some(Value::Number(sum)), condition))
    }

    async fn stored(&self, bucket: &OpenBucket, key: &str) -> Result<Option<Entry>, KeyvalueError> {
        let entry = self.store()?.get(&bucket.partition, key).await;
        entry.map_err(|error| self.failed(error))
    }

    fn store(&self) -> Result<&dyn StateStore, KeyvalueError> {
        self.store.as_deref().ok_or_else(|| self.failed(no_store()))
    }

    /// Counts an operation, and the bytes that come with it.
    fn charge(&mut self, bucket: &OpenBucket, bytes: usize) -> Result<(), KeyvalueError> {
        let most = self.granted.buckets.get(&bucket.name).map_or(0, |grant| grant.operations);
        let spent = self.spent.entry(bucket.name.clone()).or_default();
        spent.operations += 1;
        if spent.operations > most {
            return Err(KeyvalueError::other(format!("a call may use this bucket {most} times")));
        }
        self.charge_bytes(bucket, bytes)
    }

    fn charge_value(&mut self, bucket: &OpenBucket, value: Option<&Value>) -> Result<(), KeyvalueError> {
        match value {
            Some(Value::Bytes(bytes)) => self.charge_bytes(bucket, bytes.len()),
            Some(Value::Number(_)) | None => Ok(()),
        }
    }

    fn charge_bytes(&mut self, bucket: &OpenBucket, bytes: usize) -> Result<(), KeyvalueError> {
        let most = self.granted.buckets.get(&bucket.name).map_or(0, |grant| grant.transfer_bytes);
        let spent = self.spent.entry(bucket.name.clone()).or_default();
        spent.bytes = spent.bytes.saturating_add(bytes as u64);
        if spent.bytes > most {
            let text = format!("a call may read and write {most} bytes of this bucket");
            return Err(KeyvalueError::other(text));
        }
        Ok(())
    }

    /// Turns the failure of a store into the guest's error; what an operator must know goes to the log.
    fn failed(&self, error: StateError) -> KeyvalueError {
        let is_failure = matches!(error, StateError::Unavailable(_) | StateError::Unknown(_));
        if is_failure && self.failures.fetch_add(1, Ordering::Relaxed) < MAX_LINES {
            let Attribution { plugin, tool, request } = &*self.attribution;
            tracing::error!(plugin, tool, request, %error, "the state store failed");
        }
        error.into()
    }
}

fn no_store() -> StateError {
    StateError::Unavailable("this server keeps no state".to_owned())
}

fn check_key(key: &str) -> Result<(), KeyvalueError> {
    match key.len() {
        1..=MAX_NAME_BYTES => Ok(()),
        _ => Err(KeyvalueError::other(format!("a key has 1 to {MAX_NAME_BYTES} bytes"))),
    }
}

fn check_value(value: &[u8]) -> Result<(), KeyvalueError> {
    match value.len() {
        0..=MAX_VALUE_BYTES => Ok(()),
        _ => Err(KeyvalueError::other(format!("a value has at most {MAX_VALUE_BYTES} bytes"))),
    }
}

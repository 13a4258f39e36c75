//! Links `wasi:keyvalue`: the buckets that the deployer granted, in both drafts that components import.
//!
//! The drafts differ in cursors (`0.2.0-draft` has numbers), in the sign of increments, in `cas`, which only
//! `0.2.0-draft2` has, and in what `batch.get-many` returns, which changed within `0.2.0-draft2`.

mod atomics;
mod batch;
mod store;

use std::sync::Arc;

use wasmtime::component::{Resource, ResourceTableError};

use crate::sandbox::keyvalue::{Keyvalue, KeyvalueError, NO_BUCKET, OpenBucket};
use crate::sandbox::store_data::StoreData;

pub(super) use atomics::link as link_atomics;
pub(super) use batch::link as link_batch;
pub(super) use store::link as link_store;

/// The draft with numbers as cursors and without `cas`.
pub(super) const DRAFT: &str = "0.2.0-draft";

/// The later draft.
pub(super) const DRAFT2: &str = "0.2.0-draft2";

/// Tells whether an import is of the earlier draft.
fn is_first_draft(import: &str) -> bool {
    import.ends_with(&format!("@{DRAFT}"))
}

/// A `bucket` of the guest.
struct BucketHandle {
    bucket: Arc<OpenBucket>,
    /// The keys before the pages that were listed, for cursors that are numbers.
    pages: Vec<String>,
}

impl StoreData {
    /// Opens a bucket; a refusal is recorded.
    fn open_bucket(&mut self, name: &str) -> wasmtime::Result<Result<Resource<BucketHandle>, KeyvalueError>> {
        let opened = match self.keyvalue() {
            Some(keyvalue) => keyvalue.open(name, self.info()),
            None => Err((KeyvalueError::NoSuchStore, NO_BUCKET)),
        };
        match opened {
            Ok(bucket) => {
                let handle = BucketHandle { bucket, pages: Vec::new() };
                Ok(Ok(self.table().push(handle)?))
            }
            Err((error, denial)) => {
                self.denials().note(denial);
                Ok(Err(error))
            }
        }
    }

    /// Returns the bucket of a handle, and the state of the call.
    fn opened(
        &mut self,
        handle: &Resource<BucketHandle>,
    ) -> wasmtime::Result<(Arc<OpenBucket>, &mut Keyvalue)> {
        let bucket = Arc::clone(&self.table().get(handle)?.bucket);
        Ok((bucket, self.keyvalue_mut()?))
    }

    /// Returns the state of the call, which exists where a bucket is open.
    fn keyvalue_mut(&mut self) -> Result<&mut Keyvalue, ResourceTableError> {
        self.keyvalue_of_call().ok_or(ResourceTableError::NotPresent)
    }
}

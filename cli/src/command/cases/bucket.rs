//! Puts the state of a case into a store, and reads it back after the call.

use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use toolcell_host::auth::PrincipalKind;
use toolcell_host::catalog::{BucketGrant, BucketScope};
use toolcell_host::clock::Clock;
use toolcell_host::state_store::bucket::{Bucket, Caller, Owner};
use toolcell_host::state_store::{
    Condition, List, MAX_PAGE, Memory, Partition, Put, Quota, StateError, StateStore, Value,
};

use super::case::Case;
use super::content::Content;
use super::state::{Entry, State, full};
use crate::ui::problem::{Problem, Result};

/// Makes the store of one run: it holds what the case says, and its clock shows the time of the case.
///
/// # Errors
/// A bucket has no room for its entries.
pub(super) async fn fill(case: &Case, plugin: &str) -> Result<Memory> {
    let now_ms = case.replay.now_ms;
    let store = Memory::new(Clock::new(move || UNIX_EPOCH + Duration::from_millis(now_ms)));
    for (name, entries) in &case.state.0 {
        let Some(grant) = case.grants.keyvalue.get(name) else { continue };
        let Some(partition) = partition(case, plugin, name, grant) else { continue };
        for (key, entry) in entries {
            let ttl_ms = entry.expires_ms.map(|end| end.saturating_sub(now_ms));
            let value = Value::of(entry.content.clone().into_bytes());
            let put = Put { value, condition: Condition::Always, ttl_ms };
            store.put(&partition, key, put).await.map_err(|error| match error {
                StateError::Full => full(&case.grants_place, name),
                error => odd(&error),
            })?;
        }
    }
    Ok(store)
}

/// Returns what the buckets of a case hold.
///
/// # Errors
/// The store fails, which a store in memory does not.
pub(super) async fn read(case: &Case, plugin: &str, store: &dyn StateStore) -> Result<State> {
    let mut state = State::default();
    for (name, grant) in &case.grants.keyvalue {
        let Some(partition) = partition(case, plugin, name, grant) else { continue };
        let entries = read_bucket(&partition, store).await.map_err(|error| odd(&error))?;
        if !entries.is_empty() {
            state.0.insert(name.clone(), entries);
        }
    }
    Ok(state)
}

async fn read_bucket(
    partition: &Partition,
    store: &dyn StateStore,
) -> std::result::Result<BTreeMap<String, Entry>, StateError> {
    let (mut entries, mut after) = (BTreeMap::new(), None::<String>);
    loop {
        let list = List { prefix: "", after: after.as_deref(), limit: MAX_PAGE };
        let page = store.list(partition, list).await?;
        for key in page.names {
            let Some(entry) = store.get(partition, &key).await? else { continue };
            let content = Content::Base64(entry.value.into_bytes().into());
            entries.insert(key, Entry { content, expires_ms: entry.expires_ms });
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(entries),
        }
    }
}

/// Returns the partition in which the host keeps a bucket; an anonymous caller has none of its own.
fn partition(case: &Case, plugin: &str, name: &str, grant: &BucketGrant) -> Option<Partition> {
    let owner = match (grant.scope, &case.principal) {
        (BucketScope::Plugin, _) => Owner::Plugin,
        (BucketScope::Caller, None) => return None,
        (BucketScope::Caller, Some(principal)) => {
            let kind = PrincipalKind::Bearer.name();
            Owner::Caller(Caller { kind, issuer: "", subject: principal.name() })
        }
    };
    let bucket = Bucket { plugin, source: &case.grants.state_of, bucket: name };
    Some(bucket.partition(owner, Some(Quota { bytes: grant.size_bytes, keys: grant.keys })))
}

fn odd(error: &StateError) -> Problem {
    Problem::internal("toolcell test", "cannot keep state in memory").found(error.to_string())
}

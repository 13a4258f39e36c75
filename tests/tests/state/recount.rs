//! A bucket of DynamoDB is counted again while others write: the count may be too high then, and never too low.
//!
//! Each story has a bucket of two keys, full of one that has ended, so that the next write counts again.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use toolcell_host::state_store::{
    Condition, DynamoDb, Partition, Put, Quota, StateError, StateStore as _, Value,
};
use toolcell_tests::{Dynalite, HoldingProxy};

use super::HandClock;
use super::keeper::runtime;

/// The parts of the request that replaces the count.
const NEW_COUNT: [&str; 2] = ["PutItem", "size/"];

/// A table behind a proxy, and a bucket in it.
struct Raced {
    runtime: Runtime,
    store: Arc<DynamoDb>,
    proxy: HoldingProxy,
    clock: HandClock,
    _server: Dynalite,
}

fn bucket() -> Partition {
    Partition { name: "raced".to_owned(), quota: Some(Quota { bytes: 1_000, keys: 2 }) }
}

impl Raced {
    fn new() -> Self {
        let (server, clock) = (Dynalite::start(), HandClock::new());
        let proxy = HoldingProxy::start(server.port());
        let store = server.store_behind(&proxy, clock.clock());
        Self { runtime: runtime(), store, proxy, clock, _server: server }
    }

    fn put(&self, name: &str) -> Result<(), StateError> {
        self.put_for(name, None)
    }

    fn put_for(&self, name: &str, ttl_ms: Option<u64>) -> Result<(), StateError> {
        self.runtime.block_on(self.store.put(&bucket(), name, value(ttl_ms)))
    }

    /// Writes an entry while the test goes on.
    fn begin_put(&self, name: &'static str) -> JoinHandle<Result<(), StateError>> {
        let store = Arc::clone(&self.store);
        self.runtime.spawn(async move { store.put(&bucket(), name, value(None)).await })
    }

    fn end<T>(&self, task: JoinHandle<Result<T, StateError>>) {
        self.runtime.block_on(task).expect("no task panics").expect("the write succeeds");
    }

    /// Writes an entry that ends, and lets it end.
    fn put_what_ends(&self, name: &str) {
        self.put_for(name, Some(1_000)).unwrap();
        self.clock.pass(Duration::from_secs(90));
    }

    fn names(&self) -> Vec<String> {
        let entries = self.runtime.block_on(self.store.entries(&bucket().name)).unwrap();
        entries.into_iter().map(|(name, _)| name).collect()
    }

    fn is_full(&self) {
        let refused = self.put("more");
        assert!(matches!(refused, Err(StateError::Full)), "{refused:?} beside {:?}", self.names());
    }
}

fn value(ttl_ms: Option<u64>) -> Put {
    Put { value: Value::of("x".as_bytes()), condition: Condition::Always, ttl_ms }
}

#[test]
fn a_write_that_was_counted_before_and_comes_after_is_not_forgotten() {
    let raced = Raced::new();
    raced.put_what_ends("ended");
    let held = raced.proxy.hold(&["PutItem", r#"{"S":"late"}"#]);
    let late = raced.begin_put("late");
    held.wait();
    raced.put("other").unwrap(); // counts again, and finds nothing
    drop(held);
    raced.end(late);
    assert_eq!(raced.names(), ["late", "other"]);
    raced.is_full();
}

#[test]
fn a_write_that_comes_between_the_reading_and_the_new_count_is_not_forgotten() {
    let raced = Raced::new();
    raced.put_what_ends("ended");
    let (item, count) = (raced.proxy.hold(&["PutItem", r#"{"S":"late"}"#]), raced.proxy.hold(&NEW_COUNT));
    let late = raced.begin_put("late");
    item.wait();
    let other = raced.begin_put("other");
    count.wait();
    drop(item);
    raced.end(late);
    drop(count);
    raced.end(other);
    assert_eq!(raced.names(), ["late", "other"]);
    raced.is_full();
}

#[test]
fn what_was_deleted_before_and_is_counted_after_is_not_subtracted_twice() {
    let raced = Raced::new();
    raced.put("deleted").unwrap();
    raced.put_what_ends("ended");
    let held = raced.proxy.hold(&["UpdateItem", "size/", r#":keys":{"N":"-1"}"#]);
    let store = Arc::clone(&raced.store);
    let delete =
        raced.runtime.spawn(async move { store.delete(&bucket(), "deleted", Condition::Always).await });
    held.wait();
    raced.put("one").unwrap(); // counts again, and finds nothing
    drop(held);
    raced.end(delete);
    raced.put("two").unwrap();
    raced.is_full();
}

#[test]
fn what_was_deleted_during_a_recount_is_not_subtracted_after_it() {
    let raced = Raced::new();
    raced.put("deleted").unwrap();
    raced.put_what_ends("ended");
    let query = raced.proxy.hold(&["Query", "raced"]);
    let one = raced.begin_put("one");
    query.wait(); // the recount has begun
    let subtraction = raced.proxy.hold(&["UpdateItem", "size/", r#":keys":{"N":"-1"}"#]);
    let store = Arc::clone(&raced.store);
    let delete =
        raced.runtime.spawn(async move { store.delete(&bucket(), "deleted", Condition::Always).await });
    subtraction.wait();
    drop(query);
    raced.end(one);
    drop(subtraction);
    raced.end(delete);
    raced.put("two").unwrap();
    assert_eq!(raced.names(), ["one", "two"]);
    raced.is_full();
}

#[test]
fn what_has_ended_is_removed_when_it_is_counted() {
    let raced = Raced::new();
    for round in 0..6 {
        for key in ["a", "b"] {
            raced.put_for(&format!("{key}{round}"), Some(1_000)).unwrap();
        }
        raced.clock.pass(Duration::from_secs(90));
    }
    // Those of the last rounds are there.
    let left = raced.runtime.block_on(raced.store.remove(&bucket().name)).unwrap();
    assert!((1..=4).contains(&left), "{left} items");
}

#[test]
fn a_recount_that_a_write_overtakes_is_made_again() {
    let raced = Raced::new();
    raced.put("kept").unwrap();
    raced.put_what_ends("ended");
    let held = raced.proxy.hold(&NEW_COUNT);
    let one = raced.begin_put("one");
    held.wait();
    raced.runtime.block_on(raced.store.delete(&bucket(), "kept", Condition::Always)).unwrap();
    drop(held);
    raced.end(one);
    raced.put("two").unwrap();
    assert_eq!(raced.names(), ["one", "two"]);
    raced.is_full();
}

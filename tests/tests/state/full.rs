//! Buckets of the file that are full: their entries are looked through only if one of them can have ended.

use std::time::Duration;

use toolcell_cli::state::FileStore;
use toolcell_host::state_store::{Condition, Partition, Put, Quota, StateError, StateStore as _, Value};
use toolcell_tests::log;

use super::HandClock;
use super::keeper::runtime;

/// The size of the bucket, in bytes.
const BYTES: u64 = 10_000;

/// A project with a bucket.
struct Project {
    store: FileStore,
    clock: HandClock,
    _directory: tempfile::TempDir,
}

impl Project {
    fn new() -> Self {
        log::capture();
        let (clock, directory) = (HandClock::new(), tempfile::tempdir().unwrap());
        let store = FileStore::of(directory.path(), clock.clock());
        Self { store, clock, _directory: directory }
    }

    /// Writes an entry of this many bytes into a bucket for `keys` of them.
    async fn put(&self, keys: u64, name: &str, bytes: u64, ttl_ms: Option<u64>) -> Result<(), StateError> {
        let partition = Partition { name: "full".to_owned(), quota: Some(Quota { bytes: BYTES, keys }) };
        let value = Value::of("x".repeat(usize::try_from(bytes).unwrap()).into_bytes());
        self.store.put(&partition, name, Put { value, condition: Condition::Always, ttl_ms }).await
    }
}

/// Returns how often a bucket with this many entries was looked through. Each story has a number of its own.
fn looks(entries: u64) -> usize {
    let lines = log::lines("a bucket is full, and its entries are looked through");
    lines.iter().filter(|line| line["entries"] == entries).count()
}

fn is_full(result: &Result<(), StateError>) {
    assert!(matches!(result, Err(StateError::Full)), "{result:?}");
}

#[test]
fn a_bucket_whose_entries_do_not_end_is_never_looked_through() {
    let project = Project::new();
    runtime().block_on(async {
        for number in 0..23 {
            project.put(23, &number.to_string(), 1, None).await.unwrap();
        }
        for hour in 0..5 {
            is_full(&project.put(23, "more", 1, None).await);
            is_full(&project.put(23, "0", BYTES, None).await);
            project.clock.pass(Duration::from_secs(3600 * hour));
        }
        assert_eq!(looks(23), 0);
    });
}

#[test]
fn a_bucket_is_looked_through_once_for_what_has_ended() {
    let project = Project::new();
    runtime().block_on(async {
        for number in 0..28 {
            project.put(29, &number.to_string(), 1, None).await.unwrap();
        }
        project.put(29, "ends", 1, Some(5_000)).await.unwrap();
        is_full(&project.put(29, "more", 1, None).await);
        assert_eq!(looks(29), 0, "nothing has ended");
        project.clock.pass(Duration::from_secs(6));
        // There is no room for them even without it, whether the name is new, its own, or another's.
        for name in ["more", "ends", "0", "more", "ends", "0"] {
            is_full(&project.put(29, name, BYTES, None).await);
        }
        assert_eq!((looks(29), looks(28)), (1, 0), "what has ended is gone");
        project.put(29, "more", 1, None).await.unwrap();
        is_full(&project.put(29, "again", 1, None).await);
        assert_eq!(looks(29), 1);
    });
}

#[test]
fn an_end_that_was_put_off_is_looked_for_once() {
    let project = Project::new();
    runtime().block_on(async {
        for number in 0..31 {
            project.put(31, &number.to_string(), 1, Some(5_000)).await.unwrap();
        }
        for number in 0..31 {
            project.put(31, &number.to_string(), 1, Some(60_000)).await.unwrap();
        }
        project.clock.pass(Duration::from_secs(6));
        for _ in 0..3 {
            is_full(&project.put(31, "more", 1, None).await);
        }
        assert_eq!(looks(31), 1);
        project.clock.pass(Duration::from_secs(60));
        project.put(31, "more", 1, None).await.unwrap();
        assert_eq!(looks(31), 2);
    });
}

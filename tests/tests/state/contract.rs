//! What every store promises, tried with each of them.

use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::task::JoinSet;
use toolcell_cli::state::FileStore;
use toolcell_host::state_store::{
    Condition, Increment, List, MAX_VALUE_BYTES, Memory, Partition, Put, Quota, StateError, StateStore, Value,
};
use toolcell_tests::Dynalite;

use super::HandClock;

/// A store, its clock, and what keeps it alive.
struct Stored {
    name: &'static str,
    store: Arc<dyn StateStore>,
    clock: HandClock,
    _directory: Option<TempDir>,
    _server: Option<Dynalite>,
}

impl Stored {
    fn memory() -> Self {
        let clock = HandClock::new();
        let store = Arc::new(Memory::new(clock.clock()));
        Self { name: "memory", store, clock, _directory: None, _server: None }
    }

    fn file() -> Self {
        let (clock, directory) = (HandClock::new(), tempfile::tempdir().unwrap());
        let store = Arc::new(FileStore::of(directory.path(), clock.clock()));
        Self { name: "file", store, clock, _directory: Some(directory), _server: None }
    }

    fn dynamodb() -> Self {
        let (clock, server) = (HandClock::new(), Dynalite::start());
        let store = server.store(clock.clock());
        Self { name: "DynamoDB", store, clock, _directory: None, _server: Some(server) }
    }

    async fn put(&self, partition: &Partition, name: &str, text: &str) -> Result<(), StateError> {
        self.put_if(partition, name, text, Condition::Always).await
    }

    async fn put_if(
        &self,
        partition: &Partition,
        name: &str,
        text: &str,
        condition: Condition,
    ) -> Result<(), StateError> {
        let value = Value::of(text.as_bytes().to_vec());
        self.store.put(partition, name, Put { value, condition, ttl_ms: None }).await
    }

    async fn text(&self, partition: &Partition, name: &str) -> Option<String> {
        let entry = self.store.get(partition, name).await.unwrap();
        entry.map(|entry| String::from_utf8(entry.value.into_bytes().to_vec()).unwrap())
    }

    async fn add(&self, partition: &Partition, name: &str, delta: i64) -> Result<i64, StateError> {
        self.store.increment(partition, name, Increment { delta, ttl_ms: None }).await
    }

    async fn names(&self, partition: &Partition, prefix: &str, limit: usize) -> Vec<Vec<String>> {
        let (mut pages, mut after) = (Vec::new(), None::<String>);
        loop {
            let list = List { prefix, after: after.as_deref(), limit };
            let page = self.store.list(partition, list).await.unwrap();
            pages.push(page.names);
            match page.next {
                Some(next) => after = Some(next),
                None => return pages,
            }
        }
    }
}

fn partition(name: &str) -> Partition {
    Partition { name: name.to_owned(), quota: None }
}

fn limited(name: &str, bytes: u64, keys: u64) -> Partition {
    Partition { name: name.to_owned(), quota: Some(Quota { bytes, keys }) }
}

fn run(story: impl AsyncFn(&Stored)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for make in [Stored::memory, Stored::file, Stored::dynamodb] {
        let stored = make();
        println!("{}", stored.name);
        runtime.block_on(story(&stored));
    }
}

#[test]
fn what_was_written_is_read_in_its_partition_alone() {
    run(async |stored| {
        let (one, other) = (partition("one"), partition("other"));
        for value in ["text", "", "5", "007", "-0", &"x".repeat(MAX_VALUE_BYTES)] {
            stored.put(&one, "name", value).await.unwrap();
            assert_eq!(stored.text(&one, "name").await.as_deref(), Some(value));
        }
        assert_eq!(stored.text(&other, "name").await, None);
        assert_eq!(stored.text(&one, "nam").await, None);
        stored.store.delete(&other, "name", Condition::Always).await.unwrap();
        assert!(stored.text(&one, "name").await.is_some());
        stored.store.delete(&one, "name", Condition::Always).await.unwrap();
        assert_eq!(stored.text(&one, "name").await, None);
    });
}

#[test]
fn conditions_hold_or_nothing_is_written() {
    run(async |stored| {
        for partition in [partition("plain"), limited("counted", 1000, 10)] {
            stored.put_if(&partition, "a", "1st", Condition::Absent).await.unwrap();
            let refused = stored.put_if(&partition, "a", "2nd", Condition::Absent).await;
            assert!(matches!(refused, Err(StateError::Conflict)), "{refused:?}");
            let seen = stored.store.get(&partition, "a").await.unwrap().unwrap().version;
            stored.put_if(&partition, "a", "2nd", Condition::Unchanged(seen)).await.unwrap();
            let refused = stored.put_if(&partition, "a", "3rd", Condition::Unchanged(seen)).await;
            assert!(matches!(refused, Err(StateError::Conflict)), "{refused:?}");
            let refused = stored.store.delete(&partition, "a", Condition::Unchanged(seen)).await;
            assert!(matches!(refused, Err(StateError::Conflict)), "{refused:?}");
            assert_eq!(stored.text(&partition, "a").await.as_deref(), Some("2nd"));
            // The same value again is not the same entry.
            let seen = stored.store.get(&partition, "a").await.unwrap().unwrap().version;
            stored.store.delete(&partition, "a", Condition::Always).await.unwrap();
            stored.put(&partition, "a", "2nd").await.unwrap();
            let refused = stored.put_if(&partition, "a", "3rd", Condition::Unchanged(seen)).await;
            assert!(matches!(refused, Err(StateError::Conflict)), "{refused:?}");
        }
    });
}

#[test]
fn numbers_are_added_to_and_other_values_are_not() {
    run(async |stored| {
        for partition in [partition("plain"), limited("counted", 1000, 10)] {
            assert_eq!(stored.add(&partition, "n", 5).await.unwrap(), 5);
            assert_eq!(stored.add(&partition, "n", -7).await.unwrap(), -2);
            assert_eq!(stored.text(&partition, "n").await.as_deref(), Some("-2"));
            stored.put(&partition, "n", "40").await.unwrap();
            assert_eq!(stored.add(&partition, "n", 2).await.unwrap(), 42);
            stored.put(&partition, "n", "9223372036854775807").await.unwrap();
            let refused = stored.add(&partition, "n", 1).await;
            assert!(matches!(refused, Err(StateError::Overflow)), "{refused:?}");
            assert_eq!(stored.add(&partition, "n", i64::MIN).await.unwrap(), -1);
            stored.put(&partition, "n", "text").await.unwrap();
            let refused = stored.add(&partition, "n", 1).await;
            assert!(matches!(refused, Err(StateError::NotANumber)), "{refused:?}");
        }
    });
}

#[test]
fn no_increment_is_lost_and_every_sum_is_returned_once() {
    run(async |stored| {
        let mut tasks = JoinSet::new();
        for _ in 0..8 {
            let store = Arc::clone(&stored.store);
            tasks.spawn(async move {
                let partition = limited("counted", 1000, 10);
                let mut sums = Vec::new();
                for _ in 0..25 {
                    let increment = Increment { delta: 1, ttl_ms: None };
                    sums.push(store.increment(&partition, "n", increment).await.unwrap());
                }
                sums
            });
        }
        let mut sums: Vec<i64> = tasks.join_all().await.concat();
        sums.sort_unstable();
        assert_eq!(sums, (1..=200).collect::<Vec<_>>());
    });
}

#[test]
fn an_entry_that_has_ended_is_gone_for_every_operation() {
    run(async |stored| {
        let (second, partition) = (Duration::from_secs(1), limited("counted", 30, 2));
        let put = |value: &str| Put {
            value: Value::of(value.as_bytes().to_vec()),
            condition: Condition::Always,
            ttl_ms: Some(5_000),
        };
        let store = &stored.store;
        store.put(&partition, "text", put("12345678")).await.unwrap();
        store.increment(&partition, "n", Increment { delta: 5, ttl_ms: Some(5_000) }).await.unwrap();
        stored.clock.pass(4 * second);
        assert!(stored.text(&partition, "text").await.is_some());
        assert_eq!(stored.names(&partition, "", 10).await.concat(), ["n", "text"]);
        stored.clock.pass(2 * second);
        assert_eq!(stored.text(&partition, "text").await, None);
        assert_eq!(stored.names(&partition, "", 10).await.concat(), Vec::<String>::new());
        stored.put_if(&partition, "text", "again", Condition::Absent).await.unwrap();
        assert_eq!(stored.add(&partition, "n", 1).await.unwrap(), 1, "it starts again");
        // What has ended takes no room for ever.
        for name in ["one", "two"] {
            store.delete(&partition, "text", Condition::Always).await.unwrap();
            store.delete(&partition, "n", Condition::Always).await.unwrap();
            store.put(&partition, name, put("12345678")).await.unwrap();
            stored.clock.pass(90 * second);
        }
        stored.put(&partition, "three", "12345678").await.unwrap();
        stored.put(&partition, "four", "12345678").await.unwrap();
    });
}

#[test]
fn an_increment_decides_anew_when_a_number_ends() {
    run(async |stored| {
        let second = Duration::from_secs(1);
        for partition in [partition("plain"), limited("counted", 30, 2)] {
            let add = |ttl_ms| stored.store.increment(&partition, "n", Increment { delta: 1, ttl_ms });
            add(Some(5_000)).await.unwrap();
            stored.clock.pass(4 * second);
            assert_eq!(add(Some(5_000)).await.unwrap(), 2);
            stored.clock.pass(4 * second);
            assert_eq!(stored.text(&partition, "n").await.as_deref(), Some("2"), "it was put off");
            stored.clock.pass(2 * second);
            assert_eq!(stored.text(&partition, "n").await, None);
            add(Some(5_000)).await.unwrap();
            assert_eq!(add(None).await.unwrap(), 2);
            stored.clock.pass(90 * second);
            assert_eq!(stored.text(&partition, "n").await.as_deref(), Some("2"), "it stays");
        }
    });
}

#[test]
fn what_is_counted_again_is_counted_to_its_end() {
    run(async |stored| {
        let (kib, partition) = (1 << 10, limited("large", 2_100 << 10, 100));
        for number in 0..10 {
            let text = "x".repeat(200 * kib); // together more than a page of a table, which has 1 MiB
            stored.put(&partition, &number.to_string(), &text).await.unwrap();
        }
        stored.clock.pass(Duration::from_secs(90));
        let refused = stored.put(&partition, "more", &"x".repeat(200 * kib)).await;
        assert!(matches!(refused, Err(StateError::Full)), "{refused:?}");
    });
}

#[test]
fn an_entry_that_is_written_again_after_its_end_is_counted_once() {
    run(async |stored| {
        for (partition, size) in [(limited("keys", 1_000, 1), 1), (limited("bytes", 1_000, 10), 600)] {
            for round in 0..10 {
                let value = Value::of("x".repeat(size).into_bytes());
                let put = Put { value, condition: Condition::Absent, ttl_ms: Some(1_000) };
                let written = stored.store.put(&partition, "lock", put).await;
                assert!(written.is_ok(), "{} {round}: {written:?}", partition.name);
                stored.clock.pass(Duration::from_secs(3));
            }
        }
        let partition = limited("numbers", 1_000, 1);
        for round in 0..10 {
            let increment = Increment { delta: 1, ttl_ms: Some(1_000) };
            let sum = stored.store.increment(&partition, "n", increment).await;
            assert!(matches!(sum, Ok(1)), "{round}: {sum:?}");
            stored.clock.pass(Duration::from_secs(3));
        }
        stored.add(&partition, "n", 1).await.unwrap();
        let refused = stored.add(&partition, "m", 1).await;
        assert!(matches!(refused, Err(StateError::Full)), "{refused:?}");
    });
}

#[test]
fn a_quota_that_was_lowered_holds_for_what_grows_alone() {
    run(async |stored| {
        for name in ["a", "b", "c"] {
            stored.put(&limited("lowered", 1_000, 3), name, "x").await.unwrap();
        }
        stored.put(&limited("lowered", 1_000, 2), "a", "longer").await.unwrap();
        for lower in [limited("lowered", 1_000, 2), limited("lowered", 5, 10)] {
            let refused = stored.put(&lower, "d", "x").await;
            assert!(matches!(refused, Err(StateError::Full)), "{refused:?}");
        }
    });
}

#[test]
fn a_list_passes_over_what_has_ended() {
    run(async |stored| {
        let partition = partition("listed");
        for number in 0..9 {
            let put =
                Put { value: Value::of("x".as_bytes()), condition: Condition::Always, ttl_ms: Some(1_000) };
            stored.store.put(&partition, &format!("a{number}"), put).await.unwrap();
        }
        stored.put(&partition, "b", "x").await.unwrap();
        stored.clock.pass(Duration::from_secs(3));
        let first = stored.store.list(&partition, List { prefix: "", after: None, limit: 2 }).await.unwrap();
        assert_eq!(first.names, ["b"]);
    });
}

#[test]
fn deleting_what_has_ended_makes_no_room_twice() {
    run(async |stored| {
        let partition = limited("ended", 1_000, 2);
        for name in ["a", "b"] {
            let value = Value::of("x".as_bytes());
            let put = Put { value, condition: Condition::Always, ttl_ms: Some(1_000) };
            stored.store.put(&partition, name, put).await.unwrap();
        }
        stored.clock.pass(Duration::from_secs(90));
        stored.put(&partition, "c", "x").await.unwrap();
        for name in ["a", "b"] {
            stored.store.delete(&partition, name, Condition::Always).await.unwrap();
        }
        stored.put(&partition, "d", "x").await.unwrap();
        let refused = stored.put(&partition, "e", "x").await;
        assert!(matches!(refused, Err(StateError::Full)), "{refused:?}");
    });
}

#[test]
fn quotas_hold_for_bytes_and_keys_and_deleting_makes_room() {
    run(async |stored| {
        let bytes = limited("bytes", 20, 100);
        stored.put(&bytes, "a", "abcdefghi").await.unwrap();
        stored.put(&bytes, "b", "abcdefghi").await.unwrap();
        for (name, value) in [("c", ""), ("a", "abcdefghij")] {
            let refused = stored.put(&bytes, name, value).await;
            assert!(matches!(refused, Err(StateError::Full)), "{name}: {refused:?}");
        }
        let refused = stored.add(&bytes, "n", 1).await;
        assert!(matches!(refused, Err(StateError::Full)), "{refused:?}");
        stored.put(&bytes, "a", "abcdefghx").await.unwrap();
        stored.store.delete(&bytes, "b", Condition::Always).await.unwrap();
        stored.put(&bytes, "c", "abcdefghi").await.unwrap();
        let keys = limited("keys", 1_000, 2);
        stored.put(&keys, "a", "").await.unwrap();
        stored.add(&keys, "n", 1).await.unwrap();
        let refused = stored.put(&keys, "b", "").await;
        assert!(matches!(refused, Err(StateError::Full)), "{refused:?}");
        stored.store.delete(&keys, "n", Condition::Always).await.unwrap();
        stored.store.delete(&keys, "n", Condition::Always).await.unwrap();
        stored.put(&keys, "b", "").await.unwrap();
        let refused = stored.put(&keys, "c", "").await;
        assert!(matches!(refused, Err(StateError::Full)), "a key is deleted once: {refused:?}");
    });
}

#[test]
fn names_are_listed_in_order_by_prefix_and_in_pages() {
    run(async |stored| {
        let (listed, other) = (partition("listed"), partition("listed/2"));
        stored.put(&other, "b0", "").await.unwrap();
        for name in ["b", "a", "b1", "b3", "b2", "c", "é", "~"] {
            stored.put(&listed, name, "").await.unwrap();
        }
        assert_eq!(
            stored.names(&listed, "", 100).await.concat(),
            ["a", "b", "b1", "b2", "b3", "c", "~", "é"]
        );
        let pages = stored.names(&listed, "b", 2).await;
        assert_eq!(pages.concat(), ["b", "b1", "b2", "b3"]);
        assert!(pages.iter().all(|page| page.len() <= 2), "{pages:?}");
        for (after, expected) in [("0", &["b", "b1", "b2", "b3"][..]), ("b1", &["b2", "b3"]), ("x", &[])] {
            let list = List { prefix: "b", after: Some(after), limit: 100 };
            assert_eq!(stored.store.list(&listed, list).await.unwrap().names, expected, "{after}");
        }
    });
}

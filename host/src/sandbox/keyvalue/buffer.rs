//! Keeps the writes of a call that may still end in a question. Pure.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::OpenBucket;
use crate::state_store::{Condition, MAX_PAGE, Page, Partition, Value};

/// What becomes of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// It gets a value.
    Put(Value),
    /// It goes.
    Delete,
    /// Its number grows by this.
    Add(i64),
}

/// A write that waits for the end of the call.
#[derive(Clone, Debug)]
pub(super) struct Write {
    pub(super) change: Change,
    /// The condition of a swap: the entry is still what the call saw.
    pub(super) condition: Condition,
    pub(super) partition: Partition,
    pub(super) ttl_ms: Option<u64>,
    /// Tells this write from an earlier one of the same entry.
    number: u64,
}

/// The writes of a call, in the order in which they are stored.
#[derive(Debug, Default)]
pub(super) struct Writes {
    /// Those with a condition: if one does not hold, as little as possible was written.
    pub(super) conditional: Vec<(String, Write)>,
    /// Those that make room.
    pub(super) deletes: Vec<(String, Write)>,
    /// The others, as the call made them.
    pub(super) others: Vec<(String, Write)>,
}

/// The writes of a call, one for each entry.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    writes: BTreeMap<String, BTreeMap<String, Write>>,
    count: u64,
}

impl Buffer {
    /// Returns what the call has made of an entry.
    pub(super) fn change(&self, bucket: &str, key: &str) -> Option<&Change> {
        Some(&self.writes.get(bucket)?.get(key)?.change)
    }

    /// Returns the number of the last write of an entry; 0 if there is none.
    pub(super) fn number(&self, bucket: &str, key: &str) -> u64 {
        let write = self.writes.get(bucket).and_then(|writes| writes.get(key));
        write.map_or(0, |write| write.number)
    }

    /// Adds a write without a condition of its own.
    pub(super) fn write(&mut self, name: &str, key: &str, bucket: &OpenBucket, change: Change) {
        self.write_if(name, key, bucket, change, Condition::Always);
    }

    /// Adds a write. The condition of an earlier one stays: what it was based on must still hold. Only additions are
    /// based on nothing.
    pub(super) fn write_if(
        &mut self,
        name: &str,
        key: &str,
        bucket: &OpenBucket,
        change: Change,
        condition: Condition,
    ) {
        self.count += 1;
        let writes = self.writes.entry(name.to_owned()).or_default();
        let condition = match writes.get(key) {
            Some(Write { change: Change::Add(_), .. }) | None => condition,
            Some(earlier) => earlier.condition,
        };
        let (partition, ttl_ms) = (bucket.partition.clone(), bucket.ttl_ms);
        writes.insert(key.to_owned(), Write { change, condition, partition, ttl_ms, number: self.count });
    }

    /// Makes of a page of stored keys, which begins after `after`, what the call sees.
    pub(super) fn apply(&self, bucket: &str, after: Option<&str>, page: &mut Page) {
        let Some(writes) = self.writes.get(bucket) else { return };
        let first = after.map_or(Bound::Unbounded, Bound::Excluded);
        let last = page.next.clone();
        let last = last.as_deref().map_or(Bound::Unbounded, Bound::Included);
        if let (Bound::Excluded(first), Bound::Included(last)) = (first, last)
            && first >= last
        {
            return;
        }
        let written = writes.range::<str, _>((first, last));
        let written = written.filter(|(_, write)| write.change != Change::Delete).map(|(key, _)| key.clone());
        let gone = |name: &String| matches!(self.change(bucket, name), Some(Change::Delete));
        page.names.retain(|name| !gone(name));
        page.names.extend(written.take(MAX_PAGE + 1)); // one more tells that there are more
        page.names.sort();
        page.names.dedup();
        // The call's own keys may be many: they come in pages as well.
        if page.names.len() > MAX_PAGE {
            page.names.truncate(MAX_PAGE);
            page.next = page.names.last().cloned();
        }
    }

    /// Takes all writes.
    pub(super) fn take(&mut self) -> Writes {
        let mut all: Vec<_> = std::mem::take(&mut self.writes).into_values().flatten().collect();
        all.sort_by_key(|(_, write)| write.number);
        let mut writes = Writes::default();
        for (key, write) in all {
            let place = match (write.condition, &write.change) {
                (Condition::Always, Change::Delete) => &mut writes.deletes,
                (Condition::Always, _) => &mut writes.others,
                _ => &mut writes.conditional,
            };
            place.push((key, write));
        }
        writes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state_store::Version;

    fn bucket() -> OpenBucket {
        let partition = Partition { name: "p".to_owned(), quota: None };
        OpenBucket { name: "b".to_owned(), partition, ttl_ms: None }
    }

    fn page(names: &[&str], next: Option<&str>) -> Page {
        Page { names: names.iter().map(|name| (*name).to_owned()).collect(), next: next.map(str::to_owned) }
    }

    fn keys(writes: &[(String, Write)]) -> Vec<&str> {
        writes.iter().map(|(key, _)| key.as_str()).collect()
    }

    fn put(text: &'static str) -> Change {
        Change::Put(Value::of(text.as_bytes()))
    }

    #[test]
    fn a_page_shows_what_the_call_wrote_within_its_borders() {
        let mut buffer = Buffer::default();
        for (key, change) in [("a", put("x")), ("c", Change::Delete), ("d", Change::Add(1)), ("z", put("x"))]
        {
            buffer.write("b", key, &bucket(), change);
        }
        let mut first = page(&["b", "c"], Some("e"));
        buffer.apply("b", None, &mut first);
        assert_eq!(first, page(&["a", "b", "d"], Some("e")), "z comes later");
        let mut last = page(&["f"], None);
        buffer.apply("b", Some("e"), &mut last);
        assert_eq!(last, page(&["f", "z"], None));
        let mut other = page(&["c"], None);
        buffer.apply("other", None, &mut other);
        assert_eq!(other, page(&["c"], None));
    }

    #[test]
    fn many_keys_of_the_call_come_in_pages() {
        let mut buffer = Buffer::default();
        for number in 0..250 {
            buffer.write("b", &format!("{number:03}"), &bucket(), put("x"));
        }
        let (mut after, mut all) = (None, Vec::new());
        loop {
            let mut page = page(&[], None);
            buffer.apply("b", after.as_deref(), &mut page);
            all.extend(page.names);
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        assert_eq!(all.len(), 250);
    }

    #[test]
    fn the_condition_of_a_swap_outlives_later_writes_and_comes_first() {
        let mut buffer = Buffer::default();
        buffer.write("b", "a", &bucket(), put("x"));
        buffer.write_if("b", "z", &bucket(), put("x"), Condition::Unchanged(Version(7)));
        buffer.write("b", "z", &bucket(), Change::Delete);
        assert_eq!(buffer.number("b", "z"), 3);
        let writes = buffer.take();
        let [(key, write)] = writes.conditional.as_slice() else { panic!("{writes:?}") };
        assert_eq!((key.as_str(), write.condition), ("z", Condition::Unchanged(Version(7))));
        assert_eq!((keys(&writes.deletes), keys(&writes.others)), (vec![], vec!["a"]));
        let writes = buffer.take();
        assert!(writes.conditional.is_empty() && writes.deletes.is_empty() && writes.others.is_empty());
    }

    #[test]
    fn deletes_come_before_other_writes_and_these_in_the_order_of_the_call() {
        let mut buffer = Buffer::default();
        for (key, change) in [("d", put("x")), ("c", Change::Add(1)), ("b", Change::Delete), ("a", put("x"))]
        {
            buffer.write("b", key, &bucket(), change);
        }
        let writes = buffer.take();
        assert_eq!((keys(&writes.deletes), keys(&writes.others)), (vec!["b"], vec!["d", "c", "a"]));
    }

    #[test]
    fn a_swap_of_a_sum_has_the_condition_of_what_it_was_added_to() {
        let condition = Condition::Unchanged(Version(7));
        let mut buffer = Buffer::default();
        buffer.write("b", "n", &bucket(), Change::Add(1));
        buffer.write_if("b", "n", &bucket(), put("8"), condition);
        buffer.write("b", "n", &bucket(), put("9"));
        let writes = buffer.take();
        assert_eq!(keys(&writes.conditional), ["n"]);
        assert!(writes.conditional.iter().all(|(_, write)| write.condition == condition));
    }
}

//! Keeps entries as long as the process lives, for golden cases and tests.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{
    Condition, Entry, Increment, List, MAX_PAGE, Page, Partition, Put, StateError, StateFuture, StateStore,
    Usage, after_increment, after_put, is_met, weight,
};
use crate::clock::Clock;

/// Entries in memory.
#[derive(Debug)]
pub struct Memory {
    clock: Clock,
    partitions: Mutex<BTreeMap<String, BTreeMap<String, Entry>>>,
}

impl Memory {
    /// Makes an empty store.
    pub fn new(clock: Clock) -> Self {
        Self { clock, partitions: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, BTreeMap<String, Entry>>> {
        self.partitions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces an entry by what `change` makes of the one that is alive.
    fn write<T>(
        &self,
        partition: &Partition,
        name: &str,
        change: impl FnOnce(Option<&Entry>, u64) -> Result<(Option<Entry>, T), StateError>,
    ) -> Result<T, StateError> {
        let now_ms = self.clock.now_ms();
        let mut partitions = self.lock();
        let entries = partitions.entry(partition.name.clone()).or_default();
        entries.retain(|_, entry| entry.is_alive(now_ms));
        let (after, result) = change(entries.get(name), now_ms)?;
        let before = usage(entries);
        match after {
            None => {
                entries.remove(name);
            }
            Some(entry) => {
                let old = entries.get(name).map(|old| weight(name, &old.value));
                let rest = old.map_or(before, |old| before.without(old));
                rest.with(weight(name, &entry.value)).check(before, partition.quota)?;
                entries.insert(name.to_owned(), entry);
            }
        }
        Ok(result)
    }

    fn page(&self, partition: &Partition, list: List<'_>) -> Page {
        let now_ms = self.clock.now_ms();
        let partitions = self.lock();
        let Some(entries) = partitions.get(&partition.name) else { return Page::default() };
        let first = match list.after {
            Some(after) if after >= list.prefix => Bound::Excluded(after),
            _ => Bound::Included(list.prefix),
        };
        let mut names = entries
            .range::<str, _>((first, Bound::Unbounded))
            .take_while(|(name, _)| name.starts_with(list.prefix))
            .filter(|(_, entry)| entry.is_alive(now_ms))
            .map(|(name, _)| name.clone());
        let page: Vec<_> = names.by_ref().take(list.limit.clamp(1, MAX_PAGE)).collect();
        let next = names.next().and_then(|_| page.last().cloned());
        Page { names: page, next }
    }
}

fn usage(entries: &BTreeMap<String, Entry>) -> Usage {
    entries.iter().fold(Usage::default(), |usage, (name, entry)| usage.with(weight(name, &entry.value)))
}

impl StateStore for Memory {
    fn get<'a>(&'a self, partition: &'a Partition, name: &'a str) -> StateFuture<'a, Option<Entry>> {
        let now_ms = self.clock.now_ms();
        let entry = self.lock().get(&partition.name).and_then(|entries| entries.get(name)).cloned();
        Box::pin(std::future::ready(Ok(entry.filter(|entry| entry.is_alive(now_ms)))))
    }

    fn put<'a>(&'a self, partition: &'a Partition, name: &'a str, put: Put) -> StateFuture<'a, ()> {
        let written =
            self.write(partition, name, |current, now_ms| Ok((Some(after_put(current, put, now_ms)?), ())));
        Box::pin(std::future::ready(written))
    }

    fn delete<'a>(
        &'a self,
        partition: &'a Partition,
        name: &'a str,
        condition: Condition,
    ) -> StateFuture<'a, ()> {
        let deleted = self.write(partition, name, |current, _| match is_met(condition, current) {
            true => Ok((None, ())),
            false => Err(StateError::Conflict),
        });
        Box::pin(std::future::ready(deleted))
    }

    fn increment<'a>(
        &'a self,
        partition: &'a Partition,
        name: &'a str,
        increment: Increment,
    ) -> StateFuture<'a, i64> {
        let sum = self.write(partition, name, |current, now_ms| {
            let (entry, sum) = after_increment(current, increment, now_ms)?;
            Ok((Some(entry), sum))
        });
        Box::pin(std::future::ready(sum))
    }

    fn list<'a>(&'a self, partition: &'a Partition, list: List<'a>) -> StateFuture<'a, Page> {
        Box::pin(std::future::ready(Ok(self.page(partition, list))))
    }
}

//! Counts what the items of a partition take, in an item of its own.
//!
//! A write that grows is counted before it happens, and one that shrinks afterwards: whatever fails in between, the count
//! is too high and never too low. DynamoDB removes items that have ended without telling, so a count that reaches its
//! quota is made again from the items, once a minute at most.
//!
//! While that happens, others write. A recount first gives the count a new [`Epoch`], then reads the items, and is dropped
//! and made again if the count has changed meanwhile. Whoever writes knows the epoch from before its write and looks at
//! it afterwards: if it is another one, the recount may have seen the write or not. Then what grew is counted again, and
//! what shrank is not, so that the count is too high at worst.

use serde_json::{Value as Json, json};

use super::client::Repeat;
use super::item::{self, integer, number};
use super::{DynamoDb, Entry, Partition, StateError, Version, weight};
use crate::state_store::{Quota, Usage};

/// The shortest time between two counts of a partition, in seconds.
const RECOUNT_S: u64 = 60;

/// Most attempts at a recount that writes overtake.
const MAX_RECOUNTS: usize = 3;

/// What a write changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Change {
    bytes: i64,
    keys: i64,
}

impl Change {
    /// Returns the difference between two states of an entry.
    pub(super) fn between(name: &str, old: Option<&Entry>, new: Option<&Entry>) -> Self {
        let bytes = |entry: Option<&Entry>| {
            entry.map_or(0, |entry| i64::try_from(weight(name, &entry.value)).unwrap_or(i64::MAX))
        };
        let keys = |entry: Option<&Entry>| i64::from(entry.is_some());
        Self { bytes: bytes(new) - bytes(old), keys: keys(new) - keys(old) }
    }

    /// Keeps the parts that grow.
    pub(super) fn growing(self) -> Self {
        Self { bytes: self.bytes.max(0), keys: self.keys.max(0) }
    }

    /// Keeps the parts that shrink.
    pub(super) fn shrinking(self) -> Self {
        Self { bytes: self.bytes.min(0), keys: self.keys.min(0) }
    }

    pub(super) fn reversed(self) -> Self {
        Self { bytes: -self.bytes, keys: -self.keys }
    }
}

/// Tells the time between two recounts from every other: random, and `None` before the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Epoch(Option<u64>);

/// The condition of a change of the count.
#[derive(Clone, Copy, Debug)]
enum Only {
    /// The sum stays within the quota.
    Within(Quota),
    /// No recount has begun since.
    In(Epoch),
    /// None.
    Always,
}

impl DynamoDb {
    /// Counts a write that grows, before it happens, and returns the epoch in which that was.
    ///
    /// # Errors
    /// [`StateError::Full`], and what keeps the store from writing.
    pub(super) async fn reserve(
        &self,
        partition: &Partition,
        change: Change,
    ) -> Result<Option<Epoch>, StateError> {
        let Some(quota) = partition.quota.filter(|_| change != Change::default()) else { return Ok(None) };
        let growing = change.growing();
        if growing == Change::default() {
            return self.epoch(partition).await.map(Some);
        }
        match self.count(partition, growing, Only::Within(quota)).await {
            Err(StateError::Conflict) => {}
            result => return result.map(Some),
        }
        if !self.recount(partition).await? {
            return Err(StateError::Full);
        }
        self.count(partition, growing, Only::Within(quota)).await.map(Some).map_err(|error| match error {
            StateError::Conflict => StateError::Full,
            error => error,
        })
    }

    /// Counts what a write that has happened, or may have, has left to count: `change` was reserved in `epoch`.
    pub(super) async fn settle(&self, partition: &Partition, change: Change, epoch: Option<Epoch>) {
        let Some(epoch) = epoch else { return };
        let (growing, shrinking) = (change.growing(), change.shrinking());
        // An epoch that cannot be read may be another one.
        if growing != Change::default() && self.epoch(partition).await.ok() != Some(epoch) {
            self.correct(partition, growing, Only::Always).await;
        }
        self.release(partition, shrinking, Some(epoch)).await;
    }

    /// Counts what has become smaller since `epoch`.
    pub(super) async fn release(&self, partition: &Partition, change: Change, epoch: Option<Epoch>) {
        if let Some(epoch) = epoch
            && change != Change::default()
        {
            self.correct(partition, change, Only::In(epoch)).await;
        }
    }

    /// Changes the count after a write. A count that stays too high is corrected when it reaches the quota.
    async fn correct(&self, partition: &Partition, change: Change, only: Only) {
        match self.count(partition, change, only).await {
            Ok(_) | Err(StateError::Conflict) => {}
            Err(error) => tracing::warn!(%error, "the size of a bucket is counted wrongly"),
        }
    }

    /// Adds to the count, and returns its epoch; [`StateError::Conflict`] if the condition does not hold.
    async fn count(&self, partition: &Partition, change: Change, only: Only) -> Result<Epoch, StateError> {
        let mut values = json!({
            ":bytes": number(change.bytes),
            ":keys": number(change.keys),
            ":r": number(Version::random()?.0),
        });
        let mut request = json!({
            "Key": key(partition),
            "UpdateExpression": "ADD b :bytes, k :keys SET r = :r",
            "ReturnValues": "ALL_NEW",
        });
        match only {
            Only::Within(quota) => {
                let room = |most: u64, more: i64| most.checked_sub(u64::try_from(more).ok()?);
                let room = room(quota.bytes, change.bytes).zip(room(quota.keys, change.keys));
                let (bytes, keys) = room.ok_or(StateError::Full)?;
                values[":room"] = number(bytes);
                values[":places"] = number(keys);
                request["ConditionExpression"] =
                    json!("attribute_not_exists(pk) OR (b <= :room AND k <= :places)");
            }
            Only::In(Epoch(None)) => request["ConditionExpression"] = json!("attribute_not_exists(o)"),
            Only::In(Epoch(Some(epoch))) => {
                values[":o"] = number(epoch);
                request["ConditionExpression"] = json!("o = :o");
            }
            Only::Always => {}
        }
        request["ExpressionAttributeValues"] = values;
        let answer = self.table.send("UpdateItem", request, Repeat::IfRefused).await?;
        Ok(Epoch(answer.get("Attributes").and_then(|item| integer(item, "o"))))
    }

    /// Counts the items again; returns false if that was done a short time ago.
    async fn recount(&self, partition: &Partition) -> Result<bool, StateError> {
        for attempt in 0..MAX_RECOUNTS {
            let counted_s: u64 = integer(&self.counted(partition).await?, "c").unwrap_or_default();
            if counted_s.saturating_add(RECOUNT_S) > self.table.now_ms() / 1000 {
                return Ok(attempt > 0); // somebody else has just done it
            }
            let epoch = self.begin_epoch(partition).await?;
            let usage = self.measure(partition).await?;
            match self.replace_count(partition, usage, epoch).await {
                Err(StateError::Conflict) => {} // somebody writes: what was read may be old
                result => return result.map(|()| true),
            }
        }
        Ok(true)
    }

    /// Begins a new epoch, whose number is the version of the count as well.
    async fn begin_epoch(&self, partition: &Partition) -> Result<u64, StateError> {
        let epoch = Version::random()?.0;
        let request = json!({
            "Key": key(partition),
            "UpdateExpression": "SET o = :o, r = :o",
            "ExpressionAttributeValues": { ":o": number(epoch) },
        });
        self.table.send("UpdateItem", request, Repeat::IfRefused).await?;
        Ok(epoch)
    }

    /// Writes the count that was made in an epoch, if nobody has changed it since the epoch began.
    async fn replace_count(&self, partition: &Partition, usage: Usage, epoch: u64) -> Result<(), StateError> {
        let mut item = key(partition);
        item["b"] = number(usage.bytes);
        item["k"] = number(usage.keys);
        item["c"] = number(self.table.now_ms() / 1000);
        item["o"] = number(epoch);
        item["r"] = number(Version::random()?.0);
        let request = json!({
            "Item": item,
            "ConditionExpression": "r = :r",
            "ExpressionAttributeValues": { ":r": number(epoch) },
        });
        self.table.send("PutItem", request, Repeat::IfRefused).await.map(drop)
    }

    /// Returns the epoch of a partition that has a quota.
    pub(super) async fn epoch(&self, partition: &Partition) -> Result<Epoch, StateError> {
        Ok(Epoch(integer(&self.counted(partition).await?, "o")))
    }

    /// Reads the item that counts a partition. A partition that was never written to has `null`.
    async fn counted(&self, partition: &Partition) -> Result<Json, StateError> {
        let request = json!({ "Key": key(partition), "ConsistentRead": true });
        let answer = self.table.send("GetItem", request, Repeat::Always).await?;
        Ok(answer.get("Item").cloned().unwrap_or_default())
    }

    /// Sums up the items that are alive.
    async fn measure(&self, partition: &Partition) -> Result<Usage, StateError> {
        let (mut usage, mut start) = (Usage::default(), None::<Json>);
        loop {
            let mut request = json!({
                "KeyConditionExpression": "pk = :pk",
                "ExpressionAttributeValues": { ":pk": { "S": partition.name } },
                "ProjectionExpression": "w, e",
                "ConsistentRead": true,
            });
            if let Some(start) = start {
                request["ExclusiveStartKey"] = start;
            }
            let answer = self.table.send("Query", request, Repeat::Always).await?;
            let items = answer.get("Items").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
            let now_ms = self.table.now_ms();
            let alive = items.iter().filter(|item| item::end_ms(item).is_none_or(|end| end > now_ms));
            usage = alive.fold(usage, |usage, item| usage.with(integer(item, "w").unwrap_or_default()));
            match answer.get("LastEvaluatedKey") {
                Some(last) => start = Some(last.clone()),
                None => return Ok(usage),
            }
        }
    }
}

/// Returns the key of the item that counts a partition.
fn key(partition: &Partition) -> Json {
    item::key(&format!("size/{}", partition.name), "-")
}

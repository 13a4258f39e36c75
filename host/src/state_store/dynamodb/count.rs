//! Counts what the items of a partition take, in an item of its own.
//!
//! A write that grows is counted before it happens, and one that shrinks afterwards: whatever fails in between, the count
//! is too high and never too low. DynamoDB removes items that have ended without telling, so a count that reaches its
//! quota is made again from the items, once a minute at most.

use serde_json::{Value as Json, json};

use super::client::Repeat;
use super::item::{self, integer, number};
use super::{DynamoDb, Entry, Partition, StateError, Version, weight};
use crate::state_store::{Quota, Usage};

/// The shortest time between two counts of a partition, in seconds.
const RECOUNT_S: u64 = 60;

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

/// What the count of a partition was when it was looked at.
#[derive(Default)]
struct Count {
    version: Option<u64>,
    counted_s: u64,
}

impl DynamoDb {
    /// Counts a write that grows, before it happens.
    ///
    /// # Errors
    /// [`StateError::Full`], and what keeps the store from writing.
    pub(super) async fn reserve(&self, partition: &Partition, change: Change) -> Result<(), StateError> {
        let change = change.growing();
        let Some(quota) = partition.quota.filter(|_| change != Change::default()) else { return Ok(()) };
        match self.count(partition, change, Some(quota)).await {
            Err(StateError::Conflict) => {}
            result => return result,
        }
        if !self.recount(partition).await? {
            return Err(StateError::Full);
        }
        self.count(partition, change, Some(quota)).await.map_err(|error| match error {
            StateError::Conflict => StateError::Full,
            error => error,
        })
    }

    /// Counts a write that shrinks, after it happened.
    pub(super) async fn release(&self, partition: &Partition, change: Change) -> Result<(), StateError> {
        if partition.quota.is_none() || change == Change::default() {
            return Ok(());
        }
        // The write has happened: a count that stays too high is corrected when it reaches the quota.
        if let Err(error) = self.count(partition, change, None).await {
            tracing::warn!(%error, "the size of a bucket is counted too high");
        }
        Ok(())
    }

    /// Adds to the count, if the sum stays within the quota.
    async fn count(
        &self,
        partition: &Partition,
        change: Change,
        quota: Option<Quota>,
    ) -> Result<(), StateError> {
        let mut values = json!({
            ":bytes": number(change.bytes),
            ":keys": number(change.keys),
            ":r": number(Version::random()?.0),
        });
        let mut request = json!({
            "Key": key(partition),
            "UpdateExpression": "ADD b :bytes, k :keys SET r = :r",
        });
        if let Some(quota) = quota {
            let room = |most: u64, more: i64| most.checked_sub(u64::try_from(more).ok()?);
            let room = room(quota.bytes, change.bytes).zip(room(quota.keys, change.keys));
            let (bytes, keys) = room.ok_or(StateError::Full)?;
            values[":room"] = number(bytes);
            values[":places"] = number(keys);
            request["ConditionExpression"] =
                json!("attribute_not_exists(pk) OR (b <= :room AND k <= :places)");
        }
        request["ExpressionAttributeValues"] = values;
        self.table.send("UpdateItem", request, Repeat::IfRefused).await.map(drop)
    }

    /// Counts the items again; returns false if that was done a short time ago.
    async fn recount(&self, partition: &Partition) -> Result<bool, StateError> {
        let before = self.counted(partition).await?;
        let now_s = self.table.now_ms() / 1000;
        if before.counted_s.saturating_add(RECOUNT_S) > now_s {
            return Ok(false);
        }
        let usage = self.measure(partition).await?;
        let mut request = json!({
            "Item": {
                "pk": key(partition)["pk"], "sk": key(partition)["sk"],
                "b": number(usage.bytes), "k": number(usage.keys),
                "c": number(now_s), "r": number(Version::random()?.0),
            },
        });
        if let Some(version) = before.version {
            request["ConditionExpression"] = json!("r = :r");
            request["ExpressionAttributeValues"] = json!({ ":r": number(version) });
        }
        match self.table.send("PutItem", request, Repeat::IfRefused).await {
            // Somebody writes: the count that is there is as good.
            Ok(_) | Err(StateError::Conflict) => Ok(true),
            Err(error) => Err(error),
        }
    }

    async fn counted(&self, partition: &Partition) -> Result<Count, StateError> {
        let request = json!({ "Key": key(partition), "ConsistentRead": true });
        let answer = self.table.send("GetItem", request, Repeat::Always).await?;
        let Some(item) = answer.get("Item") else { return Ok(Count::default()) };
        Ok(Count { version: integer(item, "r"), counted_s: integer(item, "c").unwrap_or_default() })
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

//! Counts what the items of a partition take, in an item of its own.
//!
//! A write that grows is counted before it happens, and one that shrinks afterwards: whatever fails in between, the count
//! is too high and never too low. DynamoDB removes items that have ended without telling, within days. So a count that
//! reaches its quota is made again from the items, once a minute at most, and those that have ended are removed then. One
//! that is written over before is known to be counted if it has ended since the last count.
//!
//! While that happens, others write. A recount first gives the count a new [`Epoch`], then reads the items, and is dropped
//! and made again if the count has changed meanwhile. Whoever writes knows the epoch from before its write and looks at
//! it afterwards: if it is another one, the recount may have seen the write or not. Then what grew is counted again, and
//! what shrank is not, so that the count is too high at worst.

use futures_util::future::join_all;
use serde_json::{Value as Json, json};

use super::client::Repeat;
use super::item::{self, integer, number};
use super::{DynamoDb, Entry, Partition, StateError, Version, weight};
use crate::state_store::{Quota, Usage};

/// The shortest time between two counts of a partition, in seconds.
const RECOUNT_S: u64 = 60;

/// Most attempts at a recount that writes overtake.
const MAX_RECOUNTS: usize = 3;

/// Most items that have ended, and that a recount removes. Of a bucket with the default quota, these are twice as many as
/// can be added until the next one.
const MAX_REMOVED: usize = 2_000;

/// Removals at a time.
const REMOVED_AT_ONCE: usize = 16;

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

/// Tells the time between two recounts from every other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Epoch {
    /// A random number from the beginning of a recount; `None` before the first one.
    number: Option<u64>,
    /// The second at the end of the last recount.
    counted_s: Option<u64>,
}

impl Epoch {
    /// Reads it from the item that counts a partition.
    fn of(counted: &Json) -> Self {
        Self { number: integer(counted, "o"), counted_s: integer(counted, "c") }
    }

    /// Tells whether the count has an entry that is in the table: one that had ended was left out by a recount.
    pub(super) fn has(self, entry: &Entry) -> bool {
        entry.expires_ms.is_none_or(|end| end / 1000 > self.counted_s.unwrap_or_default())
    }

    /// Adds the condition that no recount has begun or ended since.
    fn set_condition(self, request: &mut Json, values: &mut Json) {
        let mut same = |attribute: &str, value: Option<u64>| match value {
            None => format!("attribute_not_exists({attribute})"),
            Some(value) => {
                values[format!(":{attribute}")] = number(value);
                format!("{attribute} = :{attribute}")
            }
        };
        let (number, counted) = (same("o", self.number), same("c", self.counted_s));
        request["ConditionExpression"] = json!(format!("{number} AND {counted}"));
    }
}

/// The condition of a change of the count.
#[derive(Clone, Copy, Debug)]
enum Only {
    /// The sum stays within the quota.
    Within(Quota),
    /// No recount has begun or ended since.
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
                // What does not grow may be above its quota, which was lower before.
                let mut fits = Vec::new();
                for (attribute, more, most) in
                    [("b", change.bytes, quota.bytes), ("k", change.keys, quota.keys)]
                {
                    let Some(more) = u64::try_from(more).ok().filter(|more| *more > 0) else { continue };
                    values[format!(":{attribute}")] = number(most.checked_sub(more).ok_or(StateError::Full)?);
                    fits.push(format!("{attribute} <= :{attribute}"));
                }
                request["ConditionExpression"] =
                    json!(format!("attribute_not_exists(pk) OR ({})", fits.join(" AND ")));
            }
            Only::In(epoch) => epoch.set_condition(&mut request, &mut values),
            Only::Always => {}
        }
        request["ExpressionAttributeValues"] = values;
        let answer = self.table.send("UpdateItem", request, Repeat::IfRefused).await?;
        Ok(Epoch::of(answer.get("Attributes").unwrap_or(&Json::Null)))
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
        Ok(Epoch::of(&self.counted(partition).await?))
    }

    /// Reads the item that counts a partition. A partition that was never written to has `null`.
    async fn counted(&self, partition: &Partition) -> Result<Json, StateError> {
        let request = json!({ "Key": key(partition), "ConsistentRead": true });
        let answer = self.table.send("GetItem", request, Repeat::Always).await?;
        Ok(answer.get("Item").cloned().unwrap_or_default())
    }

    /// Sums up the items that are alive, and removes those that have ended.
    async fn measure(&self, partition: &Partition) -> Result<Usage, StateError> {
        let (mut usage, mut start, mut removable) = (Usage::default(), None::<Json>, MAX_REMOVED);
        loop {
            let mut request = json!({
                "KeyConditionExpression": "pk = :pk",
                "ExpressionAttributeValues": { ":pk": { "S": partition.name } },
                "ProjectionExpression": "pk, sk, w, e",
                "ConsistentRead": true,
            });
            if let Some(start) = start {
                request["ExclusiveStartKey"] = start;
            }
            let answer = self.table.send("Query", request, Repeat::Always).await?;
            let items = answer.get("Items").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
            let now_ms = self.table.now_ms();
            let is_alive = |item: &&Json| item::end_ms(item).is_none_or(|end| end > now_ms);
            let (alive, ended): (Vec<_>, Vec<_>) = items.iter().partition(is_alive);
            let weights = alive.into_iter().map(|item| integer(item, "w").unwrap_or_default());
            usage = weights.fold(usage, Usage::with);
            let ended = &ended[..ended.len().min(removable)];
            removable -= ended.len();
            self.remove_ended(ended, now_ms).await;
            match answer.get("LastEvaluatedKey") {
                Some(last) => start = Some(last.clone()),
                None => return Ok(usage),
            }
        }
    }

    /// Removes items that are not counted any more. DynamoDB removes those later for which this fails.
    async fn remove_ended(&self, items: &[&Json], now_ms: u64) {
        for items in items.chunks(REMOVED_AT_ONCE) {
            let removals = items.iter().map(|item| {
                let request = json!({
                    "Key": { "pk": item["pk"], "sk": item["sk"] },
                    "ConditionExpression": "e <= :now",
                    "ExpressionAttributeValues": { ":now": number(now_ms / 1000) },
                });
                self.table.send("DeleteItem", request, Repeat::IfRefused)
            });
            for removal in join_all(removals).await {
                match removal {
                    Ok(_) | Err(StateError::Conflict) => {}
                    Err(error) => return tracing::warn!(%error, "items of a bucket that have ended stay"),
                }
            }
        }
    }

    /// Removes the count of a partition without entries, unless somebody is about to write one.
    pub(super) async fn forget_count(&self, partition: &Partition) -> Result<(), StateError> {
        let request = json!({
            "Key": key(partition),
            "ConditionExpression": "k <= :none AND b <= :none",
            "ExpressionAttributeValues": { ":none": number(0) },
        });
        match self.table.send("DeleteItem", request, Repeat::IfRefused).await {
            Ok(_) | Err(StateError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Returns the key of the item that counts a partition.
fn key(partition: &Partition) -> Json {
    item::key(&format!("size/{}", partition.name), "-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state_store::Value;

    #[test]
    fn a_count_has_what_had_not_ended_when_it_was_made() {
        let entry = |expires_ms| Entry { value: Value::Number(1), version: Version(1), expires_ms };
        let epoch = |counted_s| Epoch { number: None, counted_s };
        for (counted_s, end_ms, expected) in [
            (Some(100), Some(99_000), false),
            (Some(100), Some(100_000), false),
            (Some(100), Some(101_000), true),
            (Some(100), None, true),
            (None, Some(1_000), true),
        ] {
            assert_eq!(epoch(counted_s).has(&entry(end_ms)), expected, "{counted_s:?} {end_ms:?}");
        }
    }
}

//! Looks at a whole table, for the operator. The function's role needs none of it.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::client::Repeat;
use super::item::{self, integer};
use super::{Condition, DynamoDb, Entry, Partition, StateError};
use crate::state_store::{Quota, Usage};

/// Most times that a partition is looked at for entries that were written while others were deleted.
const MAX_ROUNDS: usize = 10;

/// Items that are read page by page.
#[derive(Clone, Copy, Debug)]
enum Pages<'a> {
    /// Everything in the table whose partition begins so.
    Scan(&'a str),
    /// A partition.
    Query(&'a str),
}

impl Pages<'_> {
    /// Returns the operation that reads a page, and its request.
    fn first(self) -> (&'static str, Json) {
        let (operation, expression, condition, text) = match self {
            Self::Scan(prefix) => ("Scan", "FilterExpression", "begins_with(pk, :pk)", prefix),
            Self::Query(partition) => ("Query", "KeyConditionExpression", "pk = :pk", partition),
        };
        let request = json!({
            expression: condition,
            "ExpressionAttributeValues": { ":pk": { "S": text } },
            "ConsistentRead": true,
        });
        (operation, request)
    }
}

impl DynamoDb {
    /// Returns the name of the table.
    pub fn table(&self) -> &str {
        self.table.name()
    }

    /// Returns every partition whose name begins with `prefix` and that has items, with what those take that are alive.
    /// Reads the whole table (`dynamodb:Scan`).
    ///
    /// # Errors
    /// The table cannot be read.
    pub async fn partitions(&self, prefix: &str) -> Result<Vec<(String, Usage)>, StateError> {
        let mut all = BTreeMap::<String, Usage>::new();
        let count = |item: &Json, is_alive| {
            let Some(name) = item.pointer("/pk/S").and_then(Json::as_str) else { return };
            let usage = all.entry(name.to_owned()).or_default();
            if is_alive {
                *usage = usage.with(integer(item, "w").unwrap_or_default());
            }
        };
        self.each(Pages::Scan(prefix), Some("pk, w, e"), count).await?;
        Ok(all.into_iter().collect())
    }

    /// Returns the entries of a partition that are alive, by name.
    ///
    /// # Errors
    /// The table cannot be read.
    pub async fn entries(&self, partition: &str) -> Result<Vec<(String, Entry)>, StateError> {
        let mut all = Vec::new();
        let entry = |item: &Json| Some((name(item)?, item::read(item)?));
        let alive = |item: &Json, is_alive| all.extend(entry(item).filter(|_| is_alive));
        self.each(Pages::Query(partition), None, alive).await?;
        Ok(all)
    }

    /// Deletes the entries of a partition one by one, also those that have ended and those that are written meanwhile, and
    /// returns their number. Its count follows, so that whoever writes has no more room than before, and goes at last.
    ///
    /// # Errors
    /// The table cannot be read or written; entries before the error are deleted.
    pub async fn remove(&self, partition: &str) -> Result<usize, StateError> {
        // Buckets have quotas, so there is a count, whatever the quota is.
        let quota = Some(Quota { bytes: u64::MAX, keys: u64::MAX });
        let counted = Partition { name: partition.to_owned(), quota };
        let mut deleted = 0;
        for _ in 0..MAX_ROUNDS {
            let mut names = Vec::new();
            self.each(Pages::Query(partition), Some("sk"), |item, _| names.extend(name(item))).await?;
            if names.is_empty() {
                break;
            }
            for name in names {
                DynamoDb::delete(self, &counted, &name, Condition::Always).await?;
                deleted += 1;
            }
        }
        self.forget_count(&counted).await?;
        Ok(deleted)
    }

    /// Hands every item to `take`, with all attributes or some, and whether it is alive.
    async fn each(
        &self,
        pages: Pages<'_>,
        attributes: Option<&str>,
        mut take: impl FnMut(&Json, bool),
    ) -> Result<(), StateError> {
        let (operation, mut request) = pages.first();
        if let Some(attributes) = attributes {
            request["ProjectionExpression"] = json!(attributes);
        }
        loop {
            let mut answer = self.table.send(operation, request.clone(), Repeat::Always).await?;
            let now_ms = self.table.now_ms();
            for item in answer.get("Items").and_then(Json::as_array).into_iter().flatten() {
                take(item, item::end_ms(item).is_none_or(|end| end > now_ms));
            }
            match answer.get_mut("LastEvaluatedKey").map(Json::take) {
                Some(last) => request["ExclusiveStartKey"] = last,
                None => return Ok(()),
            }
        }
    }
}

/// Returns the name of an item's entry.
fn name(item: &Json) -> Option<String> {
    Some(item.pointer("/sk/S")?.as_str()?.to_owned())
}

//! Keeps entries in one table of DynamoDB.
//!
//! Five operations, each with a signature: `GetItem` (consistent), `PutItem`, `UpdateItem` and `DeleteItem` with
//! conditions, and `Query`. The time to live is compared on every read, because DynamoDB deletes late. A partition with a
//! quota has an item of its own that counts it ([`count`]). [`survey`] also reads the whole table, for the operator alone.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB.html>

mod client;
mod count;
mod item;
mod sign;
mod survey;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde_json::json;

use super::decide::end;
use super::{
    Condition, Entry, Increment, List, MAX_PAGE, Page, Partition, Put, StateError, StateFuture, StateStore,
    Value, Version, is_met, weight,
};
use crate::aws::{CredentialSource, Endpoint, EndpointError};
use crate::clock::Clock;
use crate::net::{Client, Timeouts};
use crate::variables::Variables;

pub use client::NotATable;
use client::{Repeat, Table};

/// The variable that names the table.
pub const TABLE_VARIABLE: &str = "TOOLCELL_STATE_TABLE";

/// The key of `toolcell.toml` that names it.
const TABLE_KEY: &str = "[state] table";

/// The variable with the address of a server in place of AWS's.
const ENDPOINT_VARIABLE: &str = "AWS_ENDPOINT_URL_DYNAMODB";

/// The reason why plugins cannot keep state.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// What names the table names none.
    #[error("{place}: {reason}")]
    Name {
        /// The variable or the key.
        place: &'static str,
        /// Its value.
        reason: NotATable,
    },
    /// The region or the endpoint is missing or malformed.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// A plugin keeps state, and there is no table.
    #[error(
        "the plugin {plugin} keeps state, and no table of DynamoDB is named: set {TABLE_VARIABLE} (in template.yaml, the \
         parameter PluginState=table does so) or `[state] table` in toolcell.toml, or take `grants.keyvalue` of the plugin \
         out of it"
    )]
    Missing {
        /// The first plugin that keeps state.
        plugin: String,
    },
    /// A policy needs a count, and there is no table.
    #[error(
        "`calls-per-minute`, or `confirm` of a tool that may destroy, of the plugin {plugin} takes a count that all \
         instances share, and {TABLE_VARIABLE} names no table of DynamoDB: set it (in template.yaml, the parameter \
         PluginState=table does so) or `[state] table` in toolcell.toml, or take the key out of toolcell.toml. A tool may \
         destroy unless plugin.toml denies it: if it does not, add `annotations.destructive-hint = false`, or \
         `annotations.read-only-hint = true` if it changes nothing, to its table"
    )]
    Uncounted {
        /// The first such plugin.
        plugin: String,
    },
}

/// Most attempts at a write that other calls overtake.
const MAX_ATTEMPTS: usize = 20;

/// Most pages of a list that one operation reads.
const MAX_PASSED_OVER: usize = 20;

/// A table. Making one costs nothing, and nothing is sent before the first operation.
#[derive(Debug)]
pub struct DynamoDb {
    table: Table,
}

impl DynamoDb {
    /// Makes a store of the table `name`. The role needs the five operations on it.
    ///
    /// # Errors
    /// The name is none that a table can have.
    pub fn new(
        name: String,
        client: Arc<Client>,
        endpoint: Endpoint,
        credentials: Arc<dyn CredentialSource>,
        clock: Clock,
    ) -> Result<Self, NotATable> {
        Ok(Self { table: Table::new(name, client, endpoint, credentials, clock)? })
    }

    /// Makes a store of the table that [`TABLE_VARIABLE`] names, else of `configured`; `None` if there is neither.
    ///
    /// # Errors
    /// The name, the region or the endpoint is malformed.
    pub fn open(
        configured: Option<&str>,
        credentials: Arc<dyn CredentialSource>,
        variables: &Variables,
        clock: Clock,
    ) -> Result<Option<Self>, TableError> {
        let named = variables.get(TABLE_VARIABLE).map(|name| (TABLE_VARIABLE, name));
        let named = named.or_else(|| configured.map(|name| (TABLE_KEY, name.to_owned())));
        let Some((place, name)) = named else { return Ok(None) };
        Self::named(place, name, credentials, variables, clock).map(Some)
    }

    /// Makes a store of the table `name`, which somebody has named at `place`.
    ///
    /// # Errors
    /// The name, the region or the endpoint is malformed.
    pub fn named(
        place: &'static str,
        name: String,
        credentials: Arc<dyn CredentialSource>,
        variables: &Variables,
        clock: Clock,
    ) -> Result<Self, TableError> {
        let endpoint = Endpoint::of_service(variables, ENDPOINT_VARIABLE)?;
        let client = Arc::new(Client::new(None, Timeouts::default(), clock.clone()));
        let store = Self::new(name, client, endpoint, credentials, clock);
        store.map_err(|reason| TableError::Name { place, reason })
    }

    async fn read(&self, partition: &Partition, name: &str) -> Result<Option<Entry>, StateError> {
        let found = self.find(partition, name).await?;
        Ok(found.filter(|entry| entry.is_alive(self.table.now_ms())))
    }

    /// Reads an entry, even if it has ended.
    async fn find(&self, partition: &Partition, name: &str) -> Result<Option<Entry>, StateError> {
        let request = json!({ "Key": item::key(&partition.name, name), "ConsistentRead": true });
        let answer = self.table.send("GetItem", request, Repeat::Always).await?;
        let Some(found) = answer.get("Item") else { return Ok(None) };
        let unreadable = || StateError::Unavailable("an item cannot be read".into());
        item::read(found).map(Some).ok_or_else(unreadable)
    }

    /// Reads an entry that is about to be replaced. One that has ended is removed first if the count has it, so that what
    /// takes its place is not counted in addition.
    async fn read_to_replace(&self, partition: &Partition, name: &str) -> Result<Option<Entry>, StateError> {
        let Some(entry) = self.find(partition, name).await? else { return Ok(None) };
        if entry.is_alive(self.table.now_ms()) {
            return Ok(Some(entry));
        }
        if partition.quota.is_none() {
            return Ok(None);
        }
        let epoch = self.epoch(partition).await?;
        if epoch.has(&entry) {
            let request = json!({
                "Key": item::key(&partition.name, name),
                "ConditionExpression": "r = :r",
                "ExpressionAttributeValues": { ":r": item::number(entry.version.0) },
            });
            match self.table.send("DeleteItem", request, Repeat::IfRefused).await {
                Ok(_) => {
                    self.release(partition, count::Change::between(name, Some(&entry), None), Some(epoch))
                        .await
                }
                Err(StateError::Conflict) => {} // somebody was faster
                Err(error) => return Err(error.of_a_read()),
            }
        }
        Ok(None)
    }

    /// Writes an item if the entry is still `expected`.
    async fn write(
        &self,
        partition: &Partition,
        name: &str,
        entry: &Entry,
        expected: Condition,
    ) -> Result<(), StateError> {
        let mut request = json!({ "Item": item::write(&partition.name, name, entry) });
        item::set_condition(&mut request, expected, self.table.now_ms());
        self.table.send("PutItem", request, Repeat::IfRefused).await.map(drop)
    }

    /// Writes the entry over the one that was read, and counts the difference.
    async fn replace(
        &self,
        partition: &Partition,
        name: &str,
        current: Option<&Entry>,
        entry: &Entry,
    ) -> Result<(), StateError> {
        let change = count::Change::between(name, current, Some(entry));
        // Nothing is written yet, whatever became of the count.
        let epoch = self.reserve(partition, change).await.map_err(StateError::of_a_read)?;
        let expected = current.map_or(Condition::Absent, |current| Condition::Unchanged(current.version));
        let written = self.write(partition, name, entry, expected).await;
        match written {
            Ok(()) => self.settle(partition, change, epoch).await,
            // At worst, the count is too high.
            Err(StateError::Unknown(_)) => self.settle(partition, change.growing(), epoch).await,
            Err(_) => self.release(partition, change.growing().reversed(), epoch).await,
        }
        written
    }

    async fn put(&self, partition: &Partition, name: &str, put: Put) -> Result<(), StateError> {
        let expires_ms = end(put.ttl_ms, self.table.now_ms());
        let entry = Entry { value: put.value, version: Version::random()?, expires_ms };
        if partition.quota.is_none() {
            return self.write(partition, name, &entry, put.condition).await;
        }
        for attempt in 0..MAX_ATTEMPTS {
            let current = self.read_to_replace(partition, name).await?;
            if !is_met(put.condition, current.as_ref()) {
                return Err(StateError::Conflict);
            }
            match self.replace(partition, name, current.as_ref(), &entry).await {
                // Somebody was faster: look again, less and less often.
                Err(StateError::Conflict) => tokio::time::sleep(client::pause(attempt as u64)).await,
                result => return result,
            }
        }
        Err(overtaken())
    }

    async fn delete(
        &self,
        partition: &Partition,
        name: &str,
        condition: Condition,
    ) -> Result<(), StateError> {
        let epoch = match partition.quota {
            Some(_) => Some(self.epoch(partition).await?),
            None => None,
        };
        let mut request = json!({ "Key": item::key(&partition.name, name), "ReturnValues": "ALL_OLD" });
        item::set_condition(&mut request, condition, self.table.now_ms());
        let answer = self.table.send("DeleteItem", request, Repeat::IfRefused).await?;
        let old = answer.get("Attributes").and_then(item::read);
        let old = old.filter(|entry| epoch.is_some_and(|epoch| epoch.has(entry)));
        self.release(partition, count::Change::between(name, old.as_ref(), None), epoch).await;
        Ok(())
    }

    async fn increment(
        &self,
        partition: &Partition,
        name: &str,
        increment: Increment,
    ) -> Result<i64, StateError> {
        for _ in 0..MAX_ATTEMPTS {
            match self.add(partition, name, increment).await {
                Err(StateError::Conflict) => {}
                result => return result,
            }
            let current = self.read_to_replace(partition, name).await?;
            let (entry, sum) = super::after_increment(current.as_ref(), increment, self.table.now_ms())?;
            if current.is_some() {
                continue; // it is a number now
            }
            match self.replace(partition, name, None, &entry).await {
                Ok(()) => return Ok(sum),
                Err(StateError::Conflict) => {} // it exists by now
                Err(error) => return Err(error),
            }
        }
        Err(overtaken())
    }

    /// Adds to a number that is there; [`StateError::Conflict`] if there is none, or the sum would be too large.
    async fn add(&self, partition: &Partition, name: &str, increment: Increment) -> Result<i64, StateError> {
        let request = item::addition(&partition.name, name, increment, self.table.now_ms())?;
        let answer = self.table.send("UpdateItem", request, Repeat::IfRefused).await?;
        let sum = answer.pointer("/Attributes/n/N").and_then(|sum| sum.as_str()?.parse().ok());
        sum.ok_or_else(|| StateError::Unknown("the sum of an increment cannot be read".into()))
    }

    async fn list(&self, partition: &Partition, list: List<'_>) -> Result<Page, StateError> {
        let mut request = json!({
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": { ":pk": { "S": partition.name } },
            "ProjectionExpression": "sk, e",
            "ConsistentRead": true,
            "Limit": list.limit.clamp(1, MAX_PAGE),
        });
        if !list.prefix.is_empty() {
            request["KeyConditionExpression"] = json!("pk = :pk AND begins_with(sk, :sk)");
            request["ExpressionAttributeValues"][":sk"] = json!({ "S": list.prefix });
        }
        if let Some(after) = list.after {
            // Outside of the names with the prefix, DynamoDB would refuse it.
            if !after.starts_with(list.prefix) && after > list.prefix {
                return Ok(Page::default());
            }
            if after.starts_with(list.prefix) {
                request["ExclusiveStartKey"] = item::key(&partition.name, after);
            }
        }
        // Pages without a name that is alive are passed over, but not for ever.
        for _ in 1..MAX_PASSED_OVER {
            let answer = self.table.send("Query", request.clone(), Repeat::Always).await?;
            let page = item::page(&answer, self.table.now_ms());
            match &page.next {
                Some(next) if page.names.is_empty() => {
                    request["ExclusiveStartKey"] = item::key(&partition.name, next);
                }
                _ => return Ok(page),
            }
        }
        let answer = self.table.send("Query", request, Repeat::Always).await?;
        Ok(item::page(&answer, self.table.now_ms()))
    }
}

fn overtaken() -> StateError {
    StateError::Unavailable("other calls write the entry all the time".into())
}

impl StateStore for DynamoDb {
    fn get<'a>(&'a self, partition: &'a Partition, name: &'a str) -> StateFuture<'a, Option<Entry>> {
        Box::pin(self.read(partition, name))
    }

    fn put<'a>(&'a self, partition: &'a Partition, name: &'a str, put: Put) -> StateFuture<'a, ()> {
        Box::pin(self.put(partition, name, put))
    }

    fn delete<'a>(
        &'a self,
        partition: &'a Partition,
        name: &'a str,
        condition: Condition,
    ) -> StateFuture<'a, ()> {
        Box::pin(self.delete(partition, name, condition))
    }

    fn increment<'a>(
        &'a self,
        partition: &'a Partition,
        name: &'a str,
        increment: Increment,
    ) -> StateFuture<'a, i64> {
        Box::pin(self.increment(partition, name, increment))
    }

    fn list<'a>(&'a self, partition: &'a Partition, list: List<'a>) -> StateFuture<'a, Page> {
        Box::pin(self.list(partition, list))
    }
}

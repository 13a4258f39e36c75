//! Keeps small entries that outlive a call: the state of plugins.
//!
//! [`StateStore`] is what the rest of the host knows. [`Memory`] forgets everything with the process, [`DynamoDb`] keeps
//! one table on AWS, and `toolcell serve` brings a file of its own. A store knows nothing of plugins, callers or
//! `wasi:keyvalue`: [`bucket`] alone says which partition belongs to which bucket.
//!
//! Each operation on one entry happens as a whole or not at all. Nothing spans two entries. docs/adr/0040-state.md gives
//! the reasons.

pub mod bucket;
mod decide;
mod dynamodb;
mod memory;
mod usage;
mod value;

use std::fmt;
use std::pin::Pin;

pub use decide::{after_increment, after_put, is_met};
pub use dynamodb::{DynamoDb, NotATable, TABLE_VARIABLE, TableError};
pub use memory::Memory;
pub use usage::{Quota, Usage, weight};
pub use value::{Entry, Value, Version};

/// The longest name of an entry, in bytes.
pub const MAX_NAME_BYTES: usize = 512;

/// The largest value, in bytes: an item of DynamoDB takes 400 KB with its names.
pub const MAX_VALUE_BYTES: usize = 256 << 10;

/// The most names on a page of a list.
pub const MAX_PAGE: usize = 100;

/// The beginning of the names of partitions in which policies count calls and remember answers, for an hour at most.
pub const POLICY_PREFIX: &str = "policy/";

/// The result of an operation that waits for a store.
pub type StateFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StateError>> + Send + 'a>>;

/// Entries that are listed together, and counted together if they have a quota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// The name, at most 1,024 bytes.
    pub name: String,
    /// The most that the entries may take; `None` does not count them.
    pub quota: Option<Quota>,
}

/// The condition of a write; [`StateError::Conflict`] if it does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// None.
    Always,
    /// There is no such entry.
    Absent,
    /// The entry was not written since it had this version.
    Unchanged(Version),
}

/// A value to write.
#[derive(Clone, Debug)]
pub struct Put {
    /// The value.
    pub value: Value,
    /// The condition.
    pub condition: Condition,
    /// The time that the entry lives from now on, in milliseconds; a store may keep it for up to a second longer.
    pub ttl_ms: Option<u64>,
}

/// A number to add.
#[derive(Clone, Copy, Debug)]
pub struct Increment {
    /// The number; an entry that does not exist counts as 0.
    pub delta: i64,
    /// The time that the entry lives from now on, in milliseconds; a store may keep it for up to a second longer.
    pub ttl_ms: Option<u64>,
}

/// The part of a list that is asked for.
#[derive(Clone, Copy, Debug)]
pub struct List<'a> {
    /// The start of the names.
    pub prefix: &'a str,
    /// The name before the first one.
    pub after: Option<&'a str>,
    /// The most names, at most [`MAX_PAGE`].
    pub limit: usize,
}

/// A part of a list, in alphabetical order of the bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The names.
    pub names: Vec<String>,
    /// The name after which the list goes on; `None` at its end.
    pub next: Option<String>,
}

/// The reason why an operation failed.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The condition does not hold.
    #[error("the entry was written by another call")]
    Conflict,
    /// The quota of the partition is used up.
    #[error("the bucket is full")]
    Full,
    /// The value is no number that can be added to.
    #[error("the value is not a whole number")]
    NotANumber,
    /// The sum does not fit into 64 bits.
    #[error("the sum does not fit into 64 bits")]
    Overflow,
    /// The store did nothing. The text is for operators.
    #[error("{0}")]
    Unavailable(String),
    /// The store may have done it or not. The text is for operators.
    #[error("{0}; the write may have happened")]
    Unknown(String),
}

/// Entries by partition and name. Reads see every write that ended before them.
pub trait StateStore: fmt::Debug + Send + Sync {
    /// Reads an entry; one that has expired does not exist.
    ///
    /// # Errors
    /// [`StateError::Unavailable`].
    fn get<'a>(&'a self, partition: &'a Partition, name: &'a str) -> StateFuture<'a, Option<Entry>>;

    /// Writes an entry.
    ///
    /// # Errors
    /// [`StateError::Conflict`], [`StateError::Full`], and what keeps the store from writing.
    fn put<'a>(&'a self, partition: &'a Partition, name: &'a str, put: Put) -> StateFuture<'a, ()>;

    /// Deletes an entry; succeeds without one unless the condition asks for it.
    ///
    /// # Errors
    /// [`StateError::Conflict`], and what keeps the store from writing.
    fn delete<'a>(
        &'a self,
        partition: &'a Partition,
        name: &'a str,
        condition: Condition,
    ) -> StateFuture<'a, ()>;

    /// Adds to a number and returns the sum. No store does this twice, so after [`StateError::Unknown`] the number may
    /// be either.
    ///
    /// # Errors
    /// [`StateError::NotANumber`], [`StateError::Overflow`], [`StateError::Full`], and what keeps the store from writing.
    fn increment<'a>(
        &'a self,
        partition: &'a Partition,
        name: &'a str,
        increment: Increment,
    ) -> StateFuture<'a, i64>;

    /// Lists names. A page may have fewer names than asked for although there are more.
    ///
    /// # Errors
    /// [`StateError::Unavailable`].
    fn list<'a>(&'a self, partition: &'a Partition, list: List<'a>) -> StateFuture<'a, Page>;
}

//! Holds the buckets of `wasi:keyvalue` that a plugin can open.

use serde::{Deserialize, Serialize};

/// A bucket that a plugin can open by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BucketGrant {
    /// The owner of what is in it.
    pub scope: BucketScope,
    /// The time that an entry lives after its last write, in milliseconds; `None` keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_ms: Option<u64>,
    /// The most that the names and values of an owner may take together, in bytes.
    #[serde(default = "BucketGrant::default_size")]
    pub size_bytes: u64,
    /// The most entries of an owner.
    #[serde(default = "BucketGrant::default_keys")]
    pub keys: u64,
    /// The most operations of one call.
    #[serde(default = "BucketGrant::default_operations")]
    pub operations: u64,
    /// The most that one call may read and write, in bytes.
    #[serde(default = "BucketGrant::default_transfer")]
    pub transfer_bytes: u64,
}

/// The owner of the entries of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BucketScope {
    /// Each caller has entries of its own; anonymous callers have none.
    Caller,
    /// All callers share the entries.
    Plugin,
}

impl BucketGrant {
    /// The highest `size_bytes`.
    pub const MAX_SIZE_BYTES: u64 = 1 << 30;
    /// The highest `keys`.
    pub const MAX_KEYS: u64 = 1_000_000;
    /// The highest `operations`.
    pub const MAX_OPERATIONS: u64 = 10_000;
    /// The highest `transfer_bytes`.
    pub const MAX_TRANSFER_BYTES: u64 = 64 << 20;
    /// The lowest and the highest `ttl_ms`: a second, which is as exact as DynamoDB is, and ten years.
    pub const TTL_MS: (u64, u64) = (1_000, 10 * 365 * 24 * 3_600_000);

    /// Makes a grant with the defaults.
    pub fn of(scope: BucketScope) -> Self {
        Self {
            scope,
            ttl_ms: None,
            size_bytes: Self::default_size(),
            keys: Self::default_keys(),
            operations: Self::default_operations(),
            transfer_bytes: Self::default_transfer(),
        }
    }

    /// Tells whether each number is one that a bucket can have; `toolcell.toml` is held to them as well.
    pub fn is_in_range(&self) -> bool {
        let (least_ttl_ms, most_ttl_ms) = Self::TTL_MS;
        let numbers = [
            (self.size_bytes, Self::MAX_SIZE_BYTES),
            (self.keys, Self::MAX_KEYS),
            (self.operations, Self::MAX_OPERATIONS),
            (self.transfer_bytes, Self::MAX_TRANSFER_BYTES),
        ];
        numbers.into_iter().all(|(number, most)| (1..=most).contains(&number))
            && self.ttl_ms.is_none_or(|ttl_ms| (least_ttl_ms..=most_ttl_ms).contains(&ttl_ms))
    }

    fn default_size() -> u64 {
        1 << 20
    }

    fn default_keys() -> u64 {
        1_000
    }

    fn default_operations() -> u64 {
        100
    }

    fn default_transfer() -> u64 {
        4 << 20
    }
}

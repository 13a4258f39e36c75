//! `[plugins.NAME.grants.keyvalue]` of `toolcell.toml`: the buckets that a plugin can open, by name; and `[state]`.

use std::collections::BTreeMap;

use toolcell_host::catalog::{BucketGrant, BucketScope};
use toolcell_host::state_store::NotATable;

use crate::document::Table;
use crate::document::limit;
use crate::ui::problem::{Problem, Result};

/// The longest name of a bucket, in bytes.
const MAX_NAME_BYTES: usize = 64;

/// Reads the buckets.
pub(super) fn read(grants: &Table<'_>) -> Result<BTreeMap<String, BucketGrant>> {
    grants.tables("keyvalue", |name, table| {
        check_name(name)
            .map_err(|problem| Problem { at: grants.place(&format!("keyvalue.{name}")), ..problem })?;
        let mut grant = BucketGrant::of(read_scope(table)?);
        grant.ttl_ms = read_ttl(table)?;
        let bytes = |key, default, most| Ok(limit::bytes(table, key, most)?.unwrap_or(default));
        grant.size_bytes = bytes("size", grant.size_bytes, BucketGrant::MAX_SIZE_BYTES)?;
        grant.transfer_bytes = bytes("transfer", grant.transfer_bytes, BucketGrant::MAX_TRANSFER_BYTES)?;
        grant.keys = read_count(table, "keys", grant.keys, BucketGrant::MAX_KEYS)?;
        grant.operations = read_count(table, "operations", grant.operations, BucketGrant::MAX_OPERATIONS)?;
        Ok(grant)
    })
}

/// Reads `table` of `[state]`.
pub(super) fn read_table(state: &Table<'_>) -> Result<Option<String>> {
    let Some(name) = state.text("table")? else { return Ok(None) };
    match NotATable::check(&name) {
        Ok(()) => Ok(Some(name)),
        Err(_) => Err(state
            .wrong("table", "is not the name of a table")
            .found(format!("{name:?}"))
            .expected("the name of a table of DynamoDB: 3 to 255 letters, digits, `_`, `-` or `.`")
            .next("write the name of the table, not its ARN")),
    }
}

/// Checks the name of a bucket; the problem does not say yet where the name stands.
///
/// # Errors
/// It is empty, too long, or has other characters.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    if (1..=MAX_NAME_BYTES).contains(&name.len()) && name.bytes().all(is_plain) {
        return Ok(());
    }
    Err(Problem::refused("keyvalue", "is not the name of a bucket")
        .found(format!("{name:?}"))
        .expected(format!("1 to {MAX_NAME_BYTES} letters, digits, `-`, `_` or `.`"))
        .next("write the name that the plugin passes to `open`, such as `default`"))
}

fn read_scope(table: &Table<'_>) -> Result<BucketScope> {
    match table.required("scope", "\"caller\"")?.as_str() {
        "caller" => Ok(BucketScope::Caller),
        "plugin" => Ok(BucketScope::Plugin),
        other => Err(table
            .wrong("scope", "is not a scope")
            .found(format!("\"{other}\""))
            .expected("\"caller\", for entries of each caller's own, or \"plugin\", for entries that all callers share")
            .next("write scope = \"caller\", unless all callers may see the entries")),
    }
}

fn read_ttl(table: &Table<'_>) -> Result<Option<u64>> {
    let (least, most) = BucketGrant::TTL_MS;
    match limit::milliseconds(table, "ttl")? {
        Some(ttl) if !(least..=most).contains(&ttl) => Err(table
            .wrong("ttl", "is too short or too long")
            .found(limit::show_duration(ttl))
            .expected(format!("{} to {}", limit::show_duration(least), limit::show_duration(most)))
            .next("write, for example, ttl = \"30 d\", or remove the key to keep entries")),
        ttl => Ok(ttl),
    }
}

fn read_count(table: &Table<'_>, key: &'static str, default: u64, most: u64) -> Result<u64> {
    match table.count(key)? {
        None => Ok(default),
        Some(count) if (1..=most).contains(&count) => Ok(count),
        Some(count) => Err(table
            .wrong(key, "is not a valid limit")
            .found(count.to_string())
            .expected(format!("a whole number, from 1 to {most}"))
            .next(format!("write, for example, {key} = {default}"))),
    }
}

//! `[releases]` of `toolcell.toml`: whom the function trusts to release plugins, and how much they may have.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use toolcell_host::catalog::{Ceiling, Limits, ReleaseKey, Releases};
use toolcell_host::digest::Digest;
use toolcell_host::release::{TrustedKey, TrustedKeys};
use toolcell_host::timestamp::Timestamp;

use super::{http, read_directory};
use crate::document::limit::{self, Overrides};
use crate::document::{Table, name};
use crate::ui::problem::Result;
use crate::ui::read::{MAX_TEXT_BYTES, read_regular};

/// The longest time between two checks, in milliseconds: a day.
const MAX_CHECK_MS: u64 = 24 * 3_600_000;

/// The shortest time between two checks, in milliseconds: a second, so that a busy function does not ask all the time.
const MIN_CHECK_MS: u64 = 1_000;

/// The longest time for which an expired release is served, in milliseconds: a year.
const MAX_STALE_MS: u64 = 365 * 24 * 3_600_000;

/// The beginning of a certificate in a PEM file.
const CERTIFICATE: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// `[releases]`, read.
#[derive(Clone, Debug)]
pub struct ReleasesConfig {
    /// The settings, as the catalog holds them.
    pub settings: Releases,
    /// The contents of the file that `ca-bundle` names.
    pub ca_bundle: Option<Vec<u8>>,
}

impl ReleasesConfig {
    /// Returns the keys of `[releases.keys]`.
    pub fn keys(&self) -> Vec<TrustedKey> {
        trusted(&self.settings.keys)
    }
}

/// Reads `[releases]`.
pub(super) fn read(table: &Table<'_>, base: &Path) -> Result<ReleasesConfig> {
    let ca_bundle = read_ca_bundle(table, base)?;
    let settings = Releases {
        check_ms: duration(table, "check", Releases::CHECK_MS, (MIN_CHECK_MS, MAX_CHECK_MS))?,
        stale_ms: duration(table, "stale", Releases::STALE_MS, (0, MAX_STALE_MS))?,
        lowest_serial: read_lowest_serial(table)?,
        ca_bundle: ca_bundle.as_deref().map(Digest::of),
        keys: read_keys(table)?,
        ceiling: table.table("ceiling", read_ceiling)?.unwrap_or_default(),
    };
    Ok(ReleasesConfig { settings, ca_bundle })
}

fn duration(table: &Table<'_>, key: &'static str, default: u64, (least, most): (u64, u64)) -> Result<u64> {
    match limit::milliseconds(table, key)? {
        None => Ok(default),
        Some(value) if (least..=most).contains(&value) => Ok(value),
        Some(value) => Err(table
            .wrong(key, "is too short or too long")
            .found(limit::show_duration(value))
            .expected(format!("{} to {}", limit::show_duration(least), limit::show_duration(most)))
            .next(format!("write {key} = {}, or remove the key", limit::show_duration(default)))),
    }
}

fn read_lowest_serial(table: &Table<'_>) -> Result<u64> {
    match table.count("lowest-serial")? {
        None => Ok(1),
        Some(0) => Err(table
            .wrong("lowest-serial", "is not a serial")
            .found("0")
            .expected("a whole number, 1 or more")
            .next("write the serial of the oldest release that may run; `toolcell releases` lists them")),
        Some(serial) => Ok(serial),
    }
}

/// Reads the file that `ca-bundle` names.
pub(super) fn read_ca_bundle(table: &Table<'_>, base: &Path) -> Result<Option<Vec<u8>>> {
    let Some(path) = table.text("ca-bundle")? else { return Ok(None) };
    let bytes = read_regular(&base.join(&path), MAX_TEXT_BYTES).map_err(|error| {
        table
            .wrong("ca-bundle", "cannot be read")
            .found(error.to_string())
            .expected("a PEM file with one or more certificates")
            .next("correct `ca-bundle`, or remove it")
    })?;
    if bytes.windows(CERTIFICATE.len()).any(|window| window == CERTIFICATE) {
        return Ok(Some(bytes));
    }
    Err(table
        .wrong("ca-bundle", "holds no certificate")
        .found(path)
        .expected("a PEM file with one or more certificates")
        .next("name the file with the certificates of your authority"))
}

fn read_keys(table: &Table<'_>) -> Result<BTreeMap<String, ReleaseKey>> {
    let keys = table.tables("keys", |_, table| {
        let public = table.required("public", "\"ed25519:...\"")?;
        Ok(ReleaseKey { public: parsed(table, "public", &public)?, expires: read_expires(table)? })
    })?;
    for key in keys.keys() {
        name::check_word(table, &format!("keys.{key}"), key)?;
    }
    if keys.is_empty() {
        return Ok(keys); // they come from a variable
    }
    match TrustedKeys::new(trusted(&keys)) {
        Ok(_) => Ok(keys),
        Err(error) => Err(table
            .wrong("keys", "cannot be used")
            .found(error.to_string())
            .expected(format!("different keys, at most {}", TrustedKeys::MAX))
            .next("remove the keys that sign no more releases")),
    }
}

fn read_expires(table: &Table<'_>) -> Result<Option<Timestamp>> {
    let text = table.text("expires")?;
    text.map(|text| parsed(table, "expires", &text)).transpose()
}

/// Parses a text, whose error says what is expected.
fn parsed<T: std::str::FromStr<Err: ToString>>(
    table: &Table<'_>,
    key: &'static str,
    text: &str,
) -> Result<T> {
    text.parse().map_err(|error: T::Err| {
        let expected = error.to_string();
        table
            .wrong(key, "has the wrong form")
            .found(format!("\"{text}\""))
            .expected(expected.trim_start_matches("expected "))
            .next(format!("correct {}", table.path(key)))
    })
}

fn trusted(keys: &BTreeMap<String, ReleaseKey>) -> Vec<TrustedKey> {
    let key = |(name, key): (&String, &ReleaseKey)| TrustedKey {
        name: name.clone(),
        key: key.public,
        expires: key.expires,
    };
    keys.iter().map(key).collect()
}

fn read_ceiling(table: &Table<'_>) -> Result<Ceiling> {
    let limits = table.table("limits", Overrides::read)?.unwrap_or_default();
    let mut ceiling = table.table("grants", read_grants)?.unwrap_or_default();
    ceiling.limits = limits.over(Limits::default());
    Ok(ceiling)
}

fn read_grants(table: &Table<'_>) -> Result<Ceiling> {
    let names = |key| Ok(table.texts(key)?.into_iter().flatten().collect::<BTreeSet<_>>());
    Ok(Ceiling {
        limits: Limits::default(),
        config: names("config")?,
        secrets: names("secrets")?,
        environment: names("environment")?,
        directories: table.list("directories", read_directory)?,
        http: http::read_all(table)?,
        keyvalue: names("keyvalue")?,
    })
}

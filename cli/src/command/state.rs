//! `toolcell state`: shows, exports and deletes what plugins keep in the file of a project, or in a table.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use toolcell_host::auth::Identity;
use toolcell_host::state_store::bucket::{Caller, Named};
use toolcell_host::state_store::{Entry, TABLE_VARIABLE, Usage};
use toolcell_host::variables::Variables;

use crate::bundle::open;
use crate::config;
use crate::state::Survey;
use crate::ui::exit::Exit;
use crate::ui::format::Format;
use crate::ui::problem::{Problem, Result};
use crate::ui::terminal::{Terminal, counted, size};

/// Hexadecimal digits by which people tell callers apart.
const SHOWN_DIGITS: usize = 12;

/// Selects the state of a project: all of it, or a part.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'a> {
    /// The configuration; the file is in its folder.
    pub config: &'a Path,
    /// The name of the caller, its ARN, or its issuer, `#` and its name there.
    pub caller: Option<&'a str>,
    /// The name of the plugin in the configuration.
    pub plugin: Option<&'a str>,
    /// The name of the bucket.
    pub bucket: Option<&'a str>,
    /// The place of the state.
    pub place: Place<'a>,
}

/// The place of the state that is selected.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// The one that `toolcell serve` uses here.
    Local,
    /// The table of the function: the one that a variable names, or the configuration.
    Function,
    /// A table.
    Table(&'a str),
}

/// The entries of one owner in a bucket.
#[derive(Serialize)]
struct Held {
    plugin: String,
    bucket: String,
    /// The digest of the caller; `None` if all callers share the entries.
    caller: Option<String>,
    keys: u64,
    bytes: u64,
    #[serde(skip)]
    partition: String,
}

/// An entry, as `export` prints it.
#[derive(Serialize)]
struct Exported<'a> {
    plugin: &'a str,
    bucket: &'a str,
    caller: Option<&'a str>,
    key: &'a str,
    /// The value, if it is text.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    /// The value in base64, if it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
    /// The end of the entry, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_ms: Option<u64>,
}

/// Lists who has how much in which bucket.
///
/// # Errors
/// The file cannot be read.
pub fn list(selection: Selection<'_>, format: Format, terminal: &Terminal) -> Result<Exit> {
    let (_, mut held) = selection.read()?;
    held.retain(|held| held.keys > 0); // a table may still have entries that have ended
    match format {
        Format::Json => terminal.print(serde_json::to_string(&held).expect("names and numbers are JSON")),
        Format::Text if held.is_empty() => terminal.note("no plugin keeps state here"),
        Format::Text => held.iter().for_each(|held| terminal.print(line(held))),
    }
    Ok(Exit::Done)
}

fn line(held: &Held) -> String {
    let owner = match &held.caller {
        Some(digest) => format!("caller {}", &digest[..SHOWN_DIGITS.min(digest.len())]),
        None => "all callers".to_owned(),
    };
    let (keys, bytes) = (counted(held.keys as usize, "key"), size(held.bytes as usize));
    format!("{}  {}  {owner}  {keys}, {bytes}", held.plugin, held.bucket)
}

/// Prints every entry as a line of JSON.
///
/// # Errors
/// The file cannot be read.
pub fn export(selection: Selection<'_>, terminal: &Terminal) -> Result<Exit> {
    let (store, held) = selection.read()?;
    for held in &held {
        for (key, entry) in store.entries(&held.partition)? {
            terminal.print(json(held, &key, entry));
        }
    }
    Ok(Exit::Done)
}

fn json(held: &Held, key: &str, entry: Entry) -> String {
    let bytes = entry.value.into_bytes();
    let text = std::str::from_utf8(&bytes).ok();
    let exported = Exported {
        plugin: &held.plugin,
        bucket: &held.bucket,
        caller: held.caller.as_deref(),
        key,
        text,
        base64: text.is_none().then(|| STANDARD.encode(&bytes)),
        expires_ms: entry.expires_ms,
    };
    serde_json::to_string(&exported).expect("texts and numbers are JSON")
}

/// Deletes everything that is kept for a caller or a plugin.
///
/// # Errors
/// The file cannot be written.
pub fn delete(selection: Selection<'_>, terminal: &Terminal) -> Result<Exit> {
    let (store, held) = selection.read()?;
    let mut deleted = 0;
    for held in &held {
        deleted += store.remove(&held.partition)?;
    }
    terminal.note(match store.place() {
        Some(place) => format!("deleted {} from {place}", counted(deleted, "key")),
        None => "no plugin keeps state here".to_owned(),
    });
    Ok(Exit::Done)
}

impl Selection<'_> {
    /// Opens the store, and finds the buckets that are selected.
    fn read(&self) -> Result<(Survey, Vec<Held>)> {
        let store = match self.place {
            Place::Local => Survey::local(&open::base(self.config))?,
            Place::Table(name) => Survey::of_table(name)?,
            Place::Function => Survey::of_table(&self.configured()?)?,
        };
        let partitions = store.partitions()?;
        let digests = self.caller.map(digests);
        let held = partitions.into_iter().filter_map(|(partition, usage)| held(partition, usage));
        let held = held.filter(|held| {
            let is_callers = digests
                .as_ref()
                .is_none_or(|digests| held.caller.as_ref().is_some_and(|caller| digests.contains(caller)));
            let is_plugins = self.plugin.is_none_or(|plugin| plugin == held.plugin);
            is_callers && is_plugins && self.bucket.is_none_or(|bucket| bucket == held.bucket)
        });
        let held = held.collect();
        Ok((store, held))
    }
}

impl Selection<'_> {
    /// Returns the table that the variable or the configuration names.
    fn configured(&self) -> Result<String> {
        let named = Variables::of_process().get(TABLE_VARIABLE);
        if let Some(table) = named {
            return Ok(table);
        }
        let config = config::read(self.config)?;
        config.state_table.ok_or_else(|| {
            Problem::refused("--table", "does not say which table")
                .found(format!("neither {TABLE_VARIABLE} nor `[state] table` in {}", self.config.display()))
                .expected("the name of a table of DynamoDB")
                .next("write --table=NAME")
        })
    }
}

fn held(partition: String, Usage { bytes, keys }: Usage) -> Option<Held> {
    let Named { plugin, bucket, caller, .. } = Named::read(&partition)?;
    Some(Held { plugin, bucket, caller, keys, bytes, partition })
}

/// Returns the digests of everybody whom a name may mean: the holder of a token, a role or user of AWS, and a user of an
/// authorization server.
fn digests(name: &str) -> Vec<String> {
    let of = |kind, issuer: &str, subject: &str| Caller { kind, issuer, subject }.digest().to_string();
    let identity = name.parse::<Identity>().ok();
    let identity = identity.map(|identity| of("iam", "", identity.as_str()));
    // An issuer has no `#`, a user's name there may have one.
    let user = name.split_once('#').map(|(issuer, subject)| of("oauth", issuer, subject));
    [of("bearer", "", name)].into_iter().chain(identity).chain(user).collect()
}

//! Knows the tables of the file: entries by partition and name, and what the entries of each partition take.

use std::fs::{self, OpenOptions};
use std::io;
use std::ops::Bound;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use redb::backends::FileBackend;
use redb::{
    Database, DatabaseError, ReadableDatabase as _, ReadableTable, Table, TableDefinition, WriteTransaction,
};
use toolcell_host::state_store::{Entry, List, MAX_PAGE, Page, Partition, StateError, Usage, weight};

use super::record;

/// Entries by partition and name.
const ENTRIES: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("entries");

/// The bytes and the number of the entries of a partition.
const USAGE: TableDefinition<'_, &str, (u64, u64)> = TableDefinition::new("usage");

/// The largest part of the file that is kept in memory, in bytes.
const CACHE_BYTES: usize = 16 << 20;

/// The tables of an open file.
#[derive(Debug)]
pub(super) struct Tables {
    database: Database,
}

/// The reason why a file cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenError {
    /// Another process has it.
    #[error("another process uses the state of this project")]
    InUse,
    /// Anything else.
    #[error("the state of this project cannot be opened: {0}")]
    Other(String),
}

impl Tables {
    /// Opens the file at `path`, and makes it and its directory if they are missing. Nobody else can read it.
    pub(super) fn open(path: &Path) -> Result<Self, OpenError> {
        let failed = |error: io::Error| OpenError::Other(error.to_string());
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory).map_err(failed)?;
            let ignored = directory.join(".gitignore");
            if !ignored.exists() {
                fs::write(ignored, "*\n").map_err(failed)?;
            }
        }
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
        let file = file.map_err(failed)?;
        let refused = |error| match error {
            DatabaseError::DatabaseAlreadyOpen => OpenError::InUse,
            error => OpenError::Other(error.to_string()),
        };
        let backend = FileBackend::new(file).map_err(refused)?;
        let mut builder = Database::builder();
        let database = builder.set_cache_size(CACHE_BYTES).create_with_backend(backend).map_err(refused)?;
        let tables = Self { database };
        tables.make().map_err(|error| OpenError::Other(error.to_string()))?;
        Ok(tables)
    }

    /// Makes the tables, so that they can be read before anything was written.
    fn make(&self) -> Result<(), redb::Error> {
        let transaction = self.database.begin_write()?;
        transaction.open_table(ENTRIES)?;
        transaction.open_table(USAGE)?;
        transaction.commit()?;
        Ok(())
    }

    /// Reads an entry, even if it has expired.
    pub(super) fn get(&self, partition: &str, name: &str) -> Result<Option<Entry>, StateError> {
        let read = || -> Result<Option<Option<Entry>>, redb::Error> {
            let entries = self.database.begin_read()?.open_table(ENTRIES)?;
            Ok(entries.get((partition, name))?.map(|record| record::read(record.value())))
        };
        match read().map_err(unread)? {
            Some(None) => Err(StateError::Unavailable("an entry of the file cannot be read".to_owned())),
            found => Ok(found.flatten()),
        }
    }

    /// Replaces an entry by what `change` makes of the one that is alive.
    pub(super) fn write<T>(
        &self,
        partition: &Partition,
        name: &str,
        now_ms: u64,
        change: impl FnOnce(Option<&Entry>) -> Result<(Option<Entry>, T), StateError>,
    ) -> Result<T, StateError> {
        let transaction = self.database.begin_write().map_err(|error| unread(error.into()))?;
        let result = Partitions::of(&transaction)?.write(partition, name, now_ms, change)?;
        transaction.commit().map_err(|error| StateError::Unknown(format!("cannot write state: {error}")))?;
        Ok(result)
    }

    /// Lists the names of entries that are alive.
    pub(super) fn page(&self, partition: &str, list: List<'_>, now_ms: u64) -> Result<Page, StateError> {
        let limit = list.limit.clamp(1, MAX_PAGE);
        let read = || -> Result<Page, redb::Error> {
            let entries = self.database.begin_read()?.open_table(ENTRIES)?;
            let first = match list.after {
                Some(after) if after >= list.prefix => Bound::Excluded((partition, after)),
                _ => Bound::Included((partition, list.prefix)),
            };
            let mut page = Page::default();
            for entry in entries.range::<(&str, &str)>((first, Bound::Unbounded))? {
                let (key, record) = entry?;
                let (owner, name) = key.value();
                if owner != partition || !name.starts_with(list.prefix) {
                    break;
                }
                if page.names.len() == limit {
                    page.next = page.names.last().cloned();
                    break;
                }
                if record::read(record.value()).is_some_and(|entry| entry.is_alive(now_ms)) {
                    page.names.push(name.to_owned());
                }
            }
            Ok(page)
        };
        read().map_err(unread)
    }

    /// Returns every partition with what it takes.
    pub(super) fn partitions(&self) -> Result<Vec<(String, Usage)>, StateError> {
        let read = || -> Result<Vec<(String, Usage)>, redb::Error> {
            let usage = self.database.begin_read()?.open_table(USAGE)?;
            let mut all = Vec::new();
            for partition in usage.iter()? {
                let (name, usage) = partition?;
                let (bytes, keys) = usage.value();
                if keys > 0 {
                    all.push((name.value().to_owned(), Usage { bytes, keys }));
                }
            }
            Ok(all)
        };
        read().map_err(unread)
    }

    /// Returns the entries of a partition.
    pub(super) fn entries(&self, partition: &str) -> Result<Vec<(String, Entry)>, StateError> {
        let read = || -> Result<Vec<(String, Entry)>, redb::Error> {
            let entries = self.database.begin_read()?.open_table(ENTRIES)?;
            of_partition(&entries, partition)
        };
        read().map_err(unread)
    }

    /// Deletes a partition, and returns the number of its entries.
    pub(super) fn remove(&self, partition: &str) -> Result<usize, StateError> {
        let write = || -> Result<usize, redb::Error> {
            let transaction = self.database.begin_write()?;
            let removed = {
                let mut entries = transaction.open_table(ENTRIES)?;
                let all = of_partition(&entries, partition)?;
                for (name, _) in &all {
                    entries.remove((partition, name.as_str()))?;
                }
                transaction.open_table(USAGE)?.remove(partition)?;
                all.len()
            };
            transaction.commit()?;
            Ok(removed)
        };
        write().map_err(unread)
    }
}

/// The tables within a transaction that writes.
struct Partitions<'t> {
    entries: Table<'t, (&'static str, &'static str), &'static [u8]>,
    usage: Table<'t, &'static str, (u64, u64)>,
}

impl<'t> Partitions<'t> {
    fn of(transaction: &'t WriteTransaction) -> Result<Self, StateError> {
        let open = || -> Result<Self, redb::Error> {
            Ok(Self { entries: transaction.open_table(ENTRIES)?, usage: transaction.open_table(USAGE)? })
        };
        open().map_err(unread)
    }

    fn write<T>(
        &mut self,
        partition: &Partition,
        name: &str,
        now_ms: u64,
        change: impl FnOnce(Option<&Entry>) -> Result<(Option<Entry>, T), StateError>,
    ) -> Result<T, StateError> {
        let stored = self.get(&partition.name, name).map_err(unread)?;
        let alive = stored.as_ref().filter(|entry| entry.is_alive(now_ms));
        let (after, result) = change(alive)?;
        let mut before = self.counted(&partition.name).map_err(unread)?;
        let old = stored.map(|entry| weight(name, &entry.value));
        let without_old = |usage: Usage| old.map_or(usage, |old| usage.without(old));
        let new = after.as_ref().map(|entry| weight(name, &entry.value));
        let with_new = |usage: Usage| new.map_or(without_old(usage), |new| without_old(usage).with(new));
        if with_new(before).check(before, partition.quota).is_err() {
            before = self.purge(&partition.name, name, now_ms).map_err(unread)?;
            with_new(before).check(before, partition.quota)?;
        }
        self.put(&partition.name, name, after.as_ref(), with_new(before)).map_err(unread)?;
        Ok(result)
    }

    fn get(&self, partition: &str, name: &str) -> Result<Option<Entry>, redb::Error> {
        Ok(self.entries.get((partition, name))?.and_then(|record| record::read(record.value())))
    }

    fn counted(&self, partition: &str) -> Result<Usage, redb::Error> {
        let usage = self.usage.get(partition)?.map(|usage| usage.value());
        Ok(usage.map_or_else(Usage::default, |(bytes, keys)| Usage { bytes, keys }))
    }

    /// Deletes the entries that have expired, but for one, and counts the others again.
    fn purge(&mut self, partition: &str, but: &str, now_ms: u64) -> Result<Usage, redb::Error> {
        let mut usage = Usage::default();
        for (name, entry) in of_partition(&self.entries, partition)? {
            if name == but || entry.is_alive(now_ms) {
                usage = usage.with(weight(&name, &entry.value));
            } else {
                self.entries.remove((partition, name.as_str()))?;
            }
        }
        Ok(usage)
    }

    fn put(
        &mut self,
        partition: &str,
        name: &str,
        entry: Option<&Entry>,
        usage: Usage,
    ) -> Result<(), redb::Error> {
        match entry {
            Some(entry) => self.entries.insert((partition, name), record::write(entry).as_slice())?,
            None => self.entries.remove((partition, name))?,
        };
        match usage.keys {
            0 => self.usage.remove(partition)?,
            _ => self.usage.insert(partition, (usage.bytes, usage.keys))?,
        };
        Ok(())
    }
}

fn of_partition(
    entries: &impl ReadableTable<(&'static str, &'static str), &'static [u8]>,
    partition: &str,
) -> Result<Vec<(String, Entry)>, redb::Error> {
    let mut all = Vec::new();
    for entry in entries.range::<(&str, &str)>((partition, "")..)? {
        let (key, record) = entry?;
        let (owner, name) = key.value();
        if owner != partition {
            break;
        }
        if let Some(entry) = record::read(record.value()) {
            all.push((name.to_owned(), entry));
        }
    }
    Ok(all)
}

/// A failure before anything was committed: the file is as it was.
fn unread(error: redb::Error) -> StateError {
    StateError::Unavailable(format!("cannot use the file with the state: {error}"))
}

//! Knows the tables of the file: entries by partition and name, what the entries of each partition take, and when the
//! first of them ends.
//!
//! A write to a partition that is full reads the others of its entries only if one of them can have ended since.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::ops::Bound;
use std::path::Path;

use redb::backends::FileBackend;
use redb::{
    Database, DatabaseError, ReadableDatabase as _, ReadableTable, Table, TableDefinition, WriteTransaction,
};
use toolcell_host::state_store::{Entry, List, MAX_PAGE, Page, Partition, StateError, Usage, weight};

use super::record;
use crate::ui::write::UNFINISHED;

/// Entries by partition and name.
const ENTRIES: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("entries");

/// The bytes and the number of the entries of a partition.
const USAGE: TableDefinition<'_, &str, (u64, u64)> = TableDefinition::new("usage");

/// A time at which no entry of a partition has ended yet, in milliseconds since 1970; none is missing but for partitions
/// that an earlier version of toolcell has written.
const ENDS: TableDefinition<'_, &str, u64> = TableDefinition::new("ends");

/// The end of a partition of which no entry ends.
const NEVER_MS: u64 = u64::MAX;

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
        if !path.exists() {
            Self::create(path)?;
        }
        Self::of(OpenOptions::new().read(true).write(true).open(path).map_err(failed)?)
    }

    /// Makes the file whole under another name first, so that nobody finds it half made after a kill.
    fn create(path: &Path) -> Result<(), OpenError> {
        let failed = |error: io::Error| OpenError::Other(error.to_string());
        let directory = path.parent().unwrap_or(Path::new("."));
        let new = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(directory).map_err(failed)?;
        drop(Self::of(new.reopen().map_err(failed)?)?);
        match new.persist_noclobber(path) {
            Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(failed(error.error)),
            _ => Ok(()), // or another process was faster
        }
    }

    fn of(file: File) -> Result<Self, OpenError> {
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
        transaction.open_table(ENDS)?;
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
        result.ok_or(StateError::Full)
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

    /// Returns the name of every partition that has entries.
    pub(super) fn partitions(&self) -> Result<Vec<String>, StateError> {
        let read = || -> Result<Vec<String>, redb::Error> {
            let usage = self.database.begin_read()?.open_table(USAGE)?;
            usage.iter()?.map(|partition| Ok(partition?.0.value().to_owned())).collect()
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
                transaction.open_table(ENDS)?.remove(partition)?;
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
    ends: Table<'t, &'static str, u64>,
}

/// Sums up a partition, so that a write need not read its entries.
#[derive(Clone, Copy)]
struct Count {
    usage: Usage,
    /// No entry ends before this time.
    first_end_ms: u64,
}

impl Count {
    /// The count of a partition without entries.
    const NONE: Self = Self { usage: Usage { bytes: 0, keys: 0 }, first_end_ms: NEVER_MS };

    /// Returns the count with one more entry.
    fn with(self, name: &str, entry: &Entry) -> Self {
        Self {
            usage: self.usage.with(weight(name, &entry.value)),
            first_end_ms: self.first_end_ms.min(entry.expires_ms.unwrap_or(NEVER_MS)),
        }
    }

    /// Returns the count after an entry took the place of another, or of none.
    fn replacing(self, name: &str, old: Option<&Entry>, new: Option<&Entry>) -> Self {
        let usage = old.map_or(self.usage, |old| self.usage.without(weight(name, &old.value)));
        let rest = Self { usage, ..self };
        new.map_or(rest, |new| rest.with(name, new))
    }
}

impl<'t> Partitions<'t> {
    fn of(transaction: &'t WriteTransaction) -> Result<Self, StateError> {
        let open = || -> Result<Self, redb::Error> {
            Ok(Self {
                entries: transaction.open_table(ENTRIES)?,
                usage: transaction.open_table(USAGE)?,
                ends: transaction.open_table(ENDS)?,
            })
        };
        open().map_err(unread)
    }

    /// Replaces an entry, as [`Tables::write`] does; returns `None` if there is no room for it even without the entries
    /// that had ended, which are deleted.
    fn write<T>(
        &mut self,
        partition: &Partition,
        name: &str,
        now_ms: u64,
        change: impl FnOnce(Option<&Entry>) -> Result<(Option<Entry>, T), StateError>,
    ) -> Result<Option<T>, StateError> {
        let mut old = self.get(&partition.name, name).map_err(unread)?;
        let (after, result) = change(old.as_ref().filter(|entry| entry.is_alive(now_ms)))?;
        let mut before = self.counted(&partition.name).map_err(unread)?;
        let mut count = before.replacing(name, old.as_ref(), after.as_ref());
        if let Err(full) = count.usage.check(before.usage, partition.quota) {
            if before.first_end_ms > now_ms {
                return Err(full);
            }
            before = self.purge(&partition.name, now_ms).map_err(unread)?;
            old = old.filter(|entry| entry.is_alive(now_ms));
            count = before.replacing(name, old.as_ref(), after.as_ref());
            if count.usage.check(before.usage, partition.quota).is_err() {
                self.set_count(&partition.name, before).map_err(unread)?;
                return Ok(None);
            }
        }
        self.put(&partition.name, name, after.as_ref()).map_err(unread)?;
        self.set_count(&partition.name, count).map_err(unread)?;
        Ok(Some(result))
    }

    fn get(&self, partition: &str, name: &str) -> Result<Option<Entry>, redb::Error> {
        Ok(self.entries.get((partition, name))?.and_then(|record| record::read(record.value())))
    }

    fn put(&mut self, partition: &str, name: &str, entry: Option<&Entry>) -> Result<(), redb::Error> {
        match entry {
            Some(entry) => self.entries.insert((partition, name), record::write(entry).as_slice())?,
            None => self.entries.remove((partition, name))?,
        };
        Ok(())
    }

    fn counted(&self, partition: &str) -> Result<Count, redb::Error> {
        let Some((bytes, keys)) = self.usage.get(partition)?.map(|usage| usage.value()) else {
            return Ok(Count::NONE);
        };
        let first_end_ms = self.ends.get(partition)?.map_or(0, |end| end.value());
        Ok(Count { usage: Usage { bytes, keys }, first_end_ms })
    }

    fn set_count(&mut self, partition: &str, count: Count) -> Result<(), redb::Error> {
        let Count { usage: Usage { bytes, keys }, first_end_ms } = count;
        if keys == 0 {
            self.usage.remove(partition)?;
            self.ends.remove(partition)?;
        } else {
            self.usage.insert(partition, (bytes, keys))?;
            self.ends.insert(partition, first_end_ms)?;
        }
        Ok(())
    }

    /// Deletes the entries that have ended, and counts the others again.
    fn purge(&mut self, partition: &str, now_ms: u64) -> Result<Count, redb::Error> {
        let all = of_partition(&self.entries, partition)?;
        tracing::debug!(entries = all.len(), "a bucket is full, and its entries are looked through");
        let mut count = Count::NONE;
        for (name, entry) in all {
            if entry.is_alive(now_ms) {
                count = count.with(&name, &entry);
            } else {
                self.entries.remove((partition, name.as_str()))?;
            }
        }
        Ok(count)
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

//! Keeps the state of plugins in a file of the project, for `serve`, `dev` and `call`.
//!
//! [`FileStore`] opens its file when it is first used, and holds it for itself: a second process is refused. Each write
//! is on the disk when it returns, so that the process may be killed at any moment. What policies count is kept in memory:
//! it is good for an hour at most.

mod record;
mod survey;
mod table;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use toolcell_host::clock::Clock;
use toolcell_host::state_store::{
    Condition, DynamoDb, Entry, Increment, List, Memory, POLICY_PREFIX, Page, Partition, Put, StateError,
    StateFuture, StateStore, TABLE_VARIABLE, TableError, Usage, after_increment, after_put, is_met, weight,
};
use toolcell_host::variables::Variables;

use crate::aws::CommandCredentials;
use crate::ui::problem::{Problem, Result};

pub use survey::Survey;
use table::Tables;

/// The directory of the file, in the folder of the configuration or beside the bundle.
pub const DIRECTORY: &str = ".toolcell";

/// The name of the file.
pub const FILE: &str = "state.redb";

/// The time that a server may take to end, with its calls, while the next one starts.
const HANDOVER: Duration = Duration::from_secs(4);

/// The entries of a project, in a file.
#[derive(Clone, Debug)]
pub struct FileStore(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    clock: Clock,
    /// The file; `None` before its first use, and after a failure: a database that has failed to write once refuses
    /// everything until it is opened again.
    tables: Mutex<Option<Arc<Tables>>>,
    policies: Memory,
}

impl FileStore {
    /// Makes a store of the project at `base`. Opens nothing yet.
    pub fn of(base: &Path, clock: Clock) -> Self {
        let path = base.join(DIRECTORY).join(FILE);
        let policies = Memory::new(clock.clone());
        Self(Arc::new(Inner { path, clock, tables: Mutex::new(None), policies }))
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Opens the file now; a missing one is made. Waits a few seconds for a process that is just ending.
    ///
    /// # Errors
    /// Another process has it, or it cannot be read or written.
    pub fn open(&self) -> Result<()> {
        let start = Instant::now();
        let mut opened = self.0.tables();
        while matches!(opened, Err(table::OpenError::InUse)) && start.elapsed() < HANDOVER {
            std::thread::sleep(HANDOVER / 40);
            opened = self.0.tables();
        }
        opened.map(drop).map_err(|error| {
            let shown = self.path().display().to_string();
            match error {
                table::OpenError::InUse => Problem::refused(shown, "is in use")
                    .found("another `toolcell` process that serves this project")
                    .expected("one process at a time")
                    .next(format!(
                        "stop the other process, or set {TABLE_VARIABLE} to keep state in a table that several can use"
                    )),
                table::OpenError::Other(reason) => Problem::refused(shown, "cannot be opened")
                    .found(reason)
                    .expected("a file of this version of toolcell in a directory that can be written")
                    .next("make the directory writable; to begin without state, move the file away"),
            }
        })
    }

    /// Returns every partition that has entries, with what those take that are alive.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn partitions(&self) -> std::result::Result<Vec<(String, Usage)>, StateError> {
        let names = self.0.tables()?.partitions()?;
        let usage = |name: String| {
            let entries = self.entries(&name)?.into_iter();
            let weights = entries.map(|(key, entry)| weight(&key, &entry.value));
            Ok((name, weights.fold(Usage::default(), Usage::with)))
        };
        names.into_iter().map(usage).collect()
    }

    /// Returns the entries of a partition that are alive.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn entries(&self, partition: &str) -> std::result::Result<Vec<(String, Entry)>, StateError> {
        let entries = self.0.tables()?.entries(partition)?;
        let now_ms = self.0.clock.now_ms();
        Ok(entries.into_iter().filter(|(_, entry)| entry.is_alive(now_ms)).collect())
    }

    /// Deletes a partition, and returns the number of its entries.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn remove(&self, partition: &str) -> std::result::Result<usize, StateError> {
        self.0.tables()?.remove(partition)
    }

    /// Returns what keeps a partition in memory, if it belongs to policies.
    fn in_memory(&self, partition: &Partition) -> Option<&Memory> {
        partition.name.starts_with(POLICY_PREFIX).then_some(&self.0.policies)
    }

    /// Runs `work`, which waits for the disk, on a thread that may wait.
    fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tables, u64) -> std::result::Result<T, StateError> + Send + 'static,
    ) -> StateFuture<'static, T> {
        let inner = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || {
            let tables = inner.tables()?;
            let result = work(&tables, inner.clock.now_ms());
            if let Err(StateError::Unavailable(_) | StateError::Unknown(_)) = result {
                inner.close(&tables);
            }
            result
        });
        Box::pin(async move {
            done.await
                .unwrap_or_else(|error| Err(StateError::Unknown(format!("the store panicked: {error}"))))
        })
    }
}

impl Inner {
    /// Returns the tables, from the file if it is not open yet; threads that come meanwhile wait.
    fn tables(&self) -> std::result::Result<Arc<Tables>, table::OpenError> {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tables) = &*tables {
            return Ok(Arc::clone(tables));
        }
        Ok(Arc::clone(tables.insert(Arc::new(Tables::open(&self.path)?))))
    }

    /// Lets the next operation open the file again.
    fn close(&self, failed: &Arc<Tables>) {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        tables.take_if(|tables| Arc::ptr_eq(tables, failed));
    }
}

impl From<table::OpenError> for StateError {
    fn from(error: table::OpenError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl StateStore for FileStore {
    fn get<'a>(&'a self, partition: &'a Partition, name: &'a str) -> StateFuture<'a, Option<Entry>> {
        if let Some(memory) = self.in_memory(partition) {
            return memory.get(partition, name);
        }
        let (partition, name) = (partition.name.clone(), name.to_owned());
        self.on_disk(move |tables, now_ms| {
            Ok(tables.get(&partition, &name)?.filter(|entry| entry.is_alive(now_ms)))
        })
    }

    fn put<'a>(&'a self, partition: &'a Partition, name: &'a str, put: Put) -> StateFuture<'a, ()> {
        if let Some(memory) = self.in_memory(partition) {
            return memory.put(partition, name, put);
        }
        let (partition, name) = (partition.clone(), name.to_owned());
        self.on_disk(move |tables, now_ms| {
            tables
                .write(&partition, &name, now_ms, |current| Ok((Some(after_put(current, put, now_ms)?), ())))
        })
    }

    fn delete<'a>(
        &'a self,
        partition: &'a Partition,
        name: &'a str,
        condition: Condition,
    ) -> StateFuture<'a, ()> {
        if let Some(memory) = self.in_memory(partition) {
            return memory.delete(partition, name, condition);
        }
        let (partition, name) = (partition.clone(), name.to_owned());
        self.on_disk(move |tables, now_ms| {
            tables.write(&partition, &name, now_ms, |current| match is_met(condition, current) {
                true => Ok((None, ())),
                false => Err(StateError::Conflict),
            })
        })
    }

    fn increment<'a>(
        &'a self,
        partition: &'a Partition,
        name: &'a str,
        increment: Increment,
    ) -> StateFuture<'a, i64> {
        if let Some(memory) = self.in_memory(partition) {
            return memory.increment(partition, name, increment);
        }
        let (partition, name) = (partition.clone(), name.to_owned());
        self.on_disk(move |tables, now_ms| {
            tables.write(&partition, &name, now_ms, |current| {
                let (entry, sum) = after_increment(current, increment, now_ms)?;
                Ok((Some(entry), sum))
            })
        })
    }

    fn list<'a>(&'a self, partition: &'a Partition, list: List<'a>) -> StateFuture<'a, Page> {
        if let Some(memory) = self.in_memory(partition) {
            return memory.list(partition, list);
        }
        let (partition, prefix) = (partition.name.clone(), list.prefix.to_owned());
        let (after, limit) = (list.after.map(str::to_owned), list.limit);
        self.on_disk(move |tables, now_ms| {
            let list = List { prefix: &prefix, after: after.as_deref(), limit };
            tables.page(&partition, list, now_ms)
        })
    }
}

/// Returns the store of a project on this machine: a table, if a variable names one, or the file, not opened yet. The
/// table that `toolcell.toml` names is the function's, and nothing that is tried out here writes to it.
///
/// # Errors
/// The variables name no usable table.
pub fn local(base: &Path) -> Result<LocalStore> {
    Ok(match variable_table()? {
        Some(table) => LocalStore::Table(Arc::new(table)),
        None => LocalStore::File(FileStore::of(base, Clock::system())),
    })
}

/// Opens the table that the variable names, with the AWS credentials of whoever runs the command.
fn variable_table() -> Result<Option<DynamoDb>> {
    let variables = Variables::of_process();
    let credentials = Arc::new(CommandCredentials::new(&variables));
    DynamoDb::open(None, credentials, &variables, Clock::system()).map_err(|error| {
        unusable(TABLE_VARIABLE, &error)
            .next(format!("correct the variables, or unset {TABLE_VARIABLE} to keep state in a file"))
    })
}

/// Opens the table with this name in the same way.
fn named_table(name: &str) -> Result<DynamoDb> {
    let variables = Variables::of_process();
    let credentials = Arc::new(CommandCredentials::new(&variables));
    DynamoDb::named("--table", name.to_owned(), credentials, &variables, Clock::system())
        .map_err(|error| unusable("--table", &error).next("correct the name, and set AWS_REGION"))
}

fn unusable(place: &str, error: &TableError) -> Problem {
    Problem::refused(place, "does not name a table that can be used")
        .found(error.to_string())
        .expected("the name of a table of DynamoDB, and AWS_REGION")
}

/// The store of a project on this machine.
#[derive(Clone, Debug)]
pub enum LocalStore {
    /// A file of the project.
    File(FileStore),
    /// A table of DynamoDB.
    Table(Arc<DynamoDb>),
}

impl LocalStore {
    /// Returns what calls use.
    pub fn shared(&self) -> Arc<dyn StateStore> {
        match self {
            Self::File(file) => Arc::new(file.clone()),
            Self::Table(table) => Arc::clone(table) as Arc<dyn StateStore>,
        }
    }

    /// Opens the file, if it is one.
    ///
    /// # Errors
    /// Another process has it, or it cannot be read or written.
    pub fn open(&self) -> Result<()> {
        match self {
            Self::File(file) => file.open(),
            Self::Table(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use toolcell_host::state_store::Value;

    use super::*;

    #[tokio::test]
    async fn what_policies_count_never_reaches_the_file() {
        let directory = tempfile::tempdir().unwrap();
        let store = FileStore::of(directory.path(), Clock::system());
        let partition = |name: String| Partition { name, quota: None };
        let counts = partition(format!("{POLICY_PREFIX}calls"));
        let once = Increment { delta: 1, ttl_ms: Some(60_000) };
        assert_eq!(store.increment(&counts, "minute", once).await.unwrap(), 1);
        assert_eq!(store.increment(&counts, "minute", once).await.unwrap(), 2);
        assert!(!store.path().exists());
        let value = Value::of("x".as_bytes());
        let put = Put { value, condition: Condition::Always, ttl_ms: None };
        store.put(&partition("kv/notes".to_owned()), "a", put).await.unwrap();
        assert!(store.path().exists());
        assert_eq!(store.partitions().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn what_has_ended_is_in_no_sum() {
        let directory = tempfile::tempdir().unwrap();
        let store = FileStore::of(directory.path(), Clock::system());
        let notes = Partition { name: "kv/notes".to_owned(), quota: None };
        for (name, ttl_ms) in [("ended", Some(0)), ("kept", None)] {
            let put = Put { value: Value::of("x".as_bytes()), condition: Condition::Always, ttl_ms };
            store.put(&notes, name, put).await.unwrap();
        }
        assert_eq!(store.partitions().unwrap(), [(notes.name, Usage { bytes: 5, keys: 1 })]);
    }
}

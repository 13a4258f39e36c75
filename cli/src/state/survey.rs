//! Looks at everything that is kept, for `toolcell state`: in the file of a project, or in a table of DynamoDB.

use std::path::Path;

use tokio::runtime::Runtime;
use toolcell_host::clock::Clock;
use toolcell_host::state_store::bucket::PREFIX;
use toolcell_host::state_store::{DynamoDb, Entry, StateError, Usage};

use super::FileStore;
use crate::ui::problem::{Problem, Result};

/// A store whose entries are listed, shown or deleted.
#[derive(Debug)]
pub enum Survey {
    /// There is no file yet.
    Nothing,
    /// The file of a project.
    File(FileStore),
    /// A table.
    Table {
        /// The table.
        table: DynamoDb,
        /// The runtime of its requests.
        runtime: Runtime,
    },
}

impl Survey {
    /// Opens the store of the project at `base`: the table that a variable names, or the file.
    ///
    /// # Errors
    /// The table's name or its region is wrong, or another process has the file.
    pub fn local(base: &Path) -> Result<Self> {
        if let Some(table) = super::variable_table()? {
            return Self::of(table);
        }
        let file = FileStore::of(base, Clock::system());
        if !file.path().exists() {
            return Ok(Self::Nothing);
        }
        file.open()?;
        Ok(Self::File(file))
    }

    /// Opens a table, whatever the variable says.
    ///
    /// # Errors
    /// Its name or its region is wrong.
    pub fn of_table(name: &str) -> Result<Self> {
        Self::of(super::named_table(name)?)
    }

    fn of(table: DynamoDb) -> Result<Self> {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        match runtime.enable_io().enable_time().build() {
            Ok(runtime) => Ok(Self::Table { table, runtime }),
            Err(error) => Err(Problem::internal("toolcell state", "cannot start").found(error.to_string())),
        }
    }

    /// Returns every partition with what its entries take. Those of a table may all have ended.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn partitions(&self) -> Result<Vec<(String, Usage)>> {
        match self {
            Self::Nothing => Ok(Vec::new()),
            Self::File(file) => file.partitions().map_err(|error| self.unusable(&error)),
            Self::Table { table, runtime } => {
                runtime.block_on(table.partitions(PREFIX)).map_err(|error| self.unusable(&error))
            }
        }
    }

    /// Returns the entries of a partition that are alive.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn entries(&self, partition: &str) -> Result<Vec<(String, Entry)>> {
        match self {
            Self::Nothing => Ok(Vec::new()),
            Self::File(file) => file.entries(partition).map_err(|error| self.unusable(&error)),
            Self::Table { table, runtime } => {
                runtime.block_on(table.entries(partition)).map_err(|error| self.unusable(&error))
            }
        }
    }

    /// Deletes a partition, and returns the number of its entries.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn remove(&self, partition: &str) -> Result<usize> {
        match self {
            Self::Nothing => Ok(0),
            Self::File(file) => file.remove(partition).map_err(|error| self.unusable(&error)),
            Self::Table { table, runtime } => {
                runtime.block_on(table.remove(partition)).map_err(|error| self.unusable(&error))
            }
        }
    }

    /// Names the file or the table.
    pub fn place(&self) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::File(file) => Some(file.path().display().to_string()),
            Self::Table { table, .. } => Some(format!("table {}", table.table())),
        }
    }

    fn unusable(&self, error: &StateError) -> Problem {
        let place = self.place().unwrap_or_default();
        Problem::internal(place, "cannot be read or written").found(error.to_string())
    }
}

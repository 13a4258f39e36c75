//! Arguments of the command `state`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::command::state::{Place, Selection};
use crate::config;
use crate::ui::exit;

/// Show, export or delete what plugins keep between calls
///
/// `toolcell serve`, `dev` and `call` keep state in .toolcell/state.redb beside toolcell.toml. Stop them first. With
/// --table, the command looks at the table of a function instead. The names of callers are in neither: each is kept as a
/// digest.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(in crate::command) struct State {
    #[command(subcommand)]
    pub(in crate::command) action: StateAction,
}

#[derive(Debug, Subcommand)]
pub(in crate::command) enum StateAction {
    /// List who has how much in which bucket
    List {
        #[command(flatten)]
        selected: SelectedState,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print every entry as a line of JSON
    Export {
        #[command(flatten)]
        selected: SelectedState,
    },
    /// Delete everything that is kept for one caller
    Delete {
        /// Configuration of the project; its state file is in the same folder
        #[arg(long, value_name = "FILE", default_value = config::FILE)]
        config: PathBuf,
        /// Name of the caller in [auth.bearer], its ARN, or ISSUER#NAME as in the log
        #[arg(long, value_name = "NAME")]
        caller: String,
        #[command(flatten)]
        table: StateTable,
    },
}

/// Selects the state of a project.
#[derive(Debug, Args)]
pub(in crate::command) struct SelectedState {
    /// Configuration of the project; its state file is in the same folder
    #[arg(long, value_name = "FILE", default_value = config::FILE)]
    pub(in crate::command) config: PathBuf,
    /// Only what is kept for this caller: its name in [auth.bearer], its ARN, or ISSUER#NAME as in the log
    #[arg(long, value_name = "NAME")]
    pub(in crate::command) caller: Option<String>,
    #[command(flatten)]
    pub(in crate::command) table: StateTable,
}

/// Selects a table in place of the project's file.
#[derive(Debug, Args)]
pub(in crate::command) struct StateTable {
    /// A table of DynamoDB in place of the file [default name: TOOLCELL_STATE_TABLE, else `table` of [state]]
    #[arg(long = "table", value_name = "NAME", num_args = 0..=1, require_equals = true)]
    name: Option<Option<String>>,
}

impl StateTable {
    pub(in crate::command) fn place(&self) -> Place<'_> {
        match &self.name {
            None => Place::Local,
            Some(None) => Place::Function,
            Some(Some(name)) => Place::Table(name),
        }
    }
}

impl SelectedState {
    pub(in crate::command) fn selection(&self) -> Selection<'_> {
        let (caller, place) = (self.caller.as_deref(), self.table.place());
        Selection { config: &self.config, caller, place }
    }
}

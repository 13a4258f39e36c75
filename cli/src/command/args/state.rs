//! Arguments of the command `state`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

use crate::command::state::{Place, Selection};
use crate::config;
use crate::ui::exit;

/// Show, export or delete what plugins keep between calls
///
/// `toolcell serve`, `dev` and `call` keep state in .toolcell/state.redb beside toolcell.toml: stop them first. If
/// TOOLCELL_STATE_TABLE is set, they use that table of DynamoDB, and so does this command. With --table, it uses the table
/// of a function. The names of callers are in neither: each is kept as a digest.
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
    /// Delete everything that is kept for one caller or one plugin, without a question
    #[command(group = ArgGroup::new("owner").args(["caller", "plugin"]).required(true).multiple(true))]
    Delete {
        #[command(flatten)]
        selected: SelectedState,
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
    /// Only what is kept for this plugin: its name in [plugins.NAME] when it wrote, for all callers unless --caller names one
    #[arg(long, value_name = "NAME")]
    pub(in crate::command) plugin: Option<String>,
    /// Only what is in this bucket of the plugin
    #[arg(long, value_name = "NAME", requires = "plugin")]
    pub(in crate::command) bucket: Option<String>,
    /// A table of DynamoDB in place of the file [default name: TOOLCELL_STATE_TABLE, else `table` of [state]]
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true)]
    pub(in crate::command) table: Option<Option<String>>,
}

impl SelectedState {
    pub(in crate::command) fn selection(&self) -> Selection<'_> {
        Selection {
            config: &self.config,
            caller: self.caller.as_deref(),
            plugin: self.plugin.as_deref(),
            bucket: self.bucket.as_deref(),
            place: match &self.table {
                None => Place::Local,
                Some(None) => Place::Function,
                Some(Some(name)) => Place::Table(name),
            },
        }
    }
}

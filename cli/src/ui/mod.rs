//! What every command shares with its reader: problems, progress, formats, the terminal and exit codes.

pub(crate) mod closest;
pub mod exit;
pub mod format;
pub mod problem;
pub mod progress;
pub mod terminal;
pub(crate) mod write;

//! Holds what every command uses to talk to its user: problems, progress, formats, terminal, exit codes, files.

pub(crate) mod closest;
pub mod exit;
pub mod format;
pub(crate) mod lock;
pub mod problem;
pub mod progress;
pub(crate) mod read;
pub mod terminal;
pub(crate) mod write;

//! The exit codes of every command, and nothing else.

use std::process::ExitCode;

use super::problem::{Problem, ProblemKind};

/// Tells how a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything is as asked.
    Done,
    /// The tool that was called reported an error, `check` found something, or a case of `test` failed.
    Found,
    /// The command line is wrong.
    Usage,
    /// A configuration or input file is refused.
    Refused,
    /// Something that should not happen.
    Internal,
}

/// The lines that `--help` shows.
pub const HELP: &str = "\
Exit codes:
  0  done
  1  the tool reported an error, `check`, `verify`, `doctor` or `auth check` found something, or a case of `test` failed
  2  the command line is wrong
  3  a configuration or input file is refused, or a program is not installed
  4  internal error: disk, network or a mistake in toolcell";

impl Exit {
    /// The number that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Found => 1,
            Exit::Usage => 2,
            Exit::Refused => 3,
            Exit::Internal => 4,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}

impl From<&Problem> for Exit {
    fn from(problem: &Problem) -> Self {
        match problem.kind {
            ProblemKind::Refused | ProblemKind::Missing => Exit::Refused,
            ProblemKind::Internal => Exit::Internal,
        }
    }
}

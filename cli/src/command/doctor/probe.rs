//! Looks for one thing that a language needs.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::language::build_tool::BuildTool;
use crate::language::need::{Addition, Need};
use crate::language::{program, version};

/// Describes one need and whether it is installed.
#[derive(Debug, Serialize)]
pub(super) struct Probe {
    /// The need.
    pub(super) name: &'static str,
    /// Its state.
    pub(super) state: NeedState,
    /// The version that is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<String>,
    /// The path of the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<PathBuf>,
    /// The oldest version that will do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) at_least: Option<&'static str>,
    /// The version that toolcell is tested with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tested: Option<&'static str>,
    /// The command or page that installs it.
    pub(super) get: &'static str,
}

/// Tells whether a need is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum NeedState {
    /// It is.
    Found,
    /// It is, but older than will do.
    TooOld,
    /// It is not.
    Missing,
}

impl Probe {
    /// Tells whether this need allows a build.
    pub(super) fn is_good(&self) -> bool {
        self.state == NeedState::Found
    }
}

/// Looks for what is needed, as a build in `directory` would.
pub(super) fn look(need: &Need, directory: &Path) -> Probe {
    match need {
        Need::Program(tool, at_least) => program(tool, at_least, directory),
        Need::Addition(addition) => part(addition, directory),
    }
}

fn program(tool: &BuildTool, at_least: &'static str, directory: &Path) -> Probe {
    let found = program::find(tool, directory).ok();
    let number = |line: &str| version::number(line).unwrap_or(line).to_owned();
    let version = found.as_ref().map(|program| number(&program.version));
    let state = match &version {
        None => NeedState::Missing,
        Some(version) if version::is_before(version, at_least) => NeedState::TooOld,
        Some(_) => NeedState::Found,
    };
    Probe {
        name: tool.title,
        state,
        version,
        path: found.map(|program| program.file().to_path_buf()),
        at_least: Some(at_least),
        tested: Some(tool.tested),
        get: tool.get,
    }
}

fn part(addition: &Addition, directory: &Path) -> Probe {
    let program = program::find(addition.of, directory).ok();
    let said = program.and_then(|program| {
        let output = program.command(directory).args(addition.probe).output().ok()?;
        output.status.success().then(|| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
    });
    let path = said.as_ref().filter(|path| !path.as_os_str().is_empty());
    let is_there = said.is_some() && path.is_none_or(|path| path.exists());
    Probe {
        name: addition.title,
        state: if is_there { NeedState::Found } else { NeedState::Missing },
        version: None,
        path: path.filter(|path| path.exists()).cloned(),
        at_least: None,
        tested: None,
        get: addition.get,
    }
}

//! Makes the machine of one environment, with its package and its `/tmp`, and the command that starts a process in it.
//!
//! A small process holds a mount namespace open for as long as the environment lives, so that `/tmp` outlives a
//! process that is killed, as it does on AWS. The holder ends when its standard input does, and so also when this
//! program is killed.

use std::io::{self, BufRead as _, BufReader, Read as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::function::{Isolation, Setup};
use crate::package::{self, BOOTSTRAP, TASK_ROOT};

/// A shell script that makes the mounts of its arguments, prints `ready`, and holds the namespace.
const SCRIPT: &str = r#"
set -e
while [ $# -gt 0 ]; do
  case $1 in
    tmpfs) mount -t tmpfs -o "$2" tmpfs "$3"; shift 3 ;;
    mkdir) mkdir -p "$2"; shift 2 ;;
    bind) mount --rbind "$2" "$3"; shift 3 ;;
    fix) mount -o remount,ro,bind "$2"; shift 2 ;;
  esac
done
echo ready
exec cat >/dev/null
"#;

/// The machine of one environment.
#[derive(Debug)]
pub(crate) struct Sandbox {
    task_root: PathBuf,
    holder: Option<Holder>,
    _directory: TempDir,
}

impl Sandbox {
    /// Makes a machine; returns also why it is not isolated, if it should be and is not. Blocks for some milliseconds.
    pub(crate) fn open(setup: &Setup) -> io::Result<(Self, Option<String>)> {
        let directory = tempfile::Builder::new().prefix("toolcell-lambda-").tempdir()?;
        let why = match setup.isolation {
            Isolation::Shared => None,
            Isolation::Private => match Holder::start(&package::mounts(setup, directory.path())?) {
                Ok(holder) => {
                    let task_root = PathBuf::from(TASK_ROOT);
                    return Ok((Self { task_root, holder: Some(holder), _directory: directory }, None));
                }
                Err(error) => Some(error.to_string()),
            },
        };
        let task_root = package::link(setup, directory.path())?;
        Ok((Self { task_root, holder: None, _directory: directory }, why))
    }

    /// Returns `LAMBDA_TASK_ROOT`.
    pub(crate) fn task_root(&self) -> &Path {
        &self.task_root
    }

    /// Returns the command that starts `bootstrap` with these variables and no others.
    pub(crate) fn command(&self, variables: &[(String, String)]) -> Command {
        let program = self.task_root.join(BOOTSTRAP);
        let mut command = match &self.holder {
            Some(holder) => {
                let mut command = Command::new("nsenter");
                command.arg("--target").arg(holder.0.id().to_string()).args(["--mount", "env", "-i", "-C"]);
                command.arg(&self.task_root);
                command.args(variables.iter().map(|(name, value)| format!("{name}={value}")));
                command.arg(program);
                command
            }
            None => {
                let mut command = Command::new(program);
                command.env_clear().envs(variables.iter().cloned()).current_dir(&self.task_root);
                command
            }
        };
        command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

/// The process that keeps a mount namespace.
#[derive(Debug)]
struct Holder(Child);

impl Holder {
    fn start(mounts: &[String]) -> io::Result<Self> {
        let mut command = Command::new("unshare");
        command.args(["--mount", "--propagation", "private", "sh", "-c", SCRIPT, "toolcell-lambda"]);
        command.args(mounts).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let started = command.spawn().map_err(|error| io::Error::other(format!("unshare: {error}")))?;
        let mut holder = Self(started);
        let mut line = String::new();
        if let Some(stdout) = &mut holder.0.stdout {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        if line == "ready\n" {
            return Ok(holder);
        }
        let mut why = String::new();
        if let Some(stderr) = &mut holder.0.stderr {
            stderr.read_to_string(&mut why)?;
        }
        Err(io::Error::other(why.split_whitespace().collect::<Vec<_>>().join(" ")))
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // It may have ended on its own; `wait` reaps it in any case.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

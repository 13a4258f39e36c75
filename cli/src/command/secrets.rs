//! The secrets that `serve`, `dev`, `call` and `test` hand out: from `secrets.toml`, else from where `[secrets]` says.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toolcell_host::aws::AwsAccess;
use toolcell_host::call::Runner;
use toolcell_host::catalog::{Plugin, SecretSource};
use toolcell_host::clock::Clock;
use toolcell_host::secrets::{SecretError, SecretReason, SecretValue, Secrets};
use toolcell_host::variables::Variables;

use crate::aws::CommandCredentials;
use crate::bundle::open::Source;
use crate::ui::closest::closest;
use crate::ui::problem::{Problem, Result};
use crate::{config, document};

/// The name of the file, beside `toolcell.toml`.
const FILE: &str = "secrets.toml";

/// The largest file that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// The values of a `secrets.toml`.
#[derive(Debug, Default)]
pub(super) struct LocalSecrets {
    /// The `toolcell.toml` beside it; `None` if a bundle is served.
    config: Option<PathBuf>,
    values: BTreeMap<String, SecretValue>,
}

/// Returns the path of the file beside a `toolcell.toml`.
pub(super) fn path(config: &Path) -> PathBuf {
    config.with_file_name(FILE)
}

impl LocalSecrets {
    /// Reads the file beside a configuration; a bundle has no such file.
    ///
    /// # Errors
    /// The file cannot be read, others may read it, or it is malformed.
    pub(super) fn of(source: &Source) -> Result<Self> {
        match source {
            Source::Config(config) => Ok(Self { values: read(&path(config))?, config: Some(config.clone()) }),
            Source::Bundle(_) => Ok(Self::default()),
        }
    }

    /// Gives a runner the secrets of its catalog, of which the values of the file come first, and the AWS credentials of
    /// whoever runs the command, which assume roles.
    pub(super) fn given_to(&self, runner: Runner) -> Runner {
        let sources = runner.index().root().secrets.clone();
        let variables = Variables::of_process();
        let secrets = Secrets::new(&sources, self.values.clone(), &variables, Clock::system());
        let access = AwsAccess::new(Arc::new(CommandCredentials::new(&variables)), variables);
        runner.with_secrets(Arc::new(secrets)).with_aws(access)
    }

    /// Returns the value of a secret; `None` if neither the file nor `sources` know it.
    ///
    /// # Errors
    /// It is known, and cannot be read.
    pub(super) async fn value(
        &self,
        sources: &BTreeMap<String, SecretSource>,
        name: &str,
    ) -> Result<Option<SecretValue>> {
        if !self.values.contains_key(name) && !sources.contains_key(name) {
            return Ok(None);
        }
        let (values, variables) = (self.values.clone(), Variables::of_process());
        let secrets = Secrets::new(sources, values, &variables, Clock::system());
        secrets.value(name, None).await.map(Some).map_err(|error| self.unreadable(&error))
    }

    /// Reads every secret that a plugin of the runner was granted; says by plugin which one cannot be read.
    pub(super) async fn missing(&self, runner: &Runner) -> BTreeMap<String, Problem> {
        let mut missing = BTreeMap::new();
        // A plugin of which the catalog cannot be read has no grants to tell: its calls tell the log.
        for plugin in runner.index().plugins().filter_map(std::result::Result::ok) {
            if let Err(problem) = self.check(runner, &plugin).await {
                missing.insert(plugin.name, problem);
            }
        }
        missing
    }

    /// Reads every secret that a plugin was granted.
    ///
    /// # Errors
    /// The first one that cannot be read.
    pub(super) async fn check(&self, runner: &Runner, plugin: &Plugin) -> Result<()> {
        runner.check_secrets(plugin).await.map_err(|error| self.unreadable(&error))
    }

    fn unreadable(&self, SecretError { name, reason }: &SecretError) -> Problem {
        let key = format!("secrets.{name}");
        let place = match &self.config {
            Some(file) => config::read(file).map_or_else(|_| key.clone(), |config| config.origin.place(&key)),
            None => key,
        };
        let lines = format!("{FILE} beside toolcell.toml (mode 600):\n{name} = \"...\"");
        let slip = closest(name, self.values.keys().map(String::as_str)).filter(|slip| slip != name);
        let next = match (reason, slip) {
            (_, _) if self.values.contains_key(name) => format!("correct the value in {FILE}"),
            (_, Some(slip)) => format!("rename `{slip}` in {FILE} to `{name}`"),
            (SecretReason::NoVariable { variable }, None) => {
                format!("set {variable}, or write the value into {lines}")
            }
            (SecretReason::Fetch(_), None) => {
                format!("the extension that fetches it runs only in Lambda; here, write a value into {lines}")
            }
            (_, None) => format!("correct the secret, or write a value into {lines}"),
        };
        Problem::refused(place, "cannot be read")
            .found(reason.to_string())
            .expected("a value for each secret that a plugin was granted")
            .next(next)
    }
}

fn read(path: &Path) -> Result<BTreeMap<String, SecretValue>> {
    let shown = path.display().to_string();
    let unreadable = |error: io::Error| {
        Problem::refused(&shown, "cannot be read")
            .found(error.to_string())
            .expected(format!(
                "a file of at most {MAX_BYTES} bytes, with a line NAME = \"value\" for each secret"
            ))
            .next("correct the file, or remove it")
    };
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        _ => {}
    }
    // Nothing that waits for another program: it is not even opened.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(unreadable(io::Error::other("it is not a regular file")));
    }
    let file = File::open(path).map_err(unreadable)?;
    let mode = file.metadata().map_err(unreadable)?.mode();
    if mode & 0o077 != 0 {
        return Err(Problem::refused(&shown, "can be read by others")
            .found(format!("mode {:o}", mode & 0o777))
            .expected("mode 600")
            .next(format!(
                "run `chmod 600 {shown}`, and replace the secrets if somebody may have read them"
            )));
    }
    let mut text = String::new();
    let read = file.take(MAX_BYTES + 1).read_to_string(&mut text).map_err(unreadable)?;
    let text = SecretValue::from(text);
    if read as u64 > MAX_BYTES {
        return Err(unreadable(io::ErrorKind::FileTooLarge.into()));
    }
    let values = document::parse_values(&shown, text.as_str().as_bytes())?;
    Ok(values.into_iter().map(|(name, value)| (name, SecretValue::from(value))).collect())
}

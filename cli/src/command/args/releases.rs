//! Arguments of the commands that publish releases.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use toolcell_host::public_key::PublicKey;
use toolcell_host::s3::Location;

use super::Machine;
use crate::command::publish::Signing;
use crate::command::repository::Access;
use crate::config;
use crate::document::name;
use crate::release::draft::OtherEngines;
use crate::ui::exit;

/// Selects keys that are trusted, in addition to those of a configuration.
#[derive(Debug, Args)]
pub(in crate::command) struct Trusted {
    /// Public key whose releases are trusted, too; repeatable
    #[arg(long = "public", value_name = "KEY")]
    pub(in crate::command) keys: Vec<PublicKey>,
}

/// Selects the bucket, and the keys that are trusted.
#[derive(Debug, Args)]
pub(in crate::command) struct Bucket {
    /// Bucket and prefix
    #[arg(value_name = "s3://BUCKET/PREFIX")]
    location: Location,
    /// Configuration, if there is one; releases that a key in its [releases.keys] has signed are trusted
    #[arg(long, value_name = "FILE", default_value = config::FILE)]
    config: PathBuf,
    #[command(flatten)]
    trusted: Trusted,
}

/// Selects how a release is signed.
#[derive(Debug, Args)]
pub(in crate::command) struct Signature {
    /// File with the private key that `toolcell keygen` made
    #[arg(long, value_name = "FILE")]
    pub(in crate::command) key: PathBuf,
    /// Time after which no function starts to serve the release, in days or hours
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = life)]
    pub(in crate::command) expires_in: Duration,
    /// Publish although functions with another version of the host would get no code any more
    #[arg(long)]
    pub(in crate::command) drop_engines: bool,
}

/// Create a key that signs releases, and the lines that make a function trust it
///
/// Writes the private key to a new file that only you can read, and prints the public key to standard output. Whoever has
/// the private key can run code in every function that trusts it.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(in crate::command) struct Keygen {
    /// Name of the key, in the configuration and the log
    #[arg(value_parser = key_name)]
    pub(in crate::command) name: String,
    /// File for the private key [default: NAME.key in the current directory]
    #[arg(long, value_name = "FILE")]
    pub(in crate::command) out: Option<PathBuf>,
}

/// Compile the plugins of a toolcell.toml, sign them, and release them to functions that follow a bucket
///
/// Compiles everything afresh and uploads what is missing. Functions see all of the release or none of it. If somebody else
/// publishes at the same time, one of you is told to try again. docs/publishing.md describes keys, updates and upgrades.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(in crate::command) struct Publish {
    /// Configuration of the plugins; releases that a key in its [releases.keys] has signed are trusted
    #[arg(long, value_name = "FILE", default_value = config::FILE)]
    pub(in crate::command) config: PathBuf,
    #[command(flatten)]
    pub(in crate::command) trusted: Trusted,
    /// Bucket and prefix
    #[arg(long, value_name = "s3://BUCKET/PREFIX")]
    pub(in crate::command) to: Location,
    #[command(flatten)]
    pub(in crate::command) signature: Signature,
    /// Target processor; repeatable
    #[arg(long, value_enum, default_values_t = [Machine::X86_64])]
    pub(in crate::command) target: Vec<Machine>,
    /// Release the current plugins again, with code for this new `bootstrap` as well
    #[arg(long = "for", value_name = "BOOTSTRAP", conflicts_with = "target")]
    pub(in crate::command) bootstrap: Option<PathBuf>,
    /// Bundle in the package of the function, if its plugins are to be served beside those of the release
    #[arg(long, value_name = "DIR")]
    pub(in crate::command) package: Option<PathBuf>,
    /// Use existing components; build none from source
    #[arg(long)]
    pub(in crate::command) prebuilt: bool,
    /// Print the release as JSON
    #[arg(long)]
    pub(in crate::command) json: bool,
}

/// Release the plugins of an earlier release again, under a new serial
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(in crate::command) struct Rollback {
    /// Serial of the earlier release; `toolcell releases` lists them
    #[arg(long, value_name = "SERIAL")]
    pub(in crate::command) to_serial: u64,
    #[command(flatten)]
    pub(in crate::command) bucket: Bucket,
    #[command(flatten)]
    pub(in crate::command) signature: Signature,
    /// Print the release as JSON
    #[arg(long)]
    pub(in crate::command) json: bool,
}

/// List the releases in a bucket, newest first
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(in crate::command) struct Releases {
    #[command(flatten)]
    pub(in crate::command) bucket: Bucket,
    /// Print JSON
    #[arg(long)]
    pub(in crate::command) json: bool,
}

/// Read all of the current release, and report what a function would refuse; exit code 1 if there is anything
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(in crate::command) struct Verify {
    #[command(flatten)]
    pub(in crate::command) bucket: Bucket,
    /// Print JSON
    #[arg(long)]
    pub(in crate::command) json: bool,
}

/// Delete the objects that none of the newest releases uses
///
/// Deletes nothing while somebody publishes.
#[derive(Debug, Args)]
#[command(after_help = exit::HELP)]
pub(in crate::command) struct Gc {
    /// Number of releases to keep, the current one included
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub(in crate::command) keep: u32,
    #[command(flatten)]
    pub(in crate::command) bucket: Bucket,
    /// Print JSON
    #[arg(long)]
    pub(in crate::command) json: bool,
}

impl Bucket {
    pub(in crate::command) fn access(&self) -> Access<'_> {
        Access { location: &self.location, config: &self.config, public: &self.trusted.keys }
    }
}

impl Signature {
    pub(in crate::command) fn signing(&self) -> Signing<'_> {
        let others = if self.drop_engines { OtherEngines::Drop } else { OtherEngines::Keep };
        Signing { key: &self.key, life: self.expires_in, others }
    }
}

/// Parses the life of a release, such as `30d` or `12h`, up to ten years.
fn life(text: &str) -> Result<Duration, String> {
    let number = |unit: char| text.strip_suffix(unit)?.parse::<u64>().ok();
    let hours = number('d').and_then(|days| days.checked_mul(24)).or_else(|| number('h'));
    let hours = hours.filter(|hours| (1..=10 * 365 * 24).contains(hours));
    let expected = || "expected whole days or hours, such as 30d or 12h, from 1h to 3650d".to_owned();
    hours.map(|hours| Duration::from_secs(hours * 3600)).ok_or_else(expected)
}

/// Parses the name of a key.
fn key_name(text: &str) -> Result<String, String> {
    match name::is_accepted(text) {
        true => Ok(text.to_owned()),
        false => Err("expected 1 to 64 characters of A-Z a-z 0-9 _ . -".to_owned()),
    }
}

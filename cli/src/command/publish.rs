//! `toolcell publish` and `toolcell rollback`: make functions see other plugins.

use std::path::Path;
use std::time::Duration;

use serde_json::json;

use super::repository::{Access, wait};
use crate::release::draft::{Draft, OtherEngines, Sources};
use crate::release::engine::engine_text;
use crate::release::key_file;
use crate::release::publish::{Published, publish};
use crate::ui::exit::Exit;
use crate::ui::format::Format;
use crate::ui::problem::Result;
use crate::ui::progress::Progress;
use crate::ui::terminal::{Style, Terminal, counted};

/// How a release is signed, for how long, and for whom.
#[derive(Clone, Copy, Debug)]
pub struct Signing<'a> {
    /// The file of the private key.
    pub key: &'a Path,
    /// The time after which nobody adopts the release any more.
    pub life: Duration,
    /// The fate of engines for which the release has no code.
    pub others: OtherEngines,
}

/// The source of the plugins to release.
pub enum Release<'a> {
    /// A configuration, compiled here.
    Config(Sources<'a>),
    /// The current release, with code for one more program.
    For {
        /// The program.
        bootstrap: &'a Path,
        /// The bundle of its package.
        package: Option<&'a Path>,
    },
    /// An earlier release.
    Serial(u64),
}

/// Publishes, and prints what functions see from now on.
///
/// # Errors
/// The key, the configuration or a plugin is refused, another publisher was faster, or the bucket cannot be used.
pub fn run(
    access: &Access<'_>,
    release: &Release<'_>,
    signing: Signing<'_>,
    progress: &dyn Progress,
    format: Format,
    terminal: &Terminal,
) -> Result<Exit> {
    let key = key_file::read(signing.key)?;
    let keys = access.keys(Some(key.public()))?;
    // It takes long, and needs no bucket.
    let compiled = match release {
        Release::Config(sources) => Some(Draft::compile(sources)?),
        _ => None,
    };
    let repository = access.open()?;
    let published = wait(async {
        let current = match release {
            Release::Config(_) => repository.current(&keys).await?,
            _ => Some(repository.existing(&keys).await?),
        };
        let draft = match (compiled, release, &current) {
            (_, Release::For { bootstrap, package }, Some(current)) => {
                Draft::upgrade(&repository, current, bootstrap, *package, progress).await?
            }
            (_, Release::Serial(serial), _) => {
                Draft::again(&repository, repository.release(*serial, &keys).await?).await?
            }
            (compiled, ..) => compiled.expect("a configuration was compiled"),
        };
        let draft = match &current {
            Some(current) => draft.keep(&repository, &current.index, signing.others).await?,
            None => draft,
        };
        publish(&repository, current.as_ref(), draft, signing.life, &key).await
    })?;
    print(&published, &repository.shown(), format, terminal);
    Ok(Exit::Done)
}

fn print(published: &Published, location: &str, format: Format, terminal: &Terminal) {
    let Published { index, uploaded, present } = published;
    if format == Format::Json {
        let json = json!({"location": location, "release": index, "uploaded": uploaded, "present": present});
        return terminal.print(json.to_string());
    }
    for entry in &index.catalogs {
        terminal.print(format!("  for {}", engine_text(&entry.engine)));
    }
    terminal.print(format!("  {} uploaded, {present} were there", counted(*uploaded, "object")));
    let serial = terminal.style(Style::Good, format!("release {}", index.serial));
    terminal.print(format!("{serial} at {location}, until {}", index.expires));
}

//! Finds what the workbench compares the contract with: the start of this `toolcell dev`, or a release.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use toolcell_host::public_key::PublicKey;
use toolcell_host::s3::Location;

use crate::bundle::open;
use crate::check::against::Contract;
use crate::command::repository::{Access, wait};
use crate::ui::problem::Result;

/// A place where the contract of a release stands.
#[derive(Clone, Debug)]
pub(crate) enum Released {
    /// A bucket: its current release.
    Bucket(Location),
    /// A bundle that `toolcell build` wrote.
    Bundle(PathBuf),
}

impl FromStr for Released {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text.starts_with("s3://") {
            true => text.parse().map(Self::Bucket).map_err(|error| format!("{error}")),
            false => Ok(Self::Bundle(text.into())),
        }
    }
}

/// The contracts to compare with.
#[derive(Clone, Debug)]
pub(super) enum Baseline {
    /// Each plugin as this process served it first.
    Start(Vec<Contract>),
    /// Those of a release, with its description.
    Release(String, Vec<Contract>),
}

impl Baseline {
    /// Reads the baseline that the developer names; without one, it is the start. Keys of `config` and those in `public`
    /// are trusted.
    ///
    /// # Errors
    /// The release cannot be read, or is not trusted.
    pub(super) fn read(released: Option<&Released>, config: &Path, public: &[PublicKey]) -> Result<Self> {
        match released {
            None => Ok(Self::Start(Vec::new())),
            Some(Released::Bundle(path)) => bundle(path),
            Some(Released::Bucket(location)) => bucket(&Access { location, config, public }),
        }
    }

    /// Notes what is served from now on.
    pub(super) fn serve(&mut self, contracts: &[Contract]) {
        let Self::Start(first) = self else { return };
        for contract in contracts {
            if first.iter().all(|one| one.plugin != contract.plugin) {
                first.push(contract.clone());
            }
        }
    }

    /// Returns the contract of each plugin.
    pub(super) fn contracts(&self) -> impl Iterator<Item = &Contract> {
        let (Self::Start(contracts) | Self::Release(_, contracts)) = self;
        contracts.iter()
    }
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(_) => f.write_str("the start of this `toolcell dev`"),
            Self::Release(text, _) => f.write_str(text),
        }
    }
}

fn bundle(path: &Path) -> Result<Baseline> {
    let contracts = Contract::all(&open::catalog(path)?);
    Ok(Baseline::Release(format!("the bundle {}", path.display()), contracts))
}

fn bucket(access: &Access<'_>) -> Result<Baseline> {
    let (keys, repository) = (access.keys(None)?, access.open()?);
    wait(async {
        let index = repository.existing(&keys).await?.index;
        // The catalogs of all engines say the same.
        let entry = index.catalogs.first().expect("an index has a catalog");
        let catalog = repository.catalog(entry).await?;
        let (serial, published) = (index.serial, index.published);
        let text = format!("release {serial} in {}, published {published}", repository.shown());
        Ok(Baseline::Release(text, Contract::all(&catalog)))
    })
}

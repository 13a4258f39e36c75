//! Reads the deployment package, and makes a service of a verified catalog within what the package allows.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use cap_std::ambient_authority;
use cap_std::fs::Dir;

use super::error::UpdateError;
use crate::artifact::BucketCode;
use crate::auth::Anonymous;
use crate::aws::{Ambient, AwsAccess};
use crate::call::{BundleSource, CodeSource, Runner};
use crate::catalog::{Auth, CatalogError, Ceiling, Index, Trust};
use crate::clock::Clock;
use crate::credentials::{CredentialError, CredentialStore, Keyring, KeyringError};
use crate::protocol::{Exposure, PolicyError};
use crate::sandbox::engine::{self, EngineMismatch};
use crate::sandbox::{Network, Sandbox};
use crate::secrets::Secrets;
use crate::service::Service;
use crate::state_store::{StateStore, TableError};
use crate::variables::Variables;

/// Where a server can be reached from, and by whom.
#[derive(Clone, Copy, Debug)]
pub struct Reach {
    /// Where the server can be reached from.
    pub exposure: Exposure,
    /// Whether callers that show nothing may call; counts only where no tokens are configured.
    pub anonymous: Anonymous,
    /// The number of calls at a time that the platform sends; `None` where plugins and callers share the server.
    pub concurrency: Option<NonZero<u32>>,
}

/// The reason why a package cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// There is no such directory.
    #[error(
        "cannot open the bundle {}: {reason}. A function has it beside `bootstrap`, unless TOOLCELL_BUNDLE names another \
         directory",
        path.display()
    )]
    Bundle {
        /// The directory.
        path: PathBuf,
        /// The system's error.
        reason: std::io::Error,
    },
    /// The catalog in it cannot be used.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// It was built for another machine or version.
    #[error("the bundle does not fit this function: {0}")]
    Engine(#[from] EngineMismatch),
    /// The credentials of callers cannot be read.
    #[error(transparent)]
    Credentials(#[from] CredentialError),
}

/// What only the package decides: every release is served with it.
#[derive(Debug)]
pub struct Package {
    /// The package's own catalog.
    pub(super) index: Index,
    /// The bundle in it, open for reading.
    pub(super) directory: Dir,
    /// The path of the bundle, which no plugin may be granted.
    path: PathBuf,
    /// The directory from which relative paths of grants start.
    grant_root: PathBuf,
    /// Where the server can be reached from.
    exposure: Exposure,
    /// Who may call.
    credentials: CredentialStore,
    /// The secrets that plugins are granted.
    secrets: Arc<Secrets>,
    /// As whom roles for plugins' requests are assumed.
    aws: AwsAccess,
    /// The keys of states.
    pub(super) keyring: Arc<Keyring>,
    /// The number of calls at a time that the platform sends; `None` where plugins and callers share the server.
    concurrency: Option<NonZero<u32>>,
    /// How plugins reach other hosts.
    network: Arc<Network>,
    /// The state of plugins, if the server keeps any.
    state_store: Option<Arc<dyn StateStore>>,
}

impl Package {
    /// Opens the bundle at `path` in a deployment package: reads the catalog, and whom it admits.
    ///
    /// # Errors
    ///
    /// There is no bundle, it does not fit this host, or its callers cannot be read.
    pub fn open(
        path: PathBuf,
        reach: Reach,
        keyring: Keyring,
        variables: &Variables,
    ) -> Result<Self, PackageError> {
        let directory = Dir::open_ambient_dir(&path, ambient_authority())
            .map_err(|reason| PackageError::Bundle { path: path.clone(), reason })?;
        let index = Index::open(&directory, Trust::Package)?;
        engine::check(&index.root().engine)?;
        let Reach { exposure, anonymous, concurrency } = reach;
        let credentials = CredentialStore::open(&index.root().auth, anonymous, variables)?;
        let grant_root = path.parent().unwrap_or(Path::new(".")).to_owned();
        let (sources, clock) = (&index.root().secrets, Clock::system());
        let secrets = Arc::new(Secrets::new(sources, BTreeMap::new(), variables, clock));
        let aws = AwsAccess::new(Arc::new(Ambient::new(variables.clone())), variables.clone());
        let network = Arc::new(Network::new(index.root().network.as_ref(), &path));
        let keyring = Arc::new(keyring);
        let state_store = None;
        Ok(Self {
            index,
            directory,
            path,
            grant_root,
            exposure,
            credentials,
            secrets,
            aws,
            keyring,
            concurrency,
            network,
            state_store,
        })
    }

    /// Lets plugins reach these ports of this machine. For developers alone.
    #[must_use]
    pub fn with_loopback(self, ports: &[u16]) -> Self {
        let network = Network::new(self.index.root().network.as_ref(), &self.path);
        Self { network: Arc::new(network.with_loopback(ports.to_vec())), ..self }
    }

    /// Assumes roles for plugins' requests as whoever has this access; without it, as this process.
    #[must_use]
    pub fn with_aws(self, aws: AwsAccess) -> Self {
        Self { aws, ..self }
    }

    /// Keeps the state of plugins in `store`; without one, no plugin that keeps any is served.
    #[must_use]
    pub fn with_state_store(self, store: Option<Arc<dyn StateStore>>) -> Self {
        Self { state_store: store, ..self }
    }

    /// Returns the directory from which relative paths of grants start.
    pub fn grant_root(&self) -> &Path {
        &self.grant_root
    }

    /// Returns the table that the package names for the state of plugins.
    pub fn state_table(&self) -> Option<&str> {
        self.index.root().state_table.as_deref()
    }

    /// Returns whom the package admits.
    pub fn auth(&self) -> &Auth {
        &self.index.root().auth
    }

    /// Makes the service of the package's own bundle.
    ///
    /// # Errors
    ///
    /// A rule of the endpoint is malformed.
    pub fn into_service(self) -> Result<Service, PolicyError> {
        let Self { index, directory, path, grant_root, exposure, credentials, concurrency, .. } = self;
        let code = CodeSource::Directory { directory, trust: Trust::Package };
        let source = BundleSource { code, path: Some(path), grant_root };
        let runner = Runner::new(index, source).with_sandbox(sandbox(concurrency));
        let runner = runner.with_secrets(self.secrets).with_network(self.network).with_aws(self.aws);
        let runner = runner.with_state_store(self.state_store);
        Ok(Service::new(runner, exposure, credentials)?.with_keyring(self.keyring))
    }

    /// Checks that its own plugins can be served: one that asks its user needs keys.
    ///
    /// # Errors
    ///
    /// [`KeyringError::Missing`].
    pub fn check_keys(&self) -> Result<(), KeyringError> {
        self.keyring.check(self.index.root().asks.as_deref())
    }

    /// Checks that its own plugins can be served: one that keeps state needs a store.
    ///
    /// # Errors
    /// [`TableError::Missing`].
    pub fn check_state(&self) -> Result<(), TableError> {
        self.check_state_of(&self.index)
    }

    fn check_state_of(&self, index: &Index) -> Result<(), TableError> {
        match (&index.root().keeps_state, &self.state_store) {
            (Some(plugin), None) => Err(TableError::Missing { plugin: plugin.clone() }),
            (None, None) => match &index.root().counts {
                Some(plugin) => Err(TableError::Uncounted { plugin: plugin.clone() }),
                None => Ok(()),
            },
            (_, Some(_)) => Ok(()),
        }
    }

    /// Makes the service of a release of its verified catalog; `code` makes the code of as many plugins.
    ///
    /// # Errors
    ///
    /// The catalog cannot be read, asks for more than the package allows, or lacks a plugin of the package.
    pub(super) fn service(
        &self,
        catalog: Bytes,
        code: impl FnOnce(usize) -> BucketCode,
    ) -> Result<Service, UpdateError> {
        let index = Index::read(catalog)?;
        engine::check(&index.root().engine)?;
        self.check_ceiling(&index)?;
        self.check_plugins(&index)?;
        self.keyring.check(index.root().asks.as_deref())?;
        self.check_state_of(&index)?;
        let code = CodeSource::Bucket {
            bucket: code(index.plugin_count()),
            package: self.directory.try_clone().map_err(UpdateError::Package)?,
        };
        let source =
            BundleSource { code, path: Some(self.path.clone()), grant_root: self.grant_root.clone() };
        let runner = Runner::new(index, source).with_sandbox(sandbox(self.concurrency));
        let runner = runner.with_secrets(Arc::clone(&self.secrets)).with_network(Arc::clone(&self.network));
        let runner = runner.with_aws(self.aws.clone()).with_state_store(self.state_store.clone());
        let service = Service::new(runner, self.exposure, self.credentials.clone())?;
        let service = service.with_http(self.exposure, &self.index.root().http)?;
        Ok(service.with_keyring(Arc::clone(&self.keyring)))
    }

    /// Checks that a release asks for no more than the package allows; one that says nothing allows little.
    fn check_ceiling(&self, release: &Index) -> Result<(), UpdateError> {
        match &self.index.root().releases {
            Some(releases) => Ok(releases.ceiling.check(release)?),
            None => Ok(Ceiling::default().check(release)?),
        }
    }

    /// Checks that a release has all plugins of the package, and the same ones.
    fn check_plugins(&self, release: &Index) -> Result<(), UpdateError> {
        let released: Vec<_> = release.plugins().collect::<Result<_, _>>()?;
        for plugin in self.index.plugins() {
            let plugin = plugin?;
            let is_same = |other: &&crate::catalog::Plugin| other.name == plugin.name;
            match released.iter().find(is_same) {
                None => return Err(UpdateError::Lacks { plugin: plugin.name }),
                Some(other) if other.component != plugin.component => {
                    return Err(UpdateError::Clash { plugin: plugin.name });
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

fn sandbox(concurrency: Option<NonZero<u32>>) -> Sandbox {
    concurrency.map_or_else(Sandbox::new, Sandbox::for_calls)
}

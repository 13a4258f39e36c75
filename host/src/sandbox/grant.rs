//! Opens what the deployer grants to a plugin, once, when the plugin is loaded.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use wasmtime_wasi::filesystem::WasiFilesystemCtx;
use wasmtime_wasi::{FsPerms, WasiCtxBuilder};

use super::keyvalue::GrantedBuckets;
use crate::catalog::{Directory, Grants};

/// Directories of the system that no plugin may see.
const FORBIDDEN: [&str; 3] = ["/proc", "/dev", "/sys"];

/// The directory that holds granted directories, and the one that none of them may contain.
#[derive(Clone, Copy, Debug)]
pub struct GrantRoots<'a> {
    /// The directory that relative host paths start from.
    pub grants: &'a Path,
    /// The directory with the catalog and the machine code; `None` if it is not on this machine.
    pub bundle: Option<&'a Path>,
}

/// The reason why a directory cannot be granted.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// It does not exist, is not a directory, or cannot be read.
    #[error("granted directory `{host}` cannot be opened: {source}")]
    Open {
        /// The path in the grant.
        host: String,
        /// The error of the operating system.
        source: io::Error,
    },
    /// It would show the guest more than data.
    #[error(
        "granted directory `{host}` is refused: {reason}; grant a directory that holds only the plugin's data"
    )]
    Forbidden {
        /// The path in the grant.
        host: String,
        /// The reason.
        reason: String,
    },
    /// Two directories have the same name in the guest.
    #[error("two granted directories have the guest path `{guest}`; give each its own")]
    Twice {
        /// The guest path.
        guest: String,
    },
}

/// The grants of a plugin, ready for its calls.
pub(super) struct Granted {
    environment: Vec<(String, String)>,
    config: Arc<BTreeMap<String, String>>,
    buckets: Option<Arc<GrantedBuckets>>,
    filesystem: WasiFilesystemCtx,
}

impl Granted {
    /// Opens every directory that `plugin` is granted.
    ///
    /// # Errors
    ///
    /// A directory cannot be opened, or must not be granted.
    pub(super) fn open(plugin: &str, grants: &Grants, roots: GrantRoots<'_>) -> Result<Self, GrantError> {
        let mut guests = BTreeSet::new();
        let mut builder = WasiCtxBuilder::new();
        for directory in &grants.directories {
            if !guests.insert(&directory.guest) {
                let guest = directory.guest.clone();
                return Err(GrantError::Twice { guest });
            }
            preopen(&mut builder, directory, roots)?;
        }
        let environment =
            grants.environment.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        Ok(Self {
            environment,
            config: Arc::new(grants.config.clone()),
            buckets: GrantedBuckets::of(plugin, grants),
            filesystem: builder.build().filesystem().clone(),
        })
    }

    pub(super) fn environment(&self) -> &[(String, String)] {
        &self.environment
    }

    pub(super) fn config(&self) -> &Arc<BTreeMap<String, String>> {
        &self.config
    }

    pub(super) fn buckets(&self) -> Option<&Arc<GrantedBuckets>> {
        self.buckets.as_ref()
    }

    pub(super) fn filesystem(&self) -> &WasiFilesystemCtx {
        &self.filesystem
    }
}

/// Opens one directory, checks the open directory, and passes exactly that to wasmtime.
fn preopen(
    builder: &mut WasiCtxBuilder,
    directory: &Directory,
    roots: GrantRoots<'_>,
) -> Result<(), GrantError> {
    let open_error = |source| GrantError::Open { host: directory.host.clone(), source };
    let path = roots.grants.join(&directory.host);
    let dir = Dir::open_ambient_dir(path, ambient_authority()).map_err(open_error)?;
    // The path of the open directory itself: checked and opened cannot differ.
    let opened = format!("/proc/self/fd/{}", dir.as_raw_fd());
    let real = std::fs::read_link(&opened).map_err(open_error)?;
    if let Some(reason) = forbidden(&real, roots.bundle) {
        return Err(GrantError::Forbidden { host: directory.host.clone(), reason });
    }
    let perms = if directory.write { FsPerms::ReadWrite } else { FsPerms::ReadOnly };
    builder
        .preopened_dir(opened, &directory.guest, perms)
        .map_err(|error| open_error(io::Error::other(format!("{error:#}"))))?;
    Ok(())
}

/// Returns the reason why the directory at `real` must not be granted, if there is one.
fn forbidden(real: &Path, bundle: Option<&Path>) -> Option<String> {
    if real == Path::new("/") {
        return Some("it is the root of the file system".to_owned());
    }
    if let Some(tree) = FORBIDDEN.iter().find(|tree| real.starts_with(tree)) {
        return Some(format!("it lies in {tree}"));
    }
    let bundle: Option<PathBuf> = bundle.and_then(|bundle| bundle.canonicalize().ok());
    if bundle.is_some_and(|bundle| bundle.starts_with(real)) {
        return Some("the bundle, with the plugins' machine code, lies in it".to_owned());
    }
    None
}

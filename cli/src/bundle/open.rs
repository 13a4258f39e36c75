//! Opens what `serve` and `call` run: a bundle, or a `toolcell.toml` that is built first.

use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use toolcell_host::call::{BundleSource, CodeSource, Runner};
use toolcell_host::catalog::{Catalog, CatalogError, Index, Trust};
use toolcell_host::sandbox::engine;

use super::build::{self, BuildRequest, Components, Summary};
use super::compile::Target;
use super::{Cache, InUse, LockMode};
use crate::ui::problem::{Problem, Result};
use crate::ui::progress::Progress;

/// The directory for the bundle of `serve --config` and `call --config`, in the folder of the configuration.
const BUILT: &str = "target/toolcell-bundle";

/// Selects what to run: a bundle or a configuration.
#[derive(Clone, Debug)]
pub enum Source {
    /// A deployer's configuration: built first, for this machine.
    Config(PathBuf),
    /// A bundle that `toolcell build` made.
    Bundle(PathBuf),
}

impl Source {
    /// Returns the path of its bundle.
    pub fn bundle(&self) -> PathBuf {
        match self {
            Source::Config(config) => base(config).join(BUILT),
            Source::Bundle(bundle) => bundle.clone(),
        }
    }

    /// Returns the directory from which relative grants start, and in which state is kept.
    ///
    /// # Errors
    /// The bundle does not exist.
    pub fn base(&self) -> Result<PathBuf> {
        match self {
            Source::Config(config) => Ok(base(config)),
            Source::Bundle(bundle) => parent(bundle),
        }
    }
}

/// A bundle that was opened.
pub struct OpenBundle {
    /// Runs its tools.
    pub runner: Runner,
    /// Keeps the files that the runner has not loaded yet from being removed.
    pub in_use: InUse,
}

/// Opens `source`.
///
/// # Errors
/// The configuration or a plugin is refused, or the bundle does not fit this host.
pub fn open(source: &Source, progress: &dyn Progress) -> Result<OpenBundle> {
    match source {
        Source::Config(config) => {
            let out = source.bundle();
            let cache = Cache::of_user();
            let (target, components) = (Target::host()?, Components::Prebuilt);
            let request = BuildRequest {
                config,
                target,
                out: &out,
                components,
                cache,
                lock: LockMode::Ignore,
                progress,
            };
            built(&out, &base(config), || build::build(&request))
        }
        Source::Bundle(bundle) => directory(bundle, parent(bundle)?),
    }
}

/// Builds a bundle and opens it, whose grants start in `grant_root`. Where another process builds something else into the
/// same directory, it builds again, until what it opens is what it has built.
///
/// # Errors
/// The bundle cannot be built, or does not fit this host.
pub(crate) fn built(
    out: &Path,
    grant_root: &Path,
    build: impl Fn() -> Result<Summary>,
) -> Result<OpenBundle> {
    loop {
        let summary = build()?;
        let opened = directory(out, grant_root.to_path_buf())?;
        if opened.runner.index().is(&summary.catalog) {
            return Ok(opened);
        }
    }
}

/// Returns the directory that contains a bundle: its relative grants start there, as they do on Lambda.
fn parent(bundle: &Path) -> Result<PathBuf> {
    let absolute = bundle.canonicalize().map_err(|error| not_opened(bundle, &error))?;
    Ok(absolute.parent().unwrap_or(&absolute).to_path_buf())
}

fn not_opened(bundle: &Path, error: &std::io::Error) -> Problem {
    Problem::refused(bundle.display().to_string(), "cannot be opened as a bundle")
        .found(error.to_string())
        .expected(format!("a directory that contains {}", Catalog::FILE))
        .next("run `toolcell build --out DIR` and pass that directory")
}

fn refused(path: &Path, error: &CatalogError) -> Problem {
    Problem::refused(path.display().to_string(), "cannot be served")
        .found(error.to_string())
        .expected(format!("a directory that contains {}", Catalog::FILE))
        .next("run `toolcell build` again")
}

/// Says that a part of the catalog cannot be read.
pub(crate) fn unreadable(source: &Source, error: &CatalogError) -> Problem {
    refused(&source.bundle(), error)
}

/// The directory that a configuration's relative paths start from.
pub fn base(config: &Path) -> PathBuf {
    match config.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// Opens a bundle whose grants start in `grant_root`.
///
/// # Errors
/// It is no bundle, or does not fit this host.
fn directory(path: &Path, grant_root: PathBuf) -> Result<OpenBundle> {
    let in_use = InUse::of(path);
    let bundle =
        Dir::open_ambient_dir(path, ambient_authority()).map_err(|error| not_opened(path, &error))?;
    let index = Index::open(&bundle, Trust::Verified).map_err(|error| refused(path, &error))?;
    engine::check(&index.root().engine).map_err(|error| {
        // The reason ends with the command that helps.
        let reason = error.to_string();
        let (found, next) = reason.split_once(": ").unwrap_or((&reason, "run `toolcell build` again"));
        Problem::refused(path.display().to_string(), "was built for another host")
            .found(found)
            .expected("a bundle built for this version and this machine")
            .next(next)
    })?;
    let code = CodeSource::Directory { directory: bundle, trust: Trust::Verified };
    let runner = Runner::new(index, BundleSource { code, path: Some(path.to_path_buf()), grant_root });
    Ok(OpenBundle { runner, in_use })
}

/// Reads the catalog of a bundle, for whatever host it was built.
///
/// # Errors
/// It is no bundle, or another version of toolcell wrote it.
pub(crate) fn catalog(path: &Path) -> Result<Catalog> {
    let bundle =
        Dir::open_ambient_dir(path, ambient_authority()).map_err(|error| not_opened(path, &error))?;
    let read = Index::open(&bundle, Trust::Verified).and_then(|index| index.contents());
    read.map(|contents| contents.catalog).map_err(|error| {
        Problem::refused(path.display().to_string(), "cannot be compared with")
            .found(error.to_string())
            .expected("a bundle that this version of toolcell wrote")
            .next("build it again, or name the bucket that it was published to")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_grants_of_a_bundle_start_in_the_directory_that_contains_it() {
        let directory = tempfile::tempdir().unwrap();
        let bundle = directory.path().join("bundle");
        std::fs::create_dir(&bundle).unwrap();
        let expected = directory.path().canonicalize().unwrap();
        assert_eq!(parent(&bundle).unwrap(), expected);
        assert_eq!(parent(&bundle.join(".")).unwrap(), expected, "`bundle/.` is the same bundle");
        let problem = parent(&directory.path().join("missing")).unwrap_err();
        assert!(problem.to_string().contains("cannot be opened as a bundle"), "{problem}");
    }
}

//! Assembles the function's package: the program, the bundle and the granted directories.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use toolcell_host::catalog::Catalog;
use toolcell_lambda_emulator::Function;

use crate::bundle::open::{self, Source};
use crate::ui::problem::{Problem, Result};

/// The path where `bootstrap` expects its bundle.
const BUNDLE: &str = "bundle";

/// A function with everything that the bundle needs beside it.
pub(super) fn of(program: &Path, source: &Source, catalog: &Catalog) -> Result<Function> {
    let bundle = absolute(&source.bundle())?;
    // A configuration's relative paths start from it; a bundle's from the folder that it is deployed in.
    let base = match source {
        Source::Config(config) => open::base(config),
        Source::Bundle(_) => bundle.parent().map(Path::to_owned).unwrap_or_default(),
    };
    let mut function = Function::new(absolute(program)?).file(BUNDLE, &bundle);
    for directory in granted(catalog) {
        let path = base.join(directory);
        // One that is missing may come later than the bundle: the function says so in its log.
        if path.is_dir() {
            function = function.file(directory, absolute(&path)?);
        }
    }
    Ok(function)
}

/// Relative directories that a package can hold: below it, and not the whole of it.
fn granted(catalog: &Catalog) -> BTreeSet<&str> {
    let all = catalog.plugins.iter().flat_map(|plugin| &plugin.grants.directories);
    let below = |host: &&str| {
        let mut parts = Path::new(host).components().filter(|part| *part != Component::CurDir).peekable();
        parts.peek().is_some() && parts.all(|part| matches!(part, Component::Normal(_)))
    };
    all.map(|directory| directory.host.as_str()).filter(below).collect()
}

fn absolute(path: &Path) -> Result<PathBuf> {
    path.canonicalize().map_err(|error| {
        Problem::internal(path.display().to_string(), "cannot be packaged").found(error.to_string())
    })
}

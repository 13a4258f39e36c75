//! Plugins carry a copy of `wit/`, as their authors would. Here every copy is held to the original.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

/// The folder of a copy, in the `deps` of a plugin's WIT.
const COPY: &str = "wit/deps/toolcell-plugin";

/// Folders of `wit-wasi`, and the fewest copies of each: fewer, and the search has missed some.
const WASI_COPIES: [(&str, usize); 5] =
    [("clocks", 1), ("config", 1), ("http", 1), ("io", 1), ("keyvalue", 2)];

/// Folders that hold what was built or installed, and no source.
const NO_SOURCE: [&str; 4] = ["target", "node_modules", ".venv", ".git"];

/// Fewer copies than this, and the search has missed some: every sample that asks or answers with content has one.
const FEWEST: usize = 10;

#[test]
fn every_copy_of_the_wit_package_equals_the_original() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the repository")?;
    let original = files(&root.join("wit"))?;
    ensure!(original.contains_key("progress.wit"), "wit/ holds {:?}", original.keys());
    let copies = copies(root, COPY)?;
    ensure!(copies.len() >= FEWEST, "found only {copies:?}");
    for copy in copies {
        ensure!(files(&copy)? == original, "{} differs from wit/: copy the folder again", copy.display());
    }
    Ok(())
}

#[test]
fn every_copy_of_the_wit_of_wasi_equals_the_original() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the repository")?;
    for (folder, fewest) in WASI_COPIES {
        let original = files(&root.join("wit-wasi").join(folder))?;
        let copies = copies(root, &format!("wit/deps/{folder}"))?;
        ensure!(copies.len() >= fewest, "found only {copies:?} of wit-wasi/{folder}");
        for copy in copies {
            ensure!(files(&copy)? == original, "{} differs from wit-wasi/{folder}", copy.display());
        }
    }
    Ok(())
}

/// Finds every folder with a copy, at `path` in a plugin, below `folder`.
fn copies(folder: &Path, path: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut rest = vec![folder.to_path_buf()];
    while let Some(folder) = rest.pop() {
        if folder.ends_with(path) {
            found.push(folder);
            continue;
        }
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let entry = entry?;
            let skipped = NO_SOURCE.iter().any(|name| entry.file_name() == **name);
            if entry.file_type()?.is_dir() && !skipped {
                rest.push(entry.path());
            }
        }
    }
    Ok(found)
}

fn files(directory: &Path) -> Result<BTreeMap<String, String>> {
    let entries = fs::read_dir(directory).with_context(|| directory.display().to_string())?;
    entries
        .map(|entry| {
            let path = entry?.path();
            let name = path.file_name().context("a file has a name")?.to_string_lossy().into_owned();
            Ok((name, fs::read_to_string(&path)?))
        })
        .collect()
}

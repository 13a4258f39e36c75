//! Plugins carry a copy of `wit/`, as their authors would. Here the copies are held to the original.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// Every folder with a copy of `wit/`.
const COPIES: [&str; 10] = [
    "plugins/docs/wit/deps/toolcell-plugin",
    "plugins/packing/wit/deps/toolcell-plugin",
    "plugins/primes/wit/deps/toolcell-plugin",
    "plugins/recipes/wit/deps/toolcell-plugin",
    "plugins/release/wit/deps/toolcell-plugin",
    "tests/conformance/wit/deps/toolcell-plugin",
    "tests/conformance-js/wit/deps/toolcell-plugin",
    "tests/fixtures/asker/wit/deps/toolcell-plugin",
    "tests/fixtures/hostile/wit/deps/toolcell-plugin",
    "tests/fixtures/shelf/wit/deps/toolcell-plugin",
];

#[test]
fn every_copy_of_the_wit_package_equals_the_original() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the repository")?;
    let original = files(&root.join("wit"))?;
    ensure!(original.contains_key("progress.wit"), "wit/ holds {:?}", original.keys());
    for copy in COPIES {
        ensure!(files(&root.join(copy))? == original, "{copy} differs from wit/: copy the folder again");
    }
    Ok(())
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

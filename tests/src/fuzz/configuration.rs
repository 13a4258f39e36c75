//! `plugin.toml` and `toolcell.toml`.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;
use toolcell_cli::document::origin::Origin;
use toolcell_cli::ui::problem::Result;
use toolcell_cli::{config as configuration, manifest as author};

use super::assert_clear;

thread_local! {
    /// Where a thread writes the file that it reads.
    static DIRECTORY: TempDir = tempfile::tempdir().expect("a directory to write in");
}

/// Reads a `plugin.toml`. It is refused with what to write; or it means the same when another program writes it again.
pub fn manifest(data: &[u8]) {
    check(data, author::FILE, |file| {
        let directory = file.parent().expect("a file is in a directory");
        author::read(directory).map(|manifest| author::Manifest { origin: Origin::default(), ..manifest })
    });
}

/// Reads a `toolcell.toml`, with the same promises.
pub fn config(data: &[u8]) {
    check(data, configuration::FILE, |file| {
        configuration::read(&file).map(|config| configuration::Config { origin: Origin::default(), ..config })
    });
}

fn check<T: std::fmt::Debug>(data: &[u8], name: &str, read: impl Fn(PathBuf) -> Result<T>) {
    let file = DIRECTORY.with(|directory| directory.path().join(name));
    let read = |text: &[u8]| {
        fs::write(&file, text).expect("the file can be written");
        read(file.clone())
    };
    let value = match read(data) {
        Ok(value) => value,
        Err(problem) => return assert_clear(&problem),
    };
    let text = std::str::from_utf8(data).expect("what was read is text");
    let table: toml::Table = text.parse().expect("what was read is TOML");
    let written = toml::to_string(&table).expect("a table is TOML");
    let again = read(written.as_bytes())
        .unwrap_or_else(|problem| panic!("refused when written again: {problem}\n{written}"));
    assert_eq!(format!("{again:?}"), format!("{value:?}"));
}

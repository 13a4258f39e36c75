//! The files of one granted directory. The contract of every function is in `wit/world.wit`.

mod directory;
mod excerpt;
mod root;
mod search;

wit_bindgen::generate!({ world: "files", path: "wit", generate_all });

use exports::samples::files::tools::{Entry, EntryKind, Excerpt, FileError, Guest, Hit, SearchResult};
use root::Root;

/// The guest path of the granted directory, as requested in `plugin.toml`.
const GRANTED: &str = "/data";

struct Files;

impl Guest for Files {
    fn list_directory(path: String) -> Result<Vec<Entry>, FileError> {
        directory::list(&Root::new(GRANTED), &path)
    }

    fn read_lines(path: String, first_line: u32, max_lines: u32) -> Result<Excerpt, FileError> {
        let text = Root::new(GRANTED).read(&path)?;
        Ok(excerpt::excerpt(&text, first_line, max_lines))
    }

    fn search_files(
        text: String,
        path: String,
        ignore_case: bool,
        max_hits: u32,
    ) -> Result<SearchResult, FileError> {
        let wanted = search::Wanted::new(&text, ignore_case);
        search::search(&Root::new(GRANTED), &path, &wanted, max_hits as usize)
    }
}

export!(Files);

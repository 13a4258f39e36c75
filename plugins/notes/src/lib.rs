//! Notes for each caller. The contract of every function is in `wit/world.wit`.

mod bucket;
mod error;
mod name;
mod notebook;
mod record;
mod resources;
mod search;
#[cfg(test)]
mod shelf;

wit_bindgen::generate!({ world: "notes", path: "wit", generate_all });

use std::time::{SystemTime, UNIX_EPOCH};

use bucket::Bucket;
use error::NoteError;
use exports::samples::notes::tools::{Found, Guest, Listing, Note, Saved};
use notebook::Notebook;

struct Notes;

impl Guest for Notes {
    fn write_note(name: String, text: String, revision: Option<u32>) -> Result<Saved, String> {
        told(notebook().and_then(|notebook| notebook.write(&name, &text, revision, now())))
    }

    fn append_note(name: String, text: String) -> Result<Saved, String> {
        told(notebook().and_then(|notebook| notebook.append(&name, &text, now())))
    }

    fn read_note(name: String) -> Result<Note, String> {
        told(notebook().and_then(|notebook| notebook.read(&name)))
    }

    fn list_notes(prefix: Option<String>, after: Option<String>, max_notes: u32) -> Result<Listing, String> {
        let (prefix, after) = (prefix.unwrap_or_default(), after.unwrap_or_default());
        told(notebook().and_then(|notebook| notebook.list(&prefix, &after, max_notes as usize)))
    }

    fn search_notes(text: String, prefix: Option<String>, after: Option<String>) -> Result<Found, String> {
        let (prefix, after) = (prefix.unwrap_or_default(), after.unwrap_or_default());
        told(notebook().and_then(|notebook| search::search(&notebook, &text, &prefix, &after)))
    }

    fn delete_note(name: String) -> Result<bool, String> {
        told(notebook().and_then(|notebook| notebook.delete(&name)))
    }
}

/// Opens the notes of the caller.
fn notebook() -> Result<Notebook<Bucket>, NoteError> {
    Bucket::open().map(Notebook::new)
}

/// Turns an error into the text that the model reads.
fn told<T>(result: Result<T, NoteError>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

/// Returns the seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

export!(Notes);

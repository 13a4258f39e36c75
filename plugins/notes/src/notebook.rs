//! The notes of one caller: what the tools do, on any store that can swap.

use crate::error::NoteError;
use crate::exports::samples::notes::tools::{Entry, Listing, Note, Saved};
use crate::name;
use crate::record::{MAX_TEXT_BYTES, Record};

/// How often a change that another call has overtaken is tried again.
const ATTEMPTS: usize = 8;

/// The outcome of a swap.
pub(crate) enum Swap<S> {
    /// The value is written.
    Done,
    /// Another call was faster; this is what is there now.
    Outdated(S),
}

/// Values under keys, of one caller.
pub(crate) trait Shelf {
    /// A key as it was when it was looked at.
    type Seen;

    /// Reads a key.
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, NoteError>;

    /// Looks at a key that is to be swapped.
    fn look(&self, key: &str) -> Result<Self::Seen, NoteError>;

    /// Returns the value that was there.
    fn current(&self, seen: &Self::Seen) -> Result<Option<Vec<u8>>, NoteError>;

    /// Writes a value if the key is still as it was.
    fn swap(&self, seen: Self::Seen, value: &[u8]) -> Result<Swap<Self::Seen>, NoteError>;

    /// Deletes a key, and tells whether it existed.
    fn delete(&self, key: &str) -> Result<bool, NoteError>;

    /// Lists a page of keys in alphabetical order, with the cursor of the next page.
    fn keys(&self, cursor: Option<&str>) -> Result<(Vec<String>, Option<String>), NoteError>;
}

/// The notes of one caller.
pub(crate) struct Notebook<S> {
    shelf: S,
}

/// Some names, and where to go on.
pub(crate) struct Names {
    pub(crate) names: Vec<String>,
    /// The last of the names, if there are more.
    pub(crate) next: Option<String>,
}

impl<S: Shelf> Notebook<S> {
    /// Makes the notebook of the caller whose shelf this is.
    pub(crate) fn new(shelf: S) -> Self {
        Self { shelf }
    }

    /// Reads a note.
    ///
    /// # Errors
    /// [`NoteError::Missing`], and what keeps the store from reading.
    pub(crate) fn read(&self, name: &str) -> Result<Note, NoteError> {
        name::check(name)?;
        let record = self.record(name)?.ok_or_else(|| NoteError::Missing(name.to_owned()))?;
        let modified = record.time();
        Ok(Note { name: name.to_owned(), text: record.text, revision: record.revision, modified })
    }

    /// Writes a note, at `now` in seconds since 1970; with a revision, only if the note has it.
    ///
    /// # Errors
    /// [`NoteError::Changed`] and [`NoteError::TooLarge`], and what keeps the store from writing.
    pub(crate) fn write(
        &self,
        name: &str,
        text: &str,
        revision: Option<u32>,
        now: u64,
    ) -> Result<Saved, NoteError> {
        self.change(name, now, |old| {
            let found = old.map_or(0, |record| record.revision);
            match revision {
                Some(expected) if expected != found => {
                    Err(NoteError::Changed { name: name.to_owned(), expected, found })
                }
                _ => Ok(text.to_owned()),
            }
        })
    }

    /// Adds a text to the end of a note, at `now` in seconds since 1970.
    ///
    /// # Errors
    /// [`NoteError::TooLarge`], and what keeps the store from writing.
    pub(crate) fn append(&self, name: &str, text: &str, now: u64) -> Result<Saved, NoteError> {
        self.change(name, now, |old| {
            let mut whole = old.map_or_else(String::new, |record| record.text.clone());
            if !whole.is_empty() && !whole.ends_with('\n') {
                whole.push('\n');
            }
            Ok(whole + text)
        })
    }

    /// Deletes a note, and tells whether it existed.
    ///
    /// # Errors
    /// What keeps the store from deleting.
    pub(crate) fn delete(&self, name: &str) -> Result<bool, NoteError> {
        name::check(name)?;
        self.shelf.delete(name)
    }

    /// Lists notes whose names start with `prefix` and come after `after`.
    ///
    /// # Errors
    /// What keeps the store from reading.
    pub(crate) fn list(&self, prefix: &str, after: &str, most: usize) -> Result<Listing, NoteError> {
        let Names { names, next } = self.names(prefix, after, most)?;
        let entries = names.into_iter().filter_map(|name| self.entry(name).transpose());
        Ok(Listing { notes: entries.collect::<Result<_, _>>()?, next })
    }

    /// Lists at most this many names that start with `prefix` and come after `after`.
    ///
    /// # Errors
    /// What keeps the store from reading.
    pub(crate) fn names(&self, prefix: &str, after: &str, most: usize) -> Result<Names, NoteError> {
        let mut names: Vec<String> = Vec::new();
        let mut cursor = None;
        loop {
            let (page, next) = self.shelf.keys(cursor.as_deref())?;
            let is_past = |name: &String| name.as_str() > prefix && !name.starts_with(prefix);
            let ends = next.is_none() || page.last().is_some_and(is_past);
            names.extend(page.into_iter().filter(|name| name.starts_with(prefix) && name.as_str() > after));
            if names.len() > most {
                names.truncate(most);
                let next = names.last().cloned();
                return Ok(Names { names, next });
            }
            if ends {
                return Ok(Names { names, next: None });
            }
            cursor = next;
        }
    }

    /// Reads what is kept of a note, if it exists.
    ///
    /// # Errors
    /// [`NoteError::Damaged`], and what keeps the store from reading.
    pub(crate) fn record(&self, name: &str) -> Result<Option<Record>, NoteError> {
        self.shelf.get(name)?.map(|value| Record::of_value(name, value)).transpose()
    }

    /// Describes a note for a list; none if it was deleted meanwhile.
    fn entry(&self, name: String) -> Result<Option<Entry>, NoteError> {
        let Some(record) = self.record(&name)? else { return Ok(None) };
        let (title, modified, bytes) = (record.title(), record.time(), record.text.len() as u32);
        Ok(Some(Entry { name, title, revision: record.revision, modified, bytes }))
    }

    /// Replaces the text of a note by one that is made from it, again as long as other calls are faster.
    fn change(
        &self,
        name: &str,
        now: u64,
        text: impl Fn(Option<&Record>) -> Result<String, NoteError>,
    ) -> Result<Saved, NoteError> {
        name::check(name)?;
        let mut seen = self.shelf.look(name)?;
        for _ in 0..ATTEMPTS {
            let old = self.shelf.current(&seen)?.map(|value| Record::of_value(name, value)).transpose()?;
            let text = text(old.as_ref())?;
            if text.len() > MAX_TEXT_BYTES {
                return Err(NoteError::TooLarge { bytes: text.len() });
            }
            if let Some(same) = old.as_ref().filter(|old| old.text == text) {
                return Ok(saved(name, same));
            }
            let revision = old.map_or(0, |old| old.revision).saturating_add(1);
            let new = Record { revision, modified: now, text };
            match self.shelf.swap(seen, &new.to_value())? {
                Swap::Done => return Ok(saved(name, &new)),
                Swap::Outdated(newer) => seen = newer,
            }
        }
        Err(NoteError::Busy(name.to_owned()))
    }
}

fn saved(name: &str, record: &Record) -> Saved {
    Saved { name: name.to_owned(), revision: record.revision, modified: record.time() }
}

#[cfg(test)]
mod tests {
    use super::{ATTEMPTS, NoteError, Notebook};
    use crate::record::MAX_TEXT_BYTES;
    use crate::shelf::Memory;

    const NOW: u64 = 1_768_230_058;

    fn notebook() -> Notebook<Memory> {
        Notebook::new(Memory::default())
    }

    #[test]
    fn a_note_is_read_as_it_was_written() {
        let notebook = notebook();
        let saved = notebook.write("a/b", "text", None, NOW).unwrap();
        assert_eq!((saved.revision, saved.modified.as_str()), (1, "2026-01-12T15:00:58Z"));
        let note = notebook.read("a/b").unwrap();
        assert_eq!((note.text.as_str(), note.revision), ("text", 1));
        assert_eq!(notebook.read("a").unwrap_err(), NoteError::Missing("a".to_owned()));
    }

    #[test]
    fn a_revision_that_is_not_there_writes_nothing() {
        let notebook = notebook();
        let changed = |expected, found| NoteError::Changed { name: "a".to_owned(), expected, found };
        assert_eq!(notebook.write("a", "x", Some(1), NOW).unwrap_err(), changed(1, 0));
        assert_eq!(notebook.write("a", "x", Some(0), NOW).unwrap().revision, 1);
        assert_eq!(notebook.write("a", "y", Some(0), NOW).unwrap_err(), changed(0, 1));
        assert_eq!(notebook.write("a", "y", Some(1), NOW).unwrap().revision, 2);
        assert_eq!(notebook.write("a", "z", Some(1), NOW).unwrap_err(), changed(1, 2));
        assert_eq!(notebook.read("a").unwrap().text, "y");
    }

    #[test]
    fn the_same_text_is_not_written_again() {
        let notebook = notebook();
        notebook.write("a", "x", None, NOW).unwrap();
        let again = notebook.write("a", "x", None, NOW + 60).unwrap();
        assert_eq!((again.revision, again.modified.as_str()), (1, "2026-01-12T15:00:58Z"));
    }

    #[test]
    fn a_text_is_added_on_a_new_line() {
        let notebook = notebook();
        for text in ["one", "two\n", "three"] {
            notebook.append("a", text, NOW).unwrap();
        }
        assert_eq!(notebook.read("a").unwrap().text, "one\ntwo\nthree");
        assert_eq!(notebook.read("a").unwrap().revision, 3);
    }

    #[test]
    fn a_note_has_a_largest_size() {
        let notebook = notebook();
        let text = "x".repeat(MAX_TEXT_BYTES);
        notebook.write("a", &text, None, NOW).unwrap();
        let error = notebook.append("a", "y", NOW).unwrap_err();
        assert_eq!(error, NoteError::TooLarge { bytes: MAX_TEXT_BYTES + 2 });
        assert_eq!(notebook.read("a").unwrap().text, text);
    }

    #[test]
    fn nothing_is_lost_if_another_call_is_faster() {
        let notebook = notebook();
        notebook.write("a", "old", None, NOW).unwrap();
        notebook.shelf.overtake("a", 2);
        notebook.append("a", "mine", NOW).unwrap();
        assert_eq!(notebook.read("a").unwrap().text, "old\nother 1\nother 0\nmine");
        notebook.shelf.overtake("a", 1);
        let error = notebook.write("a", "mine", Some(4), NOW).unwrap_err();
        assert_eq!(error, NoteError::Changed { name: "a".to_owned(), expected: 4, found: 5 });
    }

    #[test]
    fn a_change_that_is_always_overtaken_ends() {
        let notebook = notebook();
        notebook.shelf.overtake("a", ATTEMPTS);
        assert_eq!(notebook.append("a", "mine", NOW).unwrap_err(), NoteError::Busy("a".to_owned()));
    }

    #[test]
    fn a_deleted_note_is_gone() {
        let notebook = notebook();
        notebook.write("a", "x", None, NOW).unwrap();
        assert_eq!(notebook.delete("a"), Ok(true));
        assert_eq!(notebook.delete("a"), Ok(false));
        assert!(notebook.read("a").is_err());
    }

    #[test]
    fn a_long_list_comes_in_pages_without_loss() {
        let notebook = notebook();
        let mut written: Vec<_> = (0..25).map(|number| format!("a/{number:02}")).collect();
        for name in written.iter().map(String::as_str).chain(["a", "ab", "b", "0"]) {
            notebook.write(name, name, None, NOW).unwrap();
        }
        let (mut read, mut after, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let page = notebook.list("a/", &after, 10).unwrap();
            pages += 1;
            read.extend(page.notes.into_iter().map(|entry| entry.name));
            match page.next {
                Some(next) => after = next,
                None => break,
            }
        }
        written.sort();
        assert_eq!((read, pages), (written, 3));
        assert_eq!(notebook.list("", "", 100).unwrap().notes.len(), 29);
        assert!(notebook.list("c", "", 10).unwrap().notes.is_empty());
    }

    #[test]
    fn a_page_that_is_just_full_is_the_last_one() {
        let notebook = notebook();
        for number in 0..10 {
            notebook.write(&format!("{number}"), "x", None, NOW).unwrap();
        }
        let page = notebook.list("", "", 10).unwrap();
        assert_eq!((page.notes.len(), page.next), (10, None));
    }

    #[test]
    fn the_list_reads_no_pages_behind_the_prefix() {
        let notebook = notebook();
        for number in 0..40 {
            notebook.write(&format!("{number:02}"), "x", None, NOW).unwrap();
        }
        notebook.list("0", "", 40).unwrap();
        assert_eq!(notebook.shelf.listed(), 3, "a page has four keys");
    }
}

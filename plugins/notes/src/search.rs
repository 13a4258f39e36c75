//! The search for a text in notes.

use crate::error::NoteError;
use crate::exports::samples::notes::tools::{Found, Hit};
use crate::notebook::{Names, Notebook, Shelf};

/// Notes that one call reads: with the pages of names, less than the 100 operations that a call has by default.
const MOST_NOTES: usize = 40;

/// Lines of one note.
const MOST_LINES: usize = 3;

/// Characters of a line that are shown.
const LINE_CHARS: usize = 200;

/// Finds lines with a text, in any letter case, in the notes after `after`.
///
/// # Errors
/// What keeps the store from reading.
pub(crate) fn search<S: Shelf>(
    notebook: &Notebook<S>,
    text: &str,
    prefix: &str,
    after: &str,
) -> Result<Found, NoteError> {
    let wanted = text.to_lowercase();
    let Names { names, next } = notebook.names(prefix, after, MOST_NOTES)?;
    let mut hits = Vec::new();
    for name in names {
        // A note that was deleted meanwhile, or is not readable, has no lines.
        match notebook.record(&name) {
            Ok(Some(record)) => hits.extend(lines(&name, &record.text, &wanted)),
            Ok(None) | Err(NoteError::Damaged(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Found { hits, next })
}

fn lines(name: &str, text: &str, wanted: &str) -> impl Iterator<Item = Hit> {
    let lines = text.lines().zip(1..).filter(move |(line, _)| line.to_lowercase().contains(wanted));
    lines.take(MOST_LINES).map(|(line, number)| Hit {
        name: name.to_owned(),
        line: number,
        text: line.chars().take(LINE_CHARS).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::{MOST_LINES, MOST_NOTES, search};
    use crate::notebook::Notebook;
    use crate::shelf::Memory;

    #[test]
    fn lines_are_found_in_any_letter_case() {
        let notebook = Notebook::new(Memory::default());
        notebook.write("garden/roses", "Water them.\nPrune ROSES in March.", None, 0).unwrap();
        notebook.write("trips", "See the roses.", None, 0).unwrap();
        let found = search(&notebook, "Roses", "", "").unwrap();
        let hits: Vec<_> = found.hits.iter().map(|hit| (hit.name.as_str(), hit.line)).collect();
        assert_eq!(hits, [("garden/roses", 2), ("trips", 1)]);
        assert_eq!(search(&notebook, "roses", "t", "").unwrap().hits.len(), 1);
        assert!(search(&notebook, "tulips", "", "").unwrap().hits.is_empty());
    }

    #[test]
    fn many_notes_are_searched_by_several_calls() {
        let notebook = Notebook::new(Memory::default());
        for number in 0..=MOST_NOTES {
            notebook.write(&format!("{number:03}"), "rose\nrose\nrose\nrose", None, 0).unwrap();
        }
        let first = search(&notebook, "rose", "", "").unwrap();
        assert_eq!(first.hits.len(), MOST_NOTES * MOST_LINES);
        let second = search(&notebook, "rose", "", &first.next.unwrap()).unwrap();
        assert_eq!((second.hits.len(), second.next), (MOST_LINES, None));
    }
}

//! A note as it is kept: a line with its format, revision and time, and then its text.

use std::time::{Duration, UNIX_EPOCH};

use crate::error::NoteError;

/// The largest text; the store takes values of up to 256 KiB.
pub(crate) const MAX_TEXT_BYTES: usize = 64 << 10;

/// The format of values, so that a later version can tell what it reads.
const FORMAT: &str = "1";

/// A note as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    /// The number of its last change, from 1.
    pub(crate) revision: u32,
    /// The time of its last change, in seconds since 1970.
    pub(crate) modified: u64,
    pub(crate) text: String,
}

impl Record {
    /// Writes the value that is kept.
    pub(crate) fn to_value(&self) -> Vec<u8> {
        format!("{FORMAT} {} {}\n{}", self.revision, self.modified, self.text).into_bytes()
    }

    /// Reads the value that is kept for the note `name`.
    ///
    /// # Errors
    /// [`NoteError::Damaged`].
    pub(crate) fn of_value(name: &str, value: Vec<u8>) -> Result<Self, NoteError> {
        let text = String::from_utf8(value).ok();
        let record = text.as_deref().and_then(Self::parse);
        record.ok_or_else(|| NoteError::Damaged(name.to_owned()))
    }

    fn parse(value: &str) -> Option<Self> {
        let (head, text) = value.split_once('\n')?;
        let mut head = head.split(' ');
        let (format, revision, modified) = (head.next()?, head.next()?, head.next()?);
        if format != FORMAT || head.next().is_some() {
            return None;
        }
        Some(Self {
            revision: revision.parse().ok()?,
            modified: modified.parse().ok()?,
            text: text.to_owned(),
        })
    }

    /// Returns the first line that is not empty, cut.
    pub(crate) fn title(&self) -> String {
        const TITLE_CHARS: usize = 80;
        let line = self.text.lines().map(str::trim).find(|line| !line.is_empty());
        line.unwrap_or_default().chars().take(TITLE_CHARS).collect()
    }

    /// Returns the time of the last change as clients read it.
    pub(crate) fn time(&self) -> String {
        let time = UNIX_EPOCH.checked_add(Duration::from_secs(self.modified));
        time.and_then(iso_time::format).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{NoteError, Record};

    #[test]
    fn a_record_comes_back_from_its_value() {
        for text in ["", "one", "\n\n", "1 2 3\nfour"] {
            let record = Record { revision: 7, modified: 1_768_230_058, text: text.to_owned() };
            assert_eq!(Record::of_value("a", record.to_value()), Ok(record));
        }
    }

    #[test]
    fn what_something_else_has_written_is_damaged() {
        for value in ["", "1 2 3", "2 1 1\ntext", "1 x 1\ntext", "1 1 1 1\ntext", "1 -1 1\ntext", "text\n"] {
            let read = Record::of_value("a", value.as_bytes().to_vec());
            assert_eq!(read, Err(NoteError::Damaged("a".to_owned())), "{value:?}");
        }
        assert!(Record::of_value("a", vec![b'1', 0xff]).is_err());
    }

    #[test]
    fn a_title_is_the_first_line_with_something_in_it() {
        let title = |text: &str| Record { revision: 1, modified: 0, text: text.to_owned() }.title();
        assert_eq!(title("\n  # Roses  \nmore"), "# Roses");
        assert_eq!(title(""), "");
        assert_eq!(title(&"ü".repeat(200)), "ü".repeat(80));
    }
}

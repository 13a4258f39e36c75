//! Keeps the positions of the keys of a file.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Keeps the positions of the keys of a file, for errors found after reading.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    file: String,
    lines: BTreeMap<String, usize>,
}

impl Origin {
    /// An origin without lines: for what was read from something else than a text file.
    pub fn of(file: impl Into<String>) -> Self {
        Self { file: file.into(), lines: BTreeMap::new() }
    }

    /// Takes down the line of a key.
    pub(crate) fn add(&mut self, key: &str, line: usize) {
        self.lines.insert(key.to_owned(), line);
    }

    /// The file's name as errors show it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Writes `file:line: key`; a key that is not in the file gets the line of its nearest parent.
    pub fn place(&self, key: &str) -> String {
        match self.line(key) {
            Some(line) => format!("{}:{line}: {key}", self.file),
            None => format!("{}: {key}", self.file),
        }
    }

    fn line(&self, key: &str) -> Option<usize> {
        let mut key = key;
        loop {
            if let Some(line) = self.lines.get(key) {
                return Some(*line);
            }
            key = &key[..key.rfind(['.', '['])?];
        }
    }

    /// Takes down where the keys of a table are; `lines` are those of its text.
    pub(super) fn index(&mut self, lines: &Lines, path: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let path = join(path, key.get_ref());
            self.index_value(lines, &path, value);
            self.lines.insert(path, lines.number(key.span().start));
        }
    }

    fn index_value(&mut self, lines: &Lines, path: &str, value: &Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::Table(table) => self.index(lines, path, table),
            DeValue::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    let path = format!("{path}[{at}]");
                    self.index_value(lines, &path, item);
                    self.lines.insert(path, lines.number(item.span().start));
                }
            }
            _ => {}
        }
    }
}

/// Writes the full name of a key.
pub(super) fn join(path: &str, key: &str) -> String {
    match path {
        "" => key.to_string(),
        path => format!("{path}.{key}"),
    }
}

/// Numbers the lines of a text: a file may have as many keys as lines.
pub(super) struct Lines {
    /// Offsets of the line breaks.
    breaks: Vec<usize>,
}

impl Lines {
    /// Finds the lines of `text`.
    pub(super) fn of(text: &str) -> Self {
        Self { breaks: text.match_indices('\n').map(|(at, _)| at).collect() }
    }

    /// Returns the number of the line that an offset is on, from 1.
    pub(super) fn number(&self, offset: usize) -> usize {
        1 + self.breaks.partition_point(|at| *at < offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_with_its_break() {
        let lines = Lines::of("a\n\nb");
        assert_eq!([0, 1, 2, 3, 4].map(|offset| lines.number(offset)), [1, 1, 2, 3, 3]);
    }
}

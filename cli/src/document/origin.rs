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

    /// Takes down where the keys of a table of `text` are.
    pub(super) fn index(&mut self, text: &str, path: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let path = join(path, key.get_ref());
            self.lines.insert(path.clone(), line_of(text, key.span().start));
            self.index_value(text, &path, value);
        }
    }

    fn index_value(&mut self, text: &str, path: &str, value: &Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::Table(table) => self.index(text, path, table),
            DeValue::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    let path = format!("{path}[{at}]");
                    self.lines.insert(path.clone(), line_of(text, item.span().start));
                    self.index_value(text, &path, item);
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

/// Counts lines up to an offset, from 1.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    1 + text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count()
}

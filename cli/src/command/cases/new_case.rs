//! A case made of a call that somebody has made by hand.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::value::RawValue;

use super::json::{Members, written};
use super::{case, client, pretty};
use crate::ui::problem::Problem;

/// The longest name of a case, in bytes.
const NAME_BYTES: usize = 64;

/// A case that is not in a file yet.
pub(crate) struct NewCase {
    members: Vec<(String, Box<RawValue>)>,
}

/// A reason why a case is not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NewCaseError {
    /// A name that no file of a case has.
    #[error("the name of the case: expected 1 to {NAME_BYTES} of a-z, 0-9, `-` and `_`, found {0:?}")]
    Name(String),
    /// A case of this name is there.
    #[error("{} exists, and is not overwritten: choose another name", .0.display())]
    Exists(PathBuf),
    /// The case could not be played.
    #[error("{0}")]
    Refused(Problem),
    /// A result that is not an object.
    #[error("the result of the call: {0}")]
    Result(#[from] serde_json::Error),
    /// The system refuses the file.
    #[error("{} cannot be written: {error}", .file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// The system's error.
        error: std::io::Error,
    },
}

impl NewCase {
    /// Begins a case: `tool`, `prompt` or `resource`, and what is called.
    pub(crate) fn new(key: &str, subject: &str) -> Self {
        Self { members: vec![(key.to_owned(), written(&subject))] }
    }

    /// Adds a member.
    pub(crate) fn put(&mut self, key: &str, value: &(impl Serialize + ?Sized)) {
        self.members.push((key.to_owned(), written(&value)));
    }

    /// Adds what a client was given as what is expected.
    ///
    /// # Errors
    /// It is not an object.
    pub(crate) fn expect(&mut self, result: &RawValue) -> Result<(), NewCaseError> {
        let own = client::own(&Members::of(result.get())?);
        self.put("expect", &own);
        Ok(())
    }

    /// Writes the case of a plugin under a name that is free. No reader ever sees half of it.
    ///
    /// # Errors
    /// The name is taken or cannot be one, the case is malformed, or the file cannot be written.
    pub(crate) fn write(&self, plugin: &Path, name: &str) -> Result<PathBuf, NewCaseError> {
        if !is_name(name) {
            return Err(NewCaseError::Name(name.to_owned()));
        }
        let directory = plugin.join(case::DIRECTORY);
        let file = directory.join(format!("{name}.json"));
        let cannot = |error| NewCaseError::Write { file: file.clone(), error };
        std::fs::create_dir_all(&directory).map_err(cannot)?;
        let mut draft = tempfile::Builder::new()
            .prefix(".toolcell-")
            .suffix(".json.new")
            .tempfile_in(&directory)
            .map_err(cannot)?;
        let members = self.members.iter().map(|(key, value)| (key.as_str(), &**value));
        draft.write_all(pretty::file(members).as_bytes()).map_err(cannot)?;
        case::read(draft.path()).map_err(NewCaseError::Refused)?;
        draft.persist_noclobber(&file).map_err(|error| match error.error.kind() {
            std::io::ErrorKind::AlreadyExists => NewCaseError::Exists(file.clone()),
            _ => cannot(error.error),
        })?;
        Ok(file)
    }
}

fn is_name(name: &str) -> bool {
    let is_accepted =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    (1..=NAME_BYTES).contains(&name.len()) && name.bytes().all(is_accepted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    fn case() -> NewCase {
        let mut case = NewCase::new("tool", "add");
        case.put("arguments", &*raw(r#"{"a":18446744073709551615,"b":1.0}"#));
        let result =
            r#"{"content":[],"resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":{}}}"#;
        case.expect(&raw(result)).unwrap();
        case
    }

    #[test]
    fn a_case_is_written_as_the_runner_reads_it_and_never_twice() {
        let plugin = tempfile::tempdir().unwrap();
        let file = case().write(plugin.path(), "big").unwrap();
        let expected = "{\n  \"tool\": \"add\",\n  \"arguments\": { \"a\": 18446744073709551615, \"b\": 1.0 },\n  \
                        \"expect\": { \"content\": [] }\n}\n";
        assert_eq!(std::fs::read_to_string(&file).unwrap(), expected);
        std::fs::write(&file, "the author's own").unwrap();
        assert!(matches!(case().write(plugin.path(), "big"), Err(NewCaseError::Exists(_))));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "the author's own");
        assert_eq!(std::fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "nothing is left behind");
    }

    #[test]
    fn names_that_lead_elsewhere_and_cases_that_cannot_be_played_are_refused() {
        let plugin = tempfile::tempdir().unwrap();
        for name in ["", "../x", "a/b", "A", ".x", "a.json", "x\0", &"a".repeat(65)] {
            assert!(matches!(case().write(plugin.path(), name), Err(NewCaseError::Name(_))), "{name:?}");
        }
        let malformed = NewCase::new("tul", "add").write(plugin.path(), "x");
        assert!(matches!(malformed, Err(NewCaseError::Refused(_))));
        assert!(!plugin.path().join("cases/x.json").exists());
    }
}
